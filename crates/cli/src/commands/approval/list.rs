//! `countersign approval list`.

use contract::approvals::TicketSummary;

use crate::commands::ticket;
use crate::connection::Connection;
use crate::exit::Failure;

/// List tickets, newest first
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  countersign approval list --env prod")]
pub(crate) struct Args {
    /// Which ones
    #[arg(long, value_enum, default_value_t = View::Pending)]
    view: View,
    /// Only of this environment
    #[arg(long, value_name = "ENV")]
    env: Option<String>,
    /// Only with this text in them
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum View {
    /// What you can decide now
    Mine,
    /// What is open
    Pending,
    /// What is settled
    Closed,
}

impl View {
    const fn name(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Pending => "pending",
            Self::Closed => "closed",
        }
    }
}

pub(super) async fn run(connection: &Connection, args: &Args) -> Result<(), Failure> {
    let mut tickets: Vec<TicketSummary> = Vec::new();
    let mut cursor: Option<String> = None;
    while tickets.len() < args.limit {
        let mut query = vec![("view", args.view.name())];
        query.extend(args.env.as_deref().map(|env| ("env", env)));
        query.extend(args.text.as_deref().map(|text| ("text", text)));
        query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let page = connection.api.inbox(&query).await?;
        tickets.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let more = cursor.is_some() || tickets.len() > args.limit;
    tickets.truncate(args.limit);
    connection.out.result(&tickets, |tickets| ticket::list(tickets))?;
    if more {
        connection.out.note(&format!("there are more than {}; `--limit` shows more", args.limit));
    }
    Ok(())
}
