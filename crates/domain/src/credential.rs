//! Credentials: what a program proves itself with, and how one is replaced.
//!
//! The secret is shown once; its digest is stored. What a credential reaches is computed anew for each request from
//! itself and from its holder as the holder is now, so it never outlives a right that was taken away. Of one family, which
//! is a credential and all that replaced it, at most two authenticate at a time, and two only while a rotation's overlap
//! lasts.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::account::{ServiceAccount, User};
use crate::id::{CredentialId, UserId};
use crate::network::{Network, admits};
use crate::principal::Principal;
use crate::scope::Scopes;
use crate::time::Instant;

/// What kind of credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// A service account's.
    ServiceToken,
    /// A service account's, or a person's for their own programs. It never reviews and never steps up.
    ApiKey,
}

/// What a principal that is no browser session proves itself with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Its id, safe to show and to log.
    pub id: CredentialId,
    /// Its kind.
    pub kind: CredentialKind,
    /// The name it is managed by: unique, chosen by whoever made it or drawn.
    pub identifier: String,
    /// Whose it is.
    pub holder: Principal,
    /// What it is for, one line.
    pub label: String,
    /// What it may do, at most: narrowed by what its holder may do now.
    pub scopes: Scopes,
    /// Where it may act, sorted; empty means wherever its holder may.
    pub workspaces: Vec<String>,
    /// Where it may be used from; empty means anywhere its holder may be.
    pub networks: Vec<Network>,
    /// The person who made it and so has seen its secret.
    pub created_by: Option<UserId>,
    /// Everyone who may have seen its secret, or whose rights it carries on: they never count for its tickets.
    pub never_counts: Vec<UserId>,
    /// When it was made.
    pub created_at: Instant,
    /// When it stops authenticating.
    pub expires_at: Instant,
    /// The first of those that replaced each other, this one among them.
    pub family: CredentialId,
    /// The one that it replaces.
    pub rotated_from: Option<CredentialId>,
    /// The one that replaces it, since when it authenticates only until the overlap is over.
    pub rotated_to: Option<CredentialId>,
    /// When it was replaced.
    pub rotated_at: Option<Instant>,
    /// When it was ended, if it was.
    pub revoked_at: Option<Instant>,
    /// Why.
    pub revocation_reason: Option<String>,
    /// When it last authenticated; seconds behind.
    #[serde(skip)]
    pub last_used_at: Option<Instant>,
    /// How often it authenticated; seconds behind.
    #[serde(skip)]
    pub use_count: u64,
}

impl Credential {
    /// One that nobody has used, replaced or ended, for any workspace and network, made by nobody: the first of its
    /// family, managed by its id.
    #[must_use]
    pub fn new(
        id: CredentialId,
        kind: CredentialKind,
        holder: Principal,
        scopes: Scopes,
        created_at: Instant,
        expires_at: Instant,
    ) -> Self {
        Self {
            id,
            kind,
            identifier: id.to_string(),
            holder,
            label: String::new(),
            scopes,
            workspaces: Vec::new(),
            networks: Vec::new(),
            created_by: None,
            never_counts: Vec::new(),
            created_at,
            expires_at,
            family: id,
            rotated_from: None,
            rotated_to: None,
            rotated_at: None,
            revoked_at: None,
            revocation_reason: None,
            last_used_at: None,
            use_count: 0,
        }
    }
}

/// How a credential stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialState {
    /// It authenticates.
    Active,
    /// It was replaced and authenticates until the overlap is over.
    Overlapping,
    /// It was replaced, and the overlap is over.
    Rotated,
    /// Its time is over.
    Expired,
    /// It was ended.
    Revoked,
}

/// Why a credential that exists does not authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialRefusal {
    /// It was revoked.
    #[error("the credential was revoked; create another one")]
    Revoked,
    /// Its time is over.
    #[error("the credential has expired; create another one")]
    Expired,
    /// It was replaced and the overlap is over.
    #[error("the credential was rotated and its overlap is over; use the one that replaced it")]
    Rotated,
    /// Its holder is disabled, or the holder's time is over.
    #[error("the account is disabled or has expired")]
    HolderDisabled,
    /// It came from an address outside its networks.
    #[error("the credential may not be used from this address")]
    Network,
    /// Its workspaces and its holder's have nothing in common.
    #[error("the account no longer has a workspace that the credential is for")]
    Workspaces,
}

/// Who holds a credential, as they are now.
#[derive(Clone, Copy, Debug)]
pub enum Holder<'a> {
    /// A service account.
    Account(&'a ServiceAccount),
    /// A person.
    User(&'a User),
}

/// What a credential reaches now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// What it may do.
    pub scopes: Scopes,
    /// Where; empty means everywhere.
    pub workspaces: Vec<String>,
    /// From where; empty means from anywhere.
    pub networks: Vec<Network>,
}

/// A replacement to be made.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// The new credential's id.
    pub id: CredentialId,
    /// The name it will be managed by.
    pub identifier: String,
    /// How long the old one goes on, in seconds; 0 ends it at once.
    pub overlap: u32,
    /// When the new one ends; when the old one would have, if absent.
    pub expires_at: Option<Instant>,
    /// What the new one may do; what the old one may, if absent.
    pub scopes: Option<Scopes>,
    /// The person who will see the new secret, if it is one.
    pub created_by: Option<UserId>,
    /// Everyone who will have seen it.
    pub never_counts: Vec<UserId>,
}

/// Why a credential is not replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RotationRefusal {
    /// It was ended.
    #[error("it was revoked, so it cannot be rotated; create another one")]
    Revoked,
    /// Its time is over.
    #[error("it has expired, so it cannot be rotated; create another one")]
    Expired,
    /// It was replaced before.
    #[error("it was rotated already; rotate the one that replaced it")]
    Rotated,
}

impl Credential {
    /// How it stands, apart from its holder.
    #[must_use]
    pub fn state(&self, now: Instant) -> CredentialState {
        match (self.revoked_at, now.is_before(self.expires_at), self.rotated_to) {
            (Some(_), ..) => CredentialState::Revoked,
            (None, true, None) => CredentialState::Active,
            (None, true, Some(_)) => CredentialState::Overlapping,
            (None, false, Some(_)) => CredentialState::Rotated,
            (None, false, None) => CredentialState::Expired,
        }
    }

    /// What it reaches now, for a request from that address, with its holder as they are now.
    pub fn reach(&self, holder: Holder<'_>, now: Instant, from: Option<IpAddr>) -> Result<Reach, CredentialRefusal> {
        match self.state(now) {
            CredentialState::Revoked => return Err(CredentialRefusal::Revoked),
            CredentialState::Expired => return Err(CredentialRefusal::Expired),
            CredentialState::Rotated => return Err(CredentialRefusal::Rotated),
            CredentialState::Active | CredentialState::Overlapping => {}
        }
        let (active, scopes, workspaces, networks) = match holder {
            Holder::Account(account) => {
                let alive = account.expires_at.is_none_or(|end| now.is_before(end));
                (account.active && alive, &account.scopes, account.workspaces.as_slice(), account.networks.as_slice())
            }
            Holder::User(user) => (user.active, &user.scopes, [].as_slice(), [].as_slice()),
        };
        if !active {
            return Err(CredentialRefusal::HolderDisabled);
        }
        for allowed in [&self.networks, networks] {
            if !allowed.is_empty() && !from.is_some_and(|address| admits(allowed, address)) {
                return Err(CredentialRefusal::Network);
            }
        }
        let workspaces = common(&self.workspaces, workspaces).ok_or(CredentialRefusal::Workspaces)?;
        let networks = if self.networks.is_empty() { networks } else { &self.networks };
        Ok(Reach { scopes: self.scopes.intersect(scopes), workspaces, networks: networks.to_vec() })
    }

    /// The credential as it is after its replacement was made, and the replacement.
    pub fn rotate(&self, rotation: Rotation, now: Instant) -> Result<(Self, Self), RotationRefusal> {
        match self.state(now) {
            CredentialState::Revoked => return Err(RotationRefusal::Revoked),
            CredentialState::Expired => return Err(RotationRefusal::Expired),
            CredentialState::Overlapping | CredentialState::Rotated => return Err(RotationRefusal::Rotated),
            CredentialState::Active => {}
        }
        let overlap_ends = now.plus(rotation.overlap);
        let mut never_counts = self.never_counts.clone();
        never_counts.extend(rotation.never_counts);
        never_counts.sort_unstable();
        never_counts.dedup();
        let new = Self {
            id: rotation.id,
            identifier: rotation.identifier,
            scopes: rotation.scopes.unwrap_or_else(|| self.scopes.clone()),
            created_by: rotation.created_by,
            never_counts,
            created_at: now,
            expires_at: rotation.expires_at.unwrap_or(self.expires_at),
            rotated_from: Some(self.id),
            last_used_at: None,
            use_count: 0,
            ..self.clone()
        };
        let old = Self {
            rotated_to: Some(new.id),
            rotated_at: Some(now),
            expires_at: if overlap_ends.is_before(self.expires_at) { overlap_ends } else { self.expires_at },
            ..self.clone()
        };
        Ok((old, new))
    }

    /// What becomes of it when the one that replaced it is itself replaced: its overlap ends now. `None` if it was over.
    #[must_use]
    pub fn cut_overlap(&self, now: Instant) -> Option<Self> {
        (self.state(now) == CredentialState::Overlapping).then(|| Self { expires_at: now, ..self.clone() })
    }

    /// Ended now; whoever is told why sees `reason`.
    #[must_use]
    pub fn revoke(&self, reason: Option<String>, now: Instant) -> Self {
        Self { revoked_at: Some(now), revocation_reason: reason, ..self.clone() }
    }
}

/// What both lists name, where an empty list means everything. `None` if that is nothing at all.
fn common(narrow: &[String], wide: &[String]) -> Option<Vec<String>> {
    match (narrow, wide) {
        ([], all) | (all, []) => Some(all.to_vec()),
        (narrow, wide) => {
            let both: Vec<_> = narrow.iter().filter(|name| wide.contains(name)).cloned().collect();
            (!both.is_empty()).then_some(both)
        }
    }
}

#[cfg(test)]
mod tests;
