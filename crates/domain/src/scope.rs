//! Scopes: what a credential or a person may ask for at all. One catalogue; a name outside it is refused, and there
//! are no wildcards.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A scope and what it lets its holder do, as one sentence without a subject.
pub const CATALOGUE: &[(&str, &str)] = &[
    ("pipelines:execute", "start pipelines"),
    ("pipelines:stop", "stop running pipelines"),
    ("deploy.app.update", "change what runs of an application"),
    ("artifacts:read", "read published artifacts"),
    ("artifacts:write", "publish artifacts"),
    ("logs:read", "read execution logs"),
    ("decisions:request", "ask for a decision and open a ticket in its own name"),
    ("approvals:read", "see approval tickets"),
    ("approvals:review", "review approval tickets"),
    ("tasks:read", "see tasks"),
    ("audit:read", "read the audit trail and its proofs"),
    ("accounts:read", "see users and service accounts"),
    ("accounts:write", "make and change users and service accounts"),
    ("admin:tokens:read", "see service tokens, never their secrets"),
    ("admin:tokens:write", "create, rotate and revoke service tokens"),
    ("roster:read", "see the approver roster"),
    ("roster:write", "propose changes to the approver roster"),
    ("policies:read", "read policies"),
    ("policies:write", "draft and publish policies"),
];

/// Names that are in the catalogue, sorted, without repetition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, specta::Type)]
#[serde(transparent)]
pub struct Scopes(BTreeSet<String>);

/// A name that the catalogue does not have.
#[derive(Debug, thiserror::Error)]
#[error("`{name}` is not a scope; {}", hint(.name))]
pub struct UnknownScope {
    name: String,
}

impl Scopes {
    /// Every scope there is: what a founding admin holds.
    #[must_use]
    pub fn all() -> Self {
        Self(CATALOGUE.iter().map(|(name, _)| (*name).to_owned()).collect())
    }

    /// From names, each of which must be in the catalogue.
    pub fn parse<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Result<Self, UnknownScope> {
        names
            .into_iter()
            .map(|name| {
                let name = name.as_ref();
                let known = CATALOGUE.iter().any(|(known, _)| *known == name);
                if known { Ok(name.to_owned()) } else { Err(UnknownScope { name: name.chars().take(100).collect() }) }
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether the scope is among them.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// What both hold: a credential never gives more than its owner has.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }

    /// The first that `self` has and `holder` lacks: nobody grants what they do not hold.
    #[must_use]
    pub fn beyond<'a>(&'a self, holder: &'a Self) -> Option<&'a str> {
        self.0.difference(&holder.0).next().map(String::as_str)
    }

    /// The names, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        Self::parse(names).map_err(serde::de::Error::custom)
    }
}

fn hint(name: &str) -> String {
    let ending = name.rsplit([':', '.']).next().unwrap_or(name);
    let near: Vec<_> =
        CATALOGUE.iter().map(|(known, _)| *known).filter(|known| known.contains(ending)).take(3).collect();
    let near = if near.is_empty() { CATALOGUE.iter().map(|(known, _)| *known).collect() } else { near };
    format!("there are: {}", near.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_and_unknown_names_are_refused_with_what_there_is() {
        for bad in ["*", "pipelines:*", "admin"] {
            assert!(Scopes::parse([bad]).is_err(), "{bad}");
        }
        let error = Scopes::parse(["pipeline:execute"]).unwrap_err().to_string();
        assert!(error.contains("pipelines:execute"), "{error}");
    }

    #[test]
    fn nobody_grants_what_they_do_not_hold() {
        let few = Scopes::parse(["logs:read"]).unwrap();
        let more = Scopes::parse(["logs:read", "audit:read"]).unwrap();
        assert_eq!(more.beyond(&few), Some("audit:read"));
        assert_eq!(few.beyond(&more), None);
        assert_eq!(more.intersect(&few), few);
    }
}
