//! The set of resources that an action touches: resolved, sorted, without repetition.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Resources as `kind:name`, for example `pipeline:billing/nightly`. 1 to 1,000 of them, each at most 512 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, specta::Type)]
#[serde(transparent)]
pub struct Resources(BTreeSet<String>);

/// Why a set of resources was not taken.
#[derive(Debug, thiserror::Error)]
pub enum BadResource {
    /// Nothing was named.
    #[error("no resource is named; name at least one, like `pipeline:billing/nightly`")]
    None,
    /// More than 1,000.
    #[error("{0} resources are named; at most 1000 go into one ticket")]
    TooMany(usize),
    /// Not of the form `kind:name`.
    #[error(
        "`{0}` is not a resource; write it as `kind:name`, like `pipeline:billing/nightly`, in printable ASCII without spaces"
    )]
    Form(String),
}

impl Resources {
    /// From texts in any order; repetition is dropped.
    pub fn parse<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> Result<Self, BadResource> {
        let set = texts.into_iter().map(|text| check(text.as_ref())).collect::<Result<BTreeSet<_>, _>>()?;
        match set.len() {
            0 => Err(BadResource::None),
            1..=1000 => Ok(Self(set)),
            more => Err(BadResource::TooMany(more)),
        }
    }

    /// The resources, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

fn check(text: &str) -> Result<String, BadResource> {
    let bad = || BadResource::Form(text.chars().take(100).collect());
    let (kind, name) = text.split_once(':').ok_or_else(bad)?;
    let kind_is_plain = !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let name_is_plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic());
    if kind_is_plain && name_is_plain && text.len() <= 512 { Ok(text.to_owned()) } else { Err(bad()) }
}

impl<'de> Deserialize<'de> for Resources {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        Self::parse(texts).map_err(serde::de::Error::custom)
    }
}
