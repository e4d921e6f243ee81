//! What `token` and `key` share: making, listing, showing, replacing and ending a credential of either kind.
//!
//! Invariant: once a secret was made, whatever fails says how to end its credential. Deliberately absent: asking for a
//! secret again; the control plane does not know it.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;
pub(crate) mod rotate;
pub(crate) mod show;

mod overlap;
mod refusal;

use contract::credentials::{Credential, FreshSecret};
use domain::ambient::SystemClock;
use domain::credential::CredentialKind;
use domain::principal::Principal;
use domain::{Clock as _, Instant};

use crate::commands::secret::Made;
use crate::output::{fields, prose};
use crate::when;

/// What the command is called, and the thing.
const fn names(kind: CredentialKind) -> (&'static str, &'static str) {
    match kind {
        CredentialKind::ServiceToken => ("token", "service token"),
        CredentialKind::ApiKey => ("key", "API key"),
    }
}

/// What its fresh secret belongs to. `done` is what became of it: `created`.
fn made(kind: CredentialKind, done: &str, fresh: &FreshSecret) -> Made {
    let (noun, thing) = names(kind);
    let name = fresh.credential.as_ref().map_or(fresh.id.as_str(), |made| made.identifier.as_str());
    let facts = match &fresh.credential {
        None => vec![("id", prose(&fresh.id))],
        Some(made) => {
            let id = ("id", format!("{} ({})", prose(&made.identifier), made.id));
            std::iter::once(id).chain(reach(made, SystemClock.now())).collect()
        }
    };
    Made {
        head: format!("{}{} {done}.", thing[..1].to_uppercase(), &thing[1..]),
        done: format!("the {thing} `{name}` was {done}"),
        facts: fields(&facts),
        remedy: format!("end it with `countersign {noun} revoke {name}`"),
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
