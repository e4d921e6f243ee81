//! `countersign webhook deliveries`.

use contract::Page;
use domain::id::WebhookId;
use domain::webhook::Delivery;

use crate::connection::Connection;
use crate::exit::Failure;
use crate::output::{prose, table};
use crate::pages::Pages;

/// Whose messages, and which of them.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Of which
    webhook: WebhookId,
    /// Only those that are `waiting`, `delivered`, `failed` or `dropped`
    #[arg(long, value_parser = ["waiting", "delivered", "failed", "dropped"])]
    state: Option<String>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
}

pub(super) async fn run(connection: &Connection, args: &Args) -> Result<(), Failure> {
    let page = async |cursor: Option<String>| page(connection, args, cursor.as_deref()).await;
    let messages = Pages::read(args.limit, page).await?;
    connection.out.result(&messages.items, |deliveries| {
        let rows: Vec<_> = deliveries.iter().map(row).collect();
        table(["MESSAGE", "KIND", "STATE", "ATTEMPTS", "LAST"], &rows, "no messages")
    })?;
    messages.tell(connection.out);
    Ok(())
}

async fn page(connection: &Connection, args: &Args, cursor: Option<&str>) -> Result<Page<Delivery>, Failure> {
    let parts = [("state", args.state.as_deref()), ("cursor", cursor)];
    let query: Vec<_> = parts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    Ok(connection.api.deliveries(args.webhook, &query).await?)
}

fn row(delivery: &Delivery) -> [String; 5] {
    let status = delivery.last_status.map(|status| status.to_string());
    let last = [status, delivery.last_error.as_deref().map(prose)].into_iter().flatten().collect::<Vec<_>>();
    let (id, attempts) = (delivery.id.to_string(), delivery.attempts.to_string());
    [id, prose(&delivery.kind), delivery.state.name().to_owned(), attempts, last.join(" ")]
}
