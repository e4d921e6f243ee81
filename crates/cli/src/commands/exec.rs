//! `countersign exec`: ask, wait, verify, spend, run, record.
//!
//! Invariant: nothing runs unless the action was looked at again and is the one that was allowed or approved. Up to
//! the moment when the ticket is spent, any signal that asks to end ends this and takes the ticket back that it opened.

mod clearance;
mod ending;
mod running;

use std::ffi::OsString;

use contract::approvals::Consumed;
use domain::id::TicketId;

use crate::cli::Global;
use crate::commands::exec::clearance::{Clearance, Desk};
use crate::commands::exec::ending::Ending;
use crate::connection::Connection;
use crate::exit::{self, Exit, Failure};
use crate::intent::{ActionArgs, Intent, Sight};
use crate::signals::Signals;
use crate::span::Span;
use crate::standing::StandingArgs;
use crate::trusted::TrustArgs;

const EXAMPLE: &str = "Example:
  countersign exec --env prod --action pipelines:execute --resource pipeline:billing/nightly -- ./deploy.sh --flag";
/// The heading of what is about the ticket.
const WAITING: &str = "Ticket";

/// Run a command once policy allows it, or the right people have approved exactly it
///
/// The command runs in this process's directory, process group and streams, with its environment minus
/// `COUNTERSIGN_TOKEN` and `COUNTERSIGN_MANIFEST_KEY`. Its exit code is passed on, and so are signals. Before it starts,
/// everything that was approved is looked at again: arguments, program file, directory, and the variables named with
/// `--bind-env`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE, after_long_help = format!("{EXAMPLE}\n\n{}", exit::table()))]
pub(crate) struct Args {
    #[command(flatten)]
    action: ActionArgs,
    #[command(flatten)]
    trust: TrustArgs,
    /// How long to wait for an approval, like `10m`; without a duration until the ticket expires, as by default
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "365d")]
    #[arg(help_heading = WAITING, conflicts_with = "no_wait")]
    wait: Option<Span>,
    /// Open the ticket, print it, and do not wait; run it later with `--ticket`
    #[arg(long, help_heading = WAITING)]
    no_wait: bool,
    /// Use this ticket instead of opening one; the rest must be what the ticket is about
    #[arg(long, value_name = "ID", help_heading = WAITING, conflicts_with = "standing")]
    ticket: Option<TicketId>,
    #[command(flatten)]
    standing: StandingArgs,
    /// The program and its arguments, after `--`
    #[arg(last = true, required = true, value_name = "COMMAND", help_heading = "Command")]
    pub(crate) command: Vec<OsString>,
}

/// Runs it; gives the exit code of the command.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<u8, Failure> {
    let intent = args.action.intent(&args.command)?;
    let sight = intent.look()?;
    let connection = Connection::open(global)?;
    if sight.action.command.as_ref().is_some_and(|command| command.executable_digest.is_none()) {
        connection.out.note("the program file cannot be read, so what is in it is not part of what is approved");
    }
    let mut signals = Signals::all()?;
    let desk = Desk::new(&connection, &intent, args);
    let cleared = tokio::select! {
        cleared = desk.clear(&sight) => cleared?,
        signal = signals.ending() => {
            desk.take_back(&sight, &format!("{signal} while it waited")).await;
            return Err(Failure::Signalled(signal));
        }
    };
    let begun = desk.begin(&cleared, &sight, &mut signals).await?;
    execute(&connection, &intent, &sight, &cleared, &begun, &mut signals).await
}

/// Looks once more, runs, records.
async fn execute(
    connection: &Connection,
    intent: &Intent,
    sight: &Sight,
    cleared: &Clearance,
    begun: &Consumed,
    signals: &mut Signals,
) -> Result<u8, Failure> {
    let ended = match ready(intent, sight, signals) {
        Ok(now) => running::run(connection.out, intent, &now, cleared.longest(begun), signals).await,
        Err(failure) => Err(failure),
    };
    let ending = match &ended {
        Ok(ending) => *ending,
        Err(failure) => Ending::never_ran(failure),
    };
    ending.record(connection, begun.task, signals).await;
    ended.map(Ending::code)
}

fn ready(intent: &Intent, sight: &Sight, signals: &mut Signals) -> Result<Sight, Failure> {
    if let Some(signal) = signals.has_ended() {
        return Err(Failure::Signalled(signal));
    }
    let now = intent.look()?;
    if now.action == sight.action {
        return Ok(now);
    }
    Err(Failure::new(Exit::Refused, "what would run now has changed since it was allowed; nothing ran")
        .hint("the program file or the directory was replaced meanwhile"))
}
