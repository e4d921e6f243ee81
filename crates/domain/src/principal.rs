//! Who acts: a person or a service account. One text form in SQL, on the wire, in policies and under signatures.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::account::AccountName;
use crate::id::UserId;

/// A principal. In text: `user:usr_…` or `service_account:billing-ci`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, specta::Type)]
#[specta(type = String)]
pub enum Principal {
    /// A person.
    User(UserId),
    /// A non-human principal, named for ever.
    ServiceAccount(AccountName),
}

/// A text that names no principal.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` names no principal; it should be `user:usr_…` or `service_account:NAME`")]
pub struct BadPrincipal(String);

impl Principal {
    /// The person, if it is one.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(*id),
            Self::ServiceAccount(_) => None,
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::ServiceAccount(name) => write!(f, "service_account:{name}"),
        }
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Principal {
    type Err = BadPrincipal;

    fn from_str(text: &str) -> Result<Self, BadPrincipal> {
        let bad = || BadPrincipal(text.chars().take(100).collect());
        match text.split_once(':').ok_or_else(bad)? {
            ("user", id) => id.parse().map(Self::User).map_err(|_| bad()),
            ("service_account", name) => name.parse().map(Self::ServiceAccount).map_err(|_| bad()),
            _ => Err(bad()),
        }
    }
}

impl Serialize for Principal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Principal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
