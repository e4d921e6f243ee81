//! People, service accounts and their credentials, as values.
//!
//! A service account's name is its id and is never given twice. Effective rights are the credential's scopes and the
//! account's current scopes together, computed anew for each request.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{CredentialId, UserId};
use crate::scope::Scopes;
use crate::time::Instant;

/// The permanent name of a service account: 1 to 63 of `a`–`z`, `0`–`9` and inner `-`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, specta::Type)]
#[serde(transparent)]
pub struct AccountName(String);

/// A text that cannot name a service account.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` cannot name a service account; use 1 to 63 lower-case letters, digits and inner hyphens")]
pub struct BadAccountName(String);

impl AccountName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountName {
    type Err = BadAccountName;

    fn from_str(text: &str) -> Result<Self, BadAccountName> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if (1..=63).contains(&text.len()) && text.chars().all(allowed) && !text.starts_with('-') && !text.ends_with('-')
        {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadAccountName(text.chars().take(100).collect()))
        }
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AccountName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A person who can sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Never changes, never reused.
    pub id: UserId,
    /// What they sign in with; unique, kept in lower case.
    pub email: String,
    /// How they are called.
    pub name: String,
    /// Teams they belong to, sorted.
    pub teams: Vec<String>,
    /// What they may do.
    pub scopes: Scopes,
    /// A disabled person has no session and no say.
    pub active: bool,
    /// When the record was made.
    pub created_at: Instant,
}

/// A non-human principal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccount {
    /// Its name and id.
    pub name: AccountName,
    /// What it is for, one line.
    pub description: String,
    /// The team that answers for it.
    pub team: String,
    /// The person it belongs to, if it belongs to one: that person never counts for its tickets.
    pub owner: Option<UserId>,
    /// What it may do at all.
    pub scopes: Scopes,
    /// Workspaces it may act in, sorted; empty means none is named.
    pub workspaces: Vec<String>,
    /// A disabled account's credentials do not authenticate.
    pub active: bool,
    /// Came with the samples.
    pub sample: bool,
    /// When the record was made.
    pub created_at: Instant,
}

/// What a service account proves itself with. The secret is shown once; its digest is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Its id, safe to show and to log.
    pub id: CredentialId,
    /// Whose it is.
    pub account: AccountName,
    /// What it is for, one line.
    pub label: String,
    /// What it may do, at most: narrowed by the account's current scopes.
    pub scopes: Scopes,
    /// The person who made it and so has seen its secret; they never count for its tickets.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Instant,
    /// When it stops authenticating.
    pub expires_at: Instant,
    /// When it was ended, if it was.
    pub revoked_at: Option<Instant>,
    /// When it last authenticated; up to a minute behind.
    pub last_used_at: Option<Instant>,
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
    /// Its account is disabled.
    #[error("the service account is disabled")]
    AccountDisabled,
}

impl Credential {
    /// The scopes that it gives now, with its account as it is now.
    pub fn effective_scopes(&self, account: &ServiceAccount, now: Instant) -> Result<Scopes, CredentialRefusal> {
        if self.revoked_at.is_some() {
            return Err(CredentialRefusal::Revoked);
        }
        if !now.is_before(self.expires_at) {
            return Err(CredentialRefusal::Expired);
        }
        if !account.active {
            return Err(CredentialRefusal::AccountDisabled);
        }
        Ok(self.scopes.intersect(&account.scopes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        assert!("billing-ci".parse::<AccountName>().is_ok());
        for bad in ["", "-a", "a-", "Billing", "a b", "bílling", &"a".repeat(64)] {
            assert!(bad.parse::<AccountName>().is_err(), "{bad}");
        }
    }
}
