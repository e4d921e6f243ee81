//! `countersign approval`: tickets without running anything. Reviews are signed in the console, never here.

mod list;
mod request;
mod verify;

use contract::approvals::Ticket;
use domain::grant::Grant;
use domain::id::TicketId;
use domain::ticket::State;

use crate::cli::Global;
use crate::commands::ticket;
use crate::connection::Connection;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::patience;
use crate::span::Span;
use crate::standing;

/// Open, see, wait for, cancel, revoke and verify approval tickets
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Example:\n  countersign approval list")]
pub(crate) enum Command {
    Request(request::Args),
    List(list::Args),
    /// Show a ticket
    #[command(after_help = "Example:\n  countersign approval show tkt_01HZY3V5W2M4Q6S8T0XABCDEFG")]
    Show {
        /// The ticket
        id: TicketId,
    },
    /// Wait until a ticket is approved; the exit code tells if it is denied, expired or cancelled instead
    #[command(after_help = "Example:\n  countersign approval wait tkt_01HZY3V5W2M4Q6S8T0XABCDEFG --timeout 10m")]
    Wait {
        /// The ticket
        id: TicketId,
        /// How long at most, like `10m`
        #[arg(long, value_name = "DURATION")]
        timeout: Option<Span>,
    },
    /// Take a ticket of your own back
    #[command(
        after_help = "Example:\n  countersign approval cancel tkt_01HZY3V5W2M4Q6S8T0XABCDEFG --reason \"Not today\""
    )]
    Cancel {
        /// The ticket
        id: TicketId,
        /// Why; it stays in the audit trail
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Withdraw an approval that others gave, as a person who may review; what is not spent of it never will be
    #[command(
        after_help = "Example:\n  countersign approval revoke tkt_01HZY3V5W2M4Q6S8T0XABCDEFG --reason \"The release is withdrawn\""
    )]
    Revoke {
        /// The ticket
        id: TicketId,
        /// Why; the requester gets it word for word
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Print the grant of an approved ticket of your own, to be kept or verified elsewhere
    #[command(after_help = "Example:\n  countersign approval grant tkt_01HZY3V5W2M4Q6S8T0XABCDEFG")]
    Grant {
        /// The ticket
        id: TicketId,
    },
    Verify(verify::Args),
}

pub(crate) async fn run(global: &Global, command: &Command) -> Result<(), Failure> {
    let open = || Connection::open(global);
    match command {
        Command::Request(args) => request::run(&open()?, args).await,
        Command::List(args) => list::run(&open()?, args).await,
        Command::Show { id } => show(&open()?, *id).await,
        Command::Wait { id, timeout } => wait(&open()?, *id, *timeout).await,
        Command::Cancel { id, reason } => cancel(&open()?, *id, reason).await,
        Command::Revoke { id, reason } => revoke(&open()?, *id, reason).await,
        Command::Grant { id } => grant(&open()?, *id).await,
        Command::Verify(args) => verify::run(global, args),
    }
}

async fn show(connection: &Connection, id: TicketId) -> Result<(), Failure> {
    connection.out.result(&connection.api.ticket(id).await?, ticket::whole)
}

async fn wait(connection: &Connection, id: TicketId, timeout: Option<Span>) -> Result<(), Failure> {
    let settled = settled(connection, id, timeout).await?;
    connection.out.result(&settled, |ticket| format!("{} is {}", ticket.id, ticket.state.name()))?;
    match (&settled.state, ticket::refusal(&settled)) {
        // It was approved, and somebody was quicker to use it.
        (State::Consumed { .. }, _) | (_, None) => Ok(()),
        (_, Some(refusal)) => Err(refusal),
    }
}

/// A ticket once it is no longer pending; says what it waits for.
pub(super) async fn settled(connection: &Connection, id: TicketId, timeout: Option<Span>) -> Result<Ticket, Failure> {
    let known = connection.api.ticket(id).await?;
    if known.state == State::Pending {
        connection.out.note(&ticket::waits(&known));
    }
    let settling = patience::until_settled(&connection.api, known, connection.out);
    match timeout {
        None => Ok(settling.await?),
        Some(span) => Ok(tokio::time::timeout(span.duration(), settling).await.map_err(|_| {
            let waited = span.seconds();
            Failure::new(Exit::NotApproved, format!("ticket {id} was not approved within {waited} seconds"))
        })??),
    }
}

async fn cancel(connection: &Connection, id: TicketId, reason: &str) -> Result<(), Failure> {
    let cancelled: Ticket = connection.api.cancel_ticket(id, reason).await?;
    connection.out.result(&cancelled, |ticket| format!("{} is {}", ticket.id, ticket.state.name()))
}

async fn revoke(connection: &Connection, id: TicketId, reason: &str) -> Result<(), Failure> {
    let revoked: Ticket = connection.api.revoke_ticket(id, reason).await?;
    let used = standing::used(&revoked).map(|used| format!(", used {used} times")).unwrap_or_default();
    connection.out.result(&revoked, |ticket| format!("{} is {}{used}", ticket.id, ticket.state.name()))
}

async fn grant(connection: &Connection, id: TicketId) -> Result<(), Failure> {
    let grant: Grant = connection.api.grant(id).await?;
    // It is for programs, with or without `--json`.
    Output { json: true }.result(&grant, |_| String::new())
}
