//! `countersign audit export`: the trail as JSON Lines, for whoever reads it elsewhere: a replay, another system.
//!
//! Each line is an entry as it is served: its place in the ledger, and the leaf that the ledger holds, to the byte.

use super::{Filter, Sieve, earlier, page};
use crate::connection::Connection;
use crate::exit::Failure;
use crate::span::Span;
use domain::Clock as _;
use domain::ambient::SystemClock;

/// Print audit entries as JSON Lines, newest first: `countersign policy replay --export` reads them
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  countersign audit export --action decision.made --last 30d > audit.jsonl")]
pub(super) struct Args {
    /// Only of this kind, like `decision.made`; or with this action or other text in them
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only of this last while, like `30d`
    #[arg(long, value_name = "DURATION")]
    last: Option<Span>,
}

pub(super) async fn run(connection: &Connection, args: &Args) -> Result<(), Failure> {
    let filter = Filter { action: args.action.clone(), about: None, last: args.last, limit: usize::MAX };
    let mut sieve = Sieve::since(args.last.map(|span| earlier(SystemClock.now(), span)));
    let (mut cursor, mut written) = (None, 0_usize);
    loop {
        let found = page(connection, &filter, &mut sieve, cursor.as_deref()).await?;
        for listed in &found.items {
            connection.out.row(&listed.served)?;
        }
        written += found.items.len();
        cursor = found.next;
        if cursor.is_none() {
            break;
        }
    }
    connection.out.note(&format!("{written} entries"));
    Ok(())
}
