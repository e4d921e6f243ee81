//! Making a credential.

use client::NewCredential;
use contract::credentials::{CreateApiKey, CreateServiceToken};
use domain::credential::CredentialKind;

use crate::commands::credential::made;
use crate::commands::credential::refusal::explain_once;
use crate::commands::secret::SecretArgs;
use crate::connection::Connection;
use crate::exit::Failure;
use crate::once;
use crate::span::{self, Span};

/// What is to be made.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The name to manage it by; drawn, if absent. A name is never given twice
    #[arg(long, value_name = "NAME")]
    id: Option<String>,
    /// The service account that it is for; without one, a token gets an account of its own, and a key is yours
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// What it is for, one line
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
    /// What it reaches, for example `workflows:read`; all that its holder has, if absent. Can be given more than once
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Where it may act; wherever its holder may, if absent. Can be given more than once
    #[arg(long = "workspace", value_name = "WORKSPACE")]
    workspaces: Vec<String>,
    /// Where it may be used from, like `10.0.0.0/8`; from anywhere, if absent. Can be given more than once
    #[arg(long = "network", value_name = "CIDR")]
    networks: Vec<String>,
    /// How long it lives, in seconds or like `30d` or `12h`; as long as the operator set, if absent
    #[arg(long, value_name = "DURATION", value_parser = span::seconds)]
    expires_in: Option<Span>,
    #[command(flatten)]
    secret: SecretArgs,
}

pub(crate) async fn run(connection: &Connection, kind: CredentialKind, args: &Args) -> Result<(), Failure> {
    let request = request(kind, args);
    let place = args.secret.place(connection.out)?;
    let key = args.secret.key();
    let create = async || connection.api.create_credential(&request, Some(&key)).await;
    match once::ask(connection.out, create).await {
        Ok(fresh) => place.hand_over(&made(kind, "created", &fresh), &fresh).map(drop),
        Err(error) => Err(place.unused(explain_once(kind, error, &key))),
    }
}

fn request(kind: CredentialKind, args: &Args) -> NewCredential {
    let (account, identifier) = (args.account.clone(), args.id.clone());
    let label = args.label.clone().unwrap_or_default();
    let scopes = (!args.scopes.is_empty()).then(|| args.scopes.clone());
    let (workspaces, networks) = (args.workspaces.clone(), args.networks.clone());
    let expires_in_seconds = args.expires_in.map(Span::seconds);
    match kind {
        CredentialKind::ServiceToken => NewCredential::ServiceToken(CreateServiceToken {
            account,
            identifier,
            label,
            scopes,
            workspaces,
            networks,
            expires_in_seconds,
        }),
        CredentialKind::ApiKey => NewCredential::ApiKey(CreateApiKey {
            name: label,
            account,
            identifier,
            scopes,
            workspaces,
            networks,
            expires_at: None,
            expires_in_seconds,
        }),
    }
}
