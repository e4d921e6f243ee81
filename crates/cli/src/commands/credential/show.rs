//! One credential, all of it but its secret.

use client::CredentialName;
use contract::credentials::Credential;
use domain::ambient::SystemClock;
use domain::credential::{CredentialKind, CredentialState};
use domain::{Clock as _, Instant};

use crate::commands::credential::reach;
use crate::commands::credential::refusal::explain;
use crate::connection::Connection;
use crate::exit::Failure;
use crate::output::{fields, prose};
use crate::when;

/// Which one.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Its name or id
    #[arg(value_name = "ID")]
    which: CredentialName,
}

pub(crate) async fn run(connection: &Connection, kind: CredentialKind, args: &Args) -> Result<(), Failure> {
    let known = connection.api.credential(kind, &args.which).await;
    let credential = known.map_err(|error| explain(kind, error))?;
    connection.out.result(&credential, |credential| text(credential, SystemClock.now()))
}

fn text(credential: &Credential, now: Instant) -> String {
    let mut rows = vec![
        ("name", prose(&credential.identifier)),
        ("id", credential.id.to_string()),
        ("state", state(credential.state).to_owned()),
    ];
    rows.extend(reach(credential, now));
    let last = credential.last_used_at.map_or_else(|| "never".to_owned(), |at| when::both(at, now));
    rows.push(("last used", last));
    rows.push(("uses", credential.use_count.to_string()));
    let by = credential.created_by.map(|by| format!(" by {by}")).unwrap_or_default();
    rows.push(("created", format!("{}{by}", when::both(credential.created_at, now))));
    rows.extend(credential.rotated_from.map(|id| ("replaces", id.to_string())));
    if let Some(id) = credential.rotated_to {
        let at = credential.rotated_at.map(|at| format!(" since {}", when::both(at, now))).unwrap_or_default();
        rows.push(("replaced by", format!("{id}{at}")));
    }
    if let Some(at) = credential.revoked_at {
        let reason = credential.revocation_reason.as_ref().map(|text| format!(": {}", prose(text)));
        rows.push(("revoked", format!("{}{}", when::both(at, now), reason.unwrap_or_default())));
    }
    fields(&rows)
}

const fn state(state: CredentialState) -> &'static str {
    match state {
        CredentialState::Active => "active",
        CredentialState::Overlapping => "overlapping: it was replaced, and works until it expires",
        CredentialState::Rotated => "rotated: it was replaced, and works no more",
        CredentialState::Expired => "expired",
        CredentialState::Revoked => "revoked",
    }
}
