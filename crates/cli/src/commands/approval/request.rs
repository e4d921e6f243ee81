//! `countersign approval request`.

use std::ffi::OsString;

use domain::Clock as _;
use domain::ambient::SystemClock;

use crate::commands::ticket;
use crate::connection::Connection;
use crate::exit::Failure;
use crate::intent::ActionArgs;
use crate::once;
use crate::patience::Patience;
use crate::standing::StandingArgs;

/// How long a call that opens a ticket is repeated, in seconds.
const OPENING: u32 = 30;

/// Open a ticket without running anything; run it later with `countersign exec --ticket ID`
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  countersign approval request --env prod --action pipelines:execute --resource pipeline:billing/nightly -- ./deploy.sh")]
pub(crate) struct Args {
    #[command(flatten)]
    action: ActionArgs,
    #[command(flatten)]
    standing: StandingArgs,
    /// The same key with the same request gives the same ticket
    #[arg(long, value_name = "KEY", help_heading = "Ticket")]
    idempotency_key: Option<String>,
    /// The program and its arguments, after `--`, where a command is what runs
    #[arg(last = true, value_name = "COMMAND", help_heading = "Command")]
    command: Vec<OsString>,
}

pub(super) async fn run(connection: &Connection, args: &Args) -> Result<(), Failure> {
    let intent = args.action.intent(&args.command)?;
    let request = intent.opening(&intent.look()?, args.standing.budget());
    let key = once::key(args.idempotency_key.as_deref());
    let open = async || connection.api.open_ticket(&request, &key).await;
    let opened = Patience::new(connection.out).call(SystemClock.now().plus(OPENING), open).await?;
    connection.out.note(&ticket::waits(&opened));
    connection.out.result(&opened, |ticket| ticket.id.to_string())
}
