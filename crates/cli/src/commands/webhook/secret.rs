//! What gives a webhook a secret: making it, and replacing its secret.

use client::ClientError;
use contract::credentials::FreshSecret;
use contract::webhooks::CreateWebhook;
use domain::id::WebhookId;

use crate::commands::secret::{Made, SecretArgs};
use crate::connection::Connection;
use crate::exit::Failure;
use crate::once;
use crate::output::{fields, prose};
use crate::span::Span;

/// The webhook to be made.
#[derive(Debug, clap::Args)]
pub(crate) struct Create {
    /// Where messages go: `https://…`
    #[arg(value_name = "ADDRESS")]
    address: String,
    /// Which events it wants: `ticket.opened`, `alert.*`, or `*`; may be given more than once
    #[arg(long = "event", value_name = "KIND", required = true)]
    events: Vec<String>,
    /// What it is for
    #[arg(long, default_value = "")]
    description: String,
    #[command(flatten)]
    secret: SecretArgs,
}

/// The webhook whose secret is to be replaced.
#[derive(Debug, clap::Args)]
pub(crate) struct Rotate {
    /// Which
    webhook: WebhookId,
    /// For how long the old one signs too, like `24h`; `0s` ends it at once
    #[arg(long, value_name = "DURATION")]
    overlap: Option<Span>,
    #[command(flatten)]
    secret: SecretArgs,
}

pub(super) async fn create(connection: &Connection, args: &Create) -> Result<(), Failure> {
    let Create { address, events, description, secret } = args;
    let request = CreateWebhook { url: address.clone(), description: description.clone(), events: events.clone() };
    let place = secret.place(connection.out)?;
    let key = secret.key();
    let create = async || connection.api.create_webhook_once(&request, Some(&key)).await;
    match once::ask(connection.out, create).await {
        Ok(fresh) => place.hand_over(&made("Webhook created.", "created", &fresh), &fresh).map(drop),
        Err(error) => Err(place.unused(explain(error, &key))),
    }
}

pub(super) async fn rotate(connection: &Connection, args: &Rotate) -> Result<(), Failure> {
    let Rotate { webhook, overlap, secret } = args;
    let overlap = overlap.map(Span::seconds);
    let place = secret.place(connection.out)?;
    let key = secret.key();
    let rotate = async || connection.api.rotate_webhook_secret_once(*webhook, overlap, Some(&key)).await;
    match once::ask(connection.out, rotate).await {
        Ok(fresh) => {
            let made = made("The webhook has a fresh secret.", "given a fresh secret", &fresh);
            place.hand_over(&made, &fresh).map(drop)
        }
        Err(error) => Err(place.unused(explain(error, &key))),
    }
}

fn made(head: &str, done: &str, fresh: &FreshSecret) -> Made {
    let id = &fresh.id;
    Made {
        head: head.to_owned(),
        done: format!("the webhook {id} was {done}"),
        facts: fields(&[("webhook", prose(id))]),
        remedy: another(id),
    }
}

fn another(id: &str) -> String {
    format!(
        "`countersign webhook rotate-secret {id}` makes another one, `countersign webhook disable {id}` switches it off"
    )
}

fn explain(error: ClientError, key: &str) -> Failure {
    let lost = once::is_lost(&error);
    match once::made_before(&error).map(another) {
        Some(remedy) => Failure::from(error).hint(format!("if its secret never arrived, {remedy}")),
        None => once::unless_known(error.into(), lost, key),
    }
}
