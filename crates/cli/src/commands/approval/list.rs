//! `countersign approval list`.

use contract::Page;
use contract::approvals::{Inbox, TicketSummary};

use crate::commands::ticket;
use crate::connection::Connection;
use crate::exit::Failure;
use crate::pages::Pages;

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
    /// Emergencies that nobody has looked at since
    AfterReview,
}

impl View {
    const fn name(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Pending => "pending",
            Self::Closed => "closed",
            Self::AfterReview => "after_review",
        }
    }
}

pub(super) async fn run(connection: &Connection, args: &Args) -> Result<(), Failure> {
    let page = async |cursor: Option<String>| page(connection, args, cursor.as_deref()).await;
    let tickets = Pages::read(args.limit, page).await?;
    connection.out.result(&tickets.items, |tickets| ticket::list(tickets))?;
    tickets.tell(connection.out);
    Ok(())
}

async fn page(connection: &Connection, args: &Args, cursor: Option<&str>) -> Result<Page<TicketSummary>, Failure> {
    let parts = [
        ("view", Some(args.view.name())),
        ("env", args.env.as_deref()),
        ("text", args.text.as_deref()),
        ("cursor", cursor),
    ];
    let query: Vec<_> = parts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let Inbox { items, next, .. } = connection.api.inbox(&query).await?;
    Ok(Page { items, next })
}
