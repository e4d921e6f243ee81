//! Service tokens and API keys: made once, shown once, replaced with an overlap, ended at once.
//!
//! Nobody gives what they do not hold, neither by making a credential nor by rotating one, since whoever rotates it sees
//! the new secret.

mod create;
mod rotate;

use domain::Instant;
use domain::credential::{Credential, CredentialKind, CredentialState};
use domain::event::{Event, Kind};
use domain::id::CredentialId;
use domain::principal::Principal;
use serde_json::json;
use store::Query;
use store::credentials::Filter;

use crate::authenticate::Caller;
use crate::{Control, Error};

pub use create::{ForWhom, Lifetime, NewCredential};
pub use rotate::{DEFAULT_OVERLAP, Replacement};

/// The longest reason for a revocation, in characters.
const REASON_MAX: usize = 500;

/// Which credential is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// By its id.
    Id(CredentialId),
    /// By the name that it is managed by.
    Identifier(String),
}

impl Which {
    /// Reads an id or a name.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Identifier(text.to_owned()), Self::Id)
    }

    fn find(&self, q: &mut dyn Query, kind: CredentialKind) -> Result<Credential, Error> {
        let found = match self {
            Self::Id(id) => store::credentials::get(q, *id)?,
            Self::Identifier(name) => store::credentials::by_identifier(q, name)?,
        };
        found.filter(|credential| credential.kind == kind).ok_or_else(|| self.absent(kind))
    }

    fn absent(&self, kind: CredentialKind) -> Error {
        let what = match kind {
            CredentialKind::ServiceToken => "service token",
            CredentialKind::ApiKey => "API key",
        };
        Error::NotFound(format!("{what} `{self}`"))
    }
}

impl std::fmt::Display for Which {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => std::fmt::Display::fmt(id, f),
            Self::Identifier(name) => f.write_str(&name.chars().take(100).collect::<String>()),
        }
    }
}

impl Control {
    /// Credentials of a kind, newest first: all, or the caller's own if that is all they may see.
    pub fn credentials(&self, caller: &Caller, kind: CredentialKind) -> Result<Vec<Credential>, Error> {
        let holder = match caller.require("admin:tokens:read") {
            Ok(()) => None,
            Err(_) if kind == CredentialKind::ApiKey && caller.signed_in().is_ok() => Some(caller.principal.clone()),
            Err(error) => return Err(error),
        };
        let filter = Filter { kind: Some(kind), holder, family: None };
        self.read(|q| {
            let mut seen = Vec::new();
            for credential in store::credentials::list(q, &filter)? {
                if in_reach(q, caller, &credential)? {
                    seen.push(credential);
                }
            }
            Ok(seen)
        })
    }

    /// One credential.
    pub fn credential_of(&self, caller: &Caller, kind: CredentialKind, which: &Which) -> Result<Credential, Error> {
        self.read(|q| meant(q, caller, "admin:tokens:read", kind, which))
    }

    /// Ends a credential now, or its whole family. Ending it again changes nothing: the first reason stands.
    pub fn revoke_credential(
        &self,
        caller: &Caller,
        kind: CredentialKind,
        which: &Which,
        reason: Option<&str>,
        family: bool,
    ) -> Result<Vec<CredentialId>, Error> {
        self.end_credential(caller, kind, which, reason, if family { Extent::Family } else { Extent::One })
    }

    /// Ends a credential now. With the one in force ends the one that it replaced, if that is still in its overlap: whoever
    /// ends a token that leaked wants nothing of it to go on. With one that was replaced nothing else ends.
    pub fn revoke_with_replaced(
        &self,
        caller: &Caller,
        kind: CredentialKind,
        which: &Which,
        reason: &str,
    ) -> Result<Vec<CredentialId>, Error> {
        self.end_credential(caller, kind, which, Some(reason), Extent::WithReplaced)
    }

    fn end_credential(
        &self,
        caller: &Caller,
        kind: CredentialKind,
        which: &Which,
        reason: Option<&str>,
        extent: Extent,
    ) -> Result<Vec<CredentialId>, Error> {
        let reason = reason.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        if reason.as_ref().is_some_and(|text| text.chars().count() > REASON_MAX) {
            return Err(Error::invalid("reason", format!("at most {REASON_MAX} characters")));
        }
        let (caller, which) = (caller.clone(), which.clone());
        self.write(move |control, mut tx| {
            let found = meant(&mut tx, &caller, "admin:tokens:write", kind, &which)?;
            let now = control.now();
            let meant = match extent {
                Extent::WithReplaced if found.rotated_to.is_none() => {
                    let overlaps = |one: &Credential| one.state(now) == CredentialState::Overlapping;
                    family(&mut tx, &found)?.into_iter().filter(|one| one.id == found.id || overlaps(one)).collect()
                }
                Extent::Family => family(&mut tx, &found)?,
                Extent::One | Extent::WithReplaced => vec![found],
            };
            let mut ended = Vec::new();
            let mut events = Vec::new();
            for credential in meant.into_iter().filter(|credential| credential.revoked_at.is_none()) {
                store::credentials::update(&mut tx, &credential.revoke(reason.clone(), now))?;
                ended.push(credential.id);
                events.push(revoked(&credential, &caller.principal, reason.as_deref(), now));
            }
            if !events.is_empty() {
                tx.commit_all(events)?;
            }
            Ok(ended)
        })
    }
}

/// What ends with a credential.
#[derive(Clone, Copy)]
enum Extent {
    One,
    WithReplaced,
    Family,
}

fn family(q: &mut dyn Query, credential: &Credential) -> Result<Vec<Credential>, Error> {
    Ok(store::credentials::list(q, &Filter { family: Some(credential.family), ..Filter::default() })?)
}

/// The credential, if the caller may do this with it: by their scope and within their workspaces, or because it is their
/// own API key and they are signed in. What they may not see is not there.
fn meant(
    q: &mut dyn Query,
    caller: &Caller,
    scope: &'static str,
    kind: CredentialKind,
    which: &Which,
) -> Result<Credential, Error> {
    let by_scope = caller.require(scope).is_ok();
    if kind != CredentialKind::ApiKey || caller.signed_in().is_err() {
        caller.require(scope)?;
    }
    let found = which.find(q, kind)?;
    let seen = if by_scope { in_reach(q, caller, &found)? } else { found.holder == caller.principal };
    if seen { Ok(found) } else { Err(which.absent(kind)) }
}

/// Whether a caller who is bound to workspaces is bound to all that the credential acts in.
fn in_reach(q: &mut dyn Query, caller: &Caller, credential: &Credential) -> Result<bool, Error> {
    if caller.workspaces.is_empty() {
        return Ok(true);
    }
    let account = match credential.holder.account() {
        Some(name) if credential.workspaces.is_empty() => store::accounts::get(q, name)?,
        _ => None,
    };
    let workspaces = account.map_or_else(|| credential.workspaces.clone(), |account| account.workspaces);
    Ok(!workspaces.is_empty() && workspaces.iter().all(|name| caller.workspaces.contains(name)))
}

/// The entry for a new credential: everything but its secret.
pub(crate) fn created(credential: &Credential) -> Event {
    Event::new(credential.created_at, Kind::CredentialCreated).about(credential.id).with(facts(credential))
}

fn revoked(credential: &Credential, by: &Principal, reason: Option<&str>, now: Instant) -> Event {
    let data = json!({
        "identifier": credential.identifier,
        "holder": credential.holder,
        "family": credential.family,
        "reason": reason,
    });
    Event::new(now, Kind::CredentialRevoked).by(by).about(credential.id).with(data)
}

fn facts(credential: &Credential) -> serde_json::Value {
    json!({
        "kind": credential.kind,
        "identifier": credential.identifier,
        "holder": credential.holder,
        "label": credential.label,
        "scopes": credential.scopes,
        "workspaces": credential.workspaces,
        "networks": credential.networks,
        "expires_at": credential.expires_at,
        "family": credential.family,
        "rotated_from": credential.rotated_from,
    })
}
