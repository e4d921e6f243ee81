//! `countersign webhook`: addresses that are told what happens.

mod change;
mod deliveries;
mod secret;
mod verify;

use contract::webhooks::Webhook;
use domain::id::{DeliveryId, WebhookId};
use domain::webhook::{Delivery, EventPattern};

use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::Failure;
use crate::output::{fields, prose, table};

/// Make and manage webhooks, see their messages, and verify a message that was received
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Example:\n  countersign webhook list")]
pub(crate) enum Command {
    /// Make a webhook; its secret is shown once
    ///
    /// Where standard output is not a terminal, the secret alone goes there and everything else to stderr.
    #[command(after_help = "Examples:
  countersign webhook create https://siem.example.com/hook --event alert.* --event ticket.opened
  countersign webhook create https://siem.example.com/hook --event \"*\" --out hook.secret")]
    Create(secret::Create),
    /// List the webhooks
    #[command(after_help = "Example:\n  countersign webhook list")]
    List,
    /// Show one webhook
    #[command(after_help = "Example:\n  countersign webhook show whk_01HZY3V5W2M4Q6S8T0XABCDEFG")]
    Show {
        /// Which
        webhook: WebhookId,
    },
    /// Change where messages go, which ones, what it is for, or switch it on or off; you become its owner
    #[command(after_help = "Examples:
  countersign webhook change whk_01HZY3V5W2M4Q6S8T0XABCDEFG --address https://siem.example.com/new --event alert.*
  countersign webhook change whk_01HZY3V5W2M4Q6S8T0XABCDEFG --turn on")]
    Change(change::Args),
    /// Switch a webhook off
    #[command(after_help = "Example:\n  countersign webhook disable whk_01HZY3V5W2M4Q6S8T0XABCDEFG --reason \"Moved\"")]
    Disable {
        /// Which
        webhook: WebhookId,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
    /// Give a webhook a fresh secret, which is shown once; the old one signs beside it for a while
    #[command(
        after_help = "Example:\n  countersign webhook rotate-secret whk_01HZY3V5W2M4Q6S8T0XABCDEFG --overlap 24h"
    )]
    RotateSecret(secret::Rotate),
    /// Send a test message
    #[command(after_help = "Example:\n  countersign webhook test whk_01HZY3V5W2M4Q6S8T0XABCDEFG")]
    Test {
        /// To which
        webhook: WebhookId,
    },
    /// List the messages of a webhook, newest first
    #[command(after_help = "Example:\n  countersign webhook deliveries whk_01HZY3V5W2M4Q6S8T0XABCDEFG --state failed")]
    Deliveries(deliveries::Args),
    /// Send a message again, under the same id
    #[command(
        after_help = "Example:\n  countersign webhook resend whk_01HZY3V5W2M4Q6S8T0XABCDEFG msg_01HZY3V5W2M4Q6S8T0XABCDEFG"
    )]
    Resend {
        /// To which
        webhook: WebhookId,
        /// Which message: `msg_…`
        delivery: DeliveryId,
    },
    /// Verify a message that was received: its body on standard input, its headers as options. Asks no control plane
    Verify(verify::Args),
}

pub(crate) async fn run(global: &Global, command: &Command) -> Result<(), Failure> {
    if let Command::Verify(args) = command {
        return verify::run(global, args);
    }
    let connection = Connection::open(global)?;
    let (api, out) = (&connection.api, connection.out);
    match command {
        Command::Create(args) => secret::create(&connection, args).await,
        Command::List => out.result(&api.webhooks().await?, |webhooks| {
            let row =
                |webhook: &Webhook| [webhook.id.to_string(), standing(webhook), patterns(webhook), prose(&webhook.url)];
            let rows: Vec<_> = webhooks.iter().map(row).collect();
            table(["WEBHOOK", "IS", "EVENTS", "URL"], &rows, "no webhooks")
        }),
        Command::Show { webhook } => out.result(&api.webhook(*webhook).await?, shown),
        Command::Change(args) => out.result(&change::run(&connection, args).await?, shown),
        Command::Disable { webhook, reason } => {
            out.result(&api.disable_webhook(*webhook, reason.clone()).await?, shown)
        }
        Command::RotateSecret(args) => secret::rotate(&connection, args).await,
        Command::Test { webhook } => out.result(&api.test_webhook(*webhook).await?, one),
        Command::Deliveries(args) => deliveries::run(&connection, args).await,
        Command::Resend { webhook, delivery } => out.result(&api.resend_delivery(*webhook, *delivery).await?, one),
        Command::Verify(args) => verify::run(global, args),
    }
}

fn shown(webhook: &Webhook) -> String {
    let secrets = webhook.secrets.iter().map(|secret| match secret.ends_at {
        Some(end) => format!("{} (until {end})", prose(&secret.fingerprint)),
        None => prose(&secret.fingerprint),
    });
    fields(&[
        ("webhook", webhook.id.to_string()),
        ("url", prose(&webhook.url)),
        ("description", prose(&webhook.description)),
        ("events", patterns(webhook)),
        ("is", standing(webhook)),
        ("owner", webhook.owner.to_string()),
        ("secrets", secrets.collect::<Vec<_>>().join(", ")),
    ])
}

fn standing(webhook: &Webhook) -> String {
    match (&webhook.disabled_reason, webhook.active) {
        (_, true) if webhook.failures > 0 => format!("on, {} failures in a row", webhook.failures),
        (_, true) => "on".to_owned(),
        (Some(reason), false) => format!("off: {}", prose(reason)),
        (None, false) => "off".to_owned(),
    }
}

fn patterns(webhook: &Webhook) -> String {
    prose(&webhook.events.iter().map(EventPattern::as_str).collect::<Vec<_>>().join(", "))
}

fn one(delivery: &Delivery) -> String {
    fields(&[("message", delivery.id.to_string()), ("state", delivery.state.name().to_owned())])
}
