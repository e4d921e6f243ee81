//! People and service accounts, as values.
//!
//! A service account's name is its id and is never given twice.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::network::Network;
use crate::scope::Scopes;
use crate::time::Instant;

/// The permanent name of a service account: 1 to 63 of `a`–`z`, `0`–`9` and inner `-`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, specta::Type)]
#[serde(transparent)]
pub struct AccountName(String);

/// Names of principals that are nobody's account: the token from the environment, and whoever comes without a credential
/// where that is allowed.
pub const RESERVED: &[&str] = &["anonymous", "bootstrap"];

/// A text that cannot name a service account.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` cannot name a service account; use 1 to 63 lower-case letters, digits and inner hyphens")]
pub struct BadAccountName(String);

impl AccountName {
    /// The name of a reserved principal, one of [`RESERVED`].
    #[must_use]
    pub fn reserved(name: &'static str) -> Self {
        debug_assert!(RESERVED.contains(&name));
        Self(name.to_owned())
    }

    /// Whether it is nobody's account.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        RESERVED.contains(&self.0.as_str())
    }

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
    /// How people call it; empty if they use its name.
    #[serde(default)]
    pub title: String,
    /// What it is for, one line.
    pub description: String,
    /// The team that answers for it.
    pub team: String,
    /// The person it belongs to, if it belongs to one: that person never counts for its tickets.
    pub owner: Option<UserId>,
    /// What it may do at all.
    pub scopes: Scopes,
    /// Workspaces it may act in, sorted; empty means everywhere.
    pub workspaces: Vec<String>,
    /// Where its credentials may be used from; empty means anywhere.
    #[serde(default)]
    pub networks: Vec<Network>,
    /// Accounts that may act on what belongs to this one, sorted.
    #[serde(default)]
    pub trusts: Vec<AccountName>,
    /// When its credentials stop authenticating, all of them.
    #[serde(default)]
    pub expires_at: Option<Instant>,
    /// A disabled account's credentials do not authenticate.
    pub active: bool,
    /// Came with the samples.
    pub sample: bool,
    /// When the record was made.
    pub created_at: Instant,
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
