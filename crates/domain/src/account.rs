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
pub const RESERVED: &[&str] = &["anonymous", "bootstrap", "countersign"];

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

impl ServiceAccount {
    /// What `next` lets the account, or whom it trusts, do that it could not do before: whoever makes the change must
    /// hold it. Being reached from more places, for longer, by more accounts, or as of another team gives anew all that
    /// it has.
    #[must_use]
    pub fn gains(&self, next: &Self) -> Scopes {
        let wider = |old: &[String], new: &[String]| {
            !old.is_empty() && (new.is_empty() || new.iter().any(|name| !old.contains(name)))
        };
        let from_more = !self.networks.is_empty()
            && (next.networks.is_empty()
                || next.networks.iter().any(|new| !self.networks.iter().any(|old| old.covers(new))));
        let longer = match (self.expires_at, next.expires_at) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(old), Some(new)) => old.is_before(new),
        };
        let trusted = next.trusts.iter().any(|name| !self.trusts.contains(name));
        let revived = next.active && !self.active;
        let elsewhere = wider(&self.workspaces, &next.workspaces) || from_more || self.team != next.team;
        if elsewhere || longer || trusted || revived { next.scopes.clone() } else { next.scopes.without(&self.scopes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> ServiceAccount {
        ServiceAccount {
            name: "ci".parse().unwrap(),
            title: String::new(),
            description: String::new(),
            team: "billing".into(),
            owner: None,
            scopes: Scopes::parse(["logs:read", "pipelines:execute"]).unwrap(),
            workspaces: vec!["a".into(), "b".into()],
            networks: vec!["10.0.0.0/8".parse().unwrap()],
            trusts: vec!["cd".parse().unwrap()],
            expires_at: Some(Instant::from_seconds(2_000_000_000)),
            active: true,
            sample: false,
            created_at: Instant::from_seconds(1_800_000_000),
        }
    }

    #[test]
    fn narrowing_gives_nothing() {
        let old = account();
        for next in [
            ServiceAccount { description: "for the night".into(), ..account() },
            ServiceAccount { scopes: Scopes::parse(["workflow.execute"]).unwrap(), ..account() },
            ServiceAccount { workspaces: vec!["b".into()], ..account() },
            ServiceAccount { networks: vec!["10.1.0.0/16".parse().unwrap()], ..account() },
            ServiceAccount { trusts: vec![], ..account() },
            ServiceAccount { expires_at: Some(Instant::from_seconds(1_900_000_000)), ..account() },
            ServiceAccount { active: false, ..account() },
        ] {
            assert!(old.gains(&next).is_empty(), "{next:?}");
        }
    }

    #[test]
    fn widening_gives_what_it_reaches() {
        let old = account();
        let more = ServiceAccount { scopes: old.scopes.union(&Scopes::parse(["audit:read"]).unwrap()), ..account() };
        assert_eq!(old.gains(&more).to_string(), "audit:read");
        for next in [
            ServiceAccount { workspaces: vec!["a".into(), "c".into()], ..account() },
            ServiceAccount { workspaces: vec![], ..account() },
            ServiceAccount { networks: vec![], ..account() },
            ServiceAccount { networks: vec!["10.0.0.0/7".parse().unwrap()], ..account() },
            ServiceAccount { trusts: vec!["cd".parse().unwrap(), "ce".parse().unwrap()], ..account() },
            ServiceAccount { expires_at: None, ..account() },
            ServiceAccount { team: "security".into(), ..account() },
        ] {
            assert_eq!(old.gains(&next), old.scopes, "{next:?}");
        }
        let disabled = ServiceAccount { active: false, ..account() };
        assert_eq!(disabled.gains(&account()), old.scopes);
    }

    #[test]
    fn names_are_plain() {
        assert!("billing-ci".parse::<AccountName>().is_ok());
        for bad in ["", "-a", "a-", "Billing", "a b", "bílling", &"a".repeat(64)] {
            assert!(bad.parse::<AccountName>().is_err(), "{bad}");
        }
    }
}
