//! Who acts: a person or a service account. One text form in SQL, on the wire, in policies and under signatures.
//!
//! A service account is of this control plane, or of an issuer that it trusts to say so; the latter's name has a slash,
//! which no local name has, so the two can never be taken for each other.

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
    /// Whoever a trusted issuer says it is. In text: `service_account:ISSUER/SUBJECT`. Never a reviewer.
    Federated(FederatedName),
}

/// The subject of a token and the name under which its issuer is configured.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FederatedName {
    issuer: String,
    subject: String,
}

/// A subject or an issuer's name that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the subject has other characters than 1 to 255 visible ones of ASCII")]
pub struct BadFederatedName;

impl FederatedName {
    /// `issuer` is a configured name: 1 to 63 of `a`-`z`, `0`-`9` and `-`. A subject (RFC 7519 §4.1.2) is taken as it is, if it
    /// is visible ASCII: anything else could be shown as something that it is not.
    pub fn new(issuer: &str, subject: &str) -> Result<Self, BadFederatedName> {
        let named = issuer.parse::<AccountName>().is_ok();
        let plain = (1..=255).contains(&subject.len()) && subject.bytes().all(|byte| byte.is_ascii_graphic());
        if named && plain {
            Ok(Self { issuer: issuer.to_owned(), subject: subject.to_owned() })
        } else {
            Err(BadFederatedName)
        }
    }

    /// The name under which the issuer is configured.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Who, in the issuer's words.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

impl fmt::Display for FederatedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.issuer, self.subject)
    }
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
            Self::ServiceAccount(_) | Self::Federated(_) => None,
        }
    }

    /// The service account of this control plane, if it is one.
    #[must_use]
    pub const fn account(&self) -> Option<&AccountName> {
        match self {
            Self::ServiceAccount(name) => Some(name),
            Self::User(_) | Self::Federated(_) => None,
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::ServiceAccount(name) => write!(f, "service_account:{name}"),
            Self::Federated(name) => write!(f, "service_account:{name}"),
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
            ("service_account", name) if name.contains('/') => {
                let (issuer, subject) = name.split_once('/').ok_or_else(bad)?;
                FederatedName::new(issuer, subject).map(Self::Federated).map_err(|_| bad())
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_federated_name_reads_back_and_is_no_local_one() {
        for subject in ["repo:org/repo:ref:refs/heads/main", "auth0|5f", "system:serviceaccount:ci:runner"] {
            let principal = Principal::Federated(FederatedName::new("idp", subject).unwrap());
            assert_eq!(principal.to_string().parse::<Principal>().unwrap(), principal);
            assert!(principal.account().is_none());
        }
        for bad in
            ["service_account:/x", "service_account:idp/", "service_account:idp/a b", "service_account:idp/\u{202e}"]
        {
            assert!(bad.parse::<Principal>().is_err(), "{bad}");
        }
    }
}
