//! `countersign webhook change`: what is named is changed, the rest stays as it is.

use contract::webhooks::{ChangeWebhook, Webhook};
use domain::id::WebhookId;
use domain::webhook::EventPattern;

use crate::connection::Connection;
use crate::exit::Failure;

/// The options of which one is there at least.
const WHAT: [&str; 4] = ["address", "events", "description", "turn"];

/// What is to be changed.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args(WHAT))]
pub(crate) struct Args {
    /// Which
    webhook: WebhookId,
    /// Where messages go from now on: `https://…`
    #[arg(long, value_name = "ADDRESS")]
    address: Option<String>,
    /// Which events it wants from now on, instead of all before; may be given more than once
    #[arg(long = "event", value_name = "KIND")]
    events: Vec<String>,
    /// What it is for
    #[arg(long)]
    description: Option<String>,
    /// Whether it is told anything: `on` or `off`
    #[arg(long, value_parser = ["on", "off"])]
    turn: Option<String>,
}

pub(super) async fn run(connection: &Connection, args: &Args) -> Result<Webhook, Failure> {
    let known = connection.api.webhook(args.webhook).await?;
    Ok(connection.api.change_webhook(args.webhook, &args.of(known)).await?)
}

impl Args {
    fn of(&self, known: Webhook) -> ChangeWebhook {
        let events = if self.events.is_empty() {
            known.events.iter().map(EventPattern::as_str).map(str::to_owned).collect()
        } else {
            self.events.clone()
        };
        ChangeWebhook {
            url: self.address.clone().unwrap_or(known.url),
            description: self.description.clone().unwrap_or(known.description),
            events,
            active: self.turn.as_deref().map_or(known.active, |turn| turn == "on"),
        }
    }
}
