//! What `token` and `key` share: making, listing, showing, replacing and ending a credential of either kind.
//!
//! Invariant: a secret is written in one place, [`secret`], and never to stderr. Once one was made, whatever fails says
//! how to end it. Deliberately absent: asking for a secret again; the control plane does not know it.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;
pub(crate) mod rotate;
pub(crate) mod show;

mod overlap;
mod refusal;
mod secret;

use contract::credentials::Credential;
use domain::Instant;
use domain::credential::CredentialKind;
use domain::principal::Principal;

use crate::output::prose;
use crate::when;

/// What the command is called, and the thing.
const fn names(kind: CredentialKind) -> (&'static str, &'static str) {
    match kind {
        CredentialKind::ServiceToken => ("token", "service token"),
        CredentialKind::ApiKey => ("key", "API key"),
    }
}

/// Whose it is: accounts by their name alone.
fn holder(holder: &Principal) -> String {
    match holder {
        Principal::ServiceAccount(name) => name.to_string(),
        other => other.to_string(),
    }
}

/// What it reaches and until when: what matters of a fresh one.
fn reach(credential: &Credential, now: Instant) -> Vec<(&'static str, String)> {
    let listed = |items: Vec<String>, none: &str| if items.is_empty() { none.to_owned() } else { items.join(", ") };
    let scopes = credential.scopes.iter().map(str::to_owned).collect();
    let workspaces = credential.workspaces.iter().map(|name| prose(name)).collect();
    let networks = credential.networks.iter().map(ToString::to_string).collect();
    let mut rows = vec![("holder", holder(&credential.holder))];
    if !credential.label.is_empty() {
        rows.push(("label", prose(&credential.label)));
    }
    rows.extend([
        ("scopes", listed(scopes, "none: it authenticates and reaches nothing more")),
        ("workspaces", listed(workspaces, "all that its holder has")),
        ("networks", listed(networks, "from anywhere that its holder may")),
        ("expires", when::both(credential.expires_at, now)),
    ]);
    rows
}
