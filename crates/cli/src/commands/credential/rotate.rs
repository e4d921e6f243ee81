//! Replacing a credential.

use client::CredentialName;
use contract::credentials::{FreshSecret, RotateCredential};
use domain::Clock as _;
use domain::ambient::SystemClock;
use domain::credential::CredentialKind;

use crate::commands::credential::refusal::explain_once;
use crate::commands::credential::{made, overlap};
use crate::commands::secret::SecretArgs;
use crate::connection::Connection;
use crate::exit::Failure;
use crate::once;
use crate::output::prose;
use crate::span::{self, Span};

/// What is to be replaced, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Its name or id
    #[arg(value_name = "ID")]
    which: CredentialName,
    /// How long the old one goes on, in seconds or like `5m`; five minutes, if absent; 0 ends it at once
    #[arg(long, value_name = "DURATION", value_parser = span::seconds)]
    overlap: Option<Span>,
    /// How long the new one lives, in seconds or like `90d`; until the old one would have ended, if absent
    #[arg(long, value_name = "DURATION", value_parser = span::seconds)]
    expires_in: Option<Span>,
    /// What the new one reaches; what the old one does, if absent. Can be given more than once
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    #[command(flatten)]
    secret: SecretArgs,
}

pub(crate) async fn run(connection: &Connection, kind: CredentialKind, args: &Args) -> Result<(), Failure> {
    let request = RotateCredential {
        overlap_seconds: args.overlap.map(Span::seconds),
        expires_in_seconds: args.expires_in.map(Span::seconds),
        scopes: (!args.scopes.is_empty()).then(|| args.scopes.clone()),
    };
    let place = args.secret.place(connection.out)?;
    let key = args.secret.key();
    let rotate = async || connection.api.rotate_credential(kind, &args.which, &request, Some(&key)).await;
    let fresh = match once::ask(connection.out, rotate).await {
        Ok(fresh) => fresh,
        Err(error) => return Err(place.unused(explain_once(kind, error, &key))),
    };
    let place = place.hand_over(&made(kind, "rotated", &fresh), &fresh)?;
    if connection.out.json {
        return Ok(());
    }
    place.add(&both(connection, kind, &fresh).await)
}

/// How the old and the new one go side by side. Whoever may not look at the old one has the control plane's sentence.
async fn both(connection: &Connection, kind: CredentialKind, fresh: &FreshSecret) -> String {
    let told = || prose(&fresh.message);
    let Some(new) = &fresh.credential else { return told() };
    let Some(old) = new.rotated_from else { return told() };
    match connection.api.credential(kind, &old.into()).await {
        Ok(old) => overlap::draw(&old, new, SystemClock.now()),
        Err(_) => told(),
    }
}
