//! Scopes: what a credential or a person may ask for at all.
//!
//! One catalogue serves three vocabularies: a name may have aliases, which mean the same and are compared as the same,
//! and are shown as they were spelled. Sets are compared by meaning, so nobody gains by spelling. There are no
//! wildcards in a set; where an operator allows them, they are spelled out when a credential is made.

mod catalogue;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

pub use catalogue::{CATALOGUE, Catalogue, Scope, UnknownScope};

/// The longest name, in bytes.
const LONGEST: usize = 64;
/// The most names in a set.
const MOST: usize = 100;

/// Names of scopes, sorted, as they were spelled, none twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, specta::Type)]
#[serde(transparent)]
pub struct Scopes(BTreeSet<String>);

/// A text that cannot be the name of a scope, or too many of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadScope {
    /// It has a `*`.
    #[error("`{0}` is a wildcard; name each scope")]
    Wildcard(String),
    /// It has other characters than names have.
    #[error("`{0}` cannot be a scope; use 1 to {LONGEST} of a-z, 0-9 and `:`, `.`, `_`, `-`")]
    Malformed(String),
    /// There are more than any credential needs.
    #[error("there are more than {MOST} scopes; leave out what is not needed")]
    TooMany,
}

/// The one spelling under which all aliases of a scope are compared.
#[must_use]
pub fn canonical(name: &str) -> &str {
    CATALOGUE.iter().find(|scope| scope.aliases.contains(&name)).map_or(name, |scope| scope.name)
}

impl Scopes {
    /// Every scope that comes with the product: what a founding admin holds.
    #[must_use]
    pub fn all() -> Self {
        Self(CATALOGUE.iter().map(|scope| scope.name.to_owned()).collect())
    }

    /// From names that are spelled like scopes. Whether there are such scopes is for a [`Catalogue`] to say.
    pub fn parse<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Result<Self, BadScope> {
        let mut all = BTreeSet::new();
        for name in names {
            let name = name.as_ref();
            let cut = || name.chars().take(LONGEST).collect();
            if name.contains('*') {
                return Err(BadScope::Wildcard(cut()));
            }
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b":._-".contains(&b);
            if !(1..=LONGEST).contains(&name.len()) || !name.bytes().all(plain) {
                return Err(BadScope::Malformed(cut()));
            }
            all.insert(name.to_owned());
            if all.len() > MOST {
                return Err(BadScope::TooMany);
            }
        }
        Ok(Self(all))
    }

    /// Whether the scope is among them, under any of its names.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains(name) || self.0.iter().any(|held| canonical(held) == canonical(name))
    }

    /// What both hold, as `self` spells it: a credential never gives more than its owner has.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        Self(self.0.iter().filter(|name| other.contains(name)).cloned().collect())
    }

    /// What either holds.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }

    /// What `self` has and `other` lacks.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self(self.0.iter().filter(|name| !other.contains(name)).cloned().collect())
    }

    /// The first that `self` has and `holder` lacks: nobody grants what they do not hold.
    #[must_use]
    pub fn beyond<'a>(&'a self, holder: &Self) -> Option<&'a str> {
        self.iter().find(|name| !holder.contains(name))
    }

    /// The names, sorted, as they were spelled.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The names as policies know them: each under its canonical spelling.
    pub fn canonical(&self) -> impl Iterator<Item = &str> {
        self.iter().map(canonical).collect::<BTreeSet<_>>().into_iter()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Scopes {
    /// Separated by spaces (RFC 6749 §3.3).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iter().collect::<Vec<_>>().join(" "))
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        Self::parse(names).map_err(serde::de::Error::custom)
    }
}

/// Scopes that an installation added, with what each lets its holder do.
pub type OwnScopes = BTreeMap<String, String>;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_three_vocabularies_mean_the_same() {
        let held = Scopes::parse(["workflows:execute"]).unwrap();
        for name in ["pipelines:execute", "workflows:execute", "workflow.execute"] {
            assert!(held.contains(name), "{name}");
        }
        assert!(!held.contains("workflow.read"));
        assert_eq!(held.iter().collect::<Vec<_>>(), ["workflows:execute"]);
        assert_eq!(held.canonical().collect::<Vec<_>>(), ["pipelines:execute"]);
    }

    #[test]
    fn nobody_grants_what_they_do_not_hold() {
        let few = Scopes::parse(["logs:read"]).unwrap();
        let more = Scopes::parse(["logs:read", "audit:read"]).unwrap();
        assert_eq!(more.beyond(&few), Some("audit:read"));
        assert_eq!(few.beyond(&more), None);
        assert_eq!(more.intersect(&few), few);
    }

    #[test]
    fn x_06_a_long_list_and_a_wildcard_are_refused() {
        let many: Vec<_> = (0..=MOST).map(|n| format!("own:{n}")).collect();
        assert_eq!(Scopes::parse(many).unwrap_err(), BadScope::TooMany);
        for bad in ["*", "pipelines:*", "", "Pipelines:read", "a b", "ä"] {
            assert!(Scopes::parse([bad]).is_err(), "{bad}");
        }
    }

    fn some() -> impl Strategy<Value = Scopes> {
        let names: Vec<&str> = CATALOGUE.iter().flat_map(|s| s.aliases.iter().copied().chain([s.name])).collect();
        proptest::sample::subsequence(names, 0..12).prop_map(|names| Scopes::parse(names).unwrap())
    }

    proptest! {
        #[test]
        fn an_intersection_gives_nothing_that_either_lacks(a in some(), b in some()) {
            let both = a.intersect(&b);
            prop_assert_eq!(both.beyond(&a), None);
            prop_assert_eq!(both.beyond(&b), None);
            prop_assert!(a.iter().all(|name| !b.contains(name) || both.contains(name)));
        }
    }
}
