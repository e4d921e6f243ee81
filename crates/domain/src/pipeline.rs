//! Pipelines: what restricts who runs one, and for how long.
//!
//! A pipeline that nobody restricted is not here, and policy alone decides of it. Deliberately absent: what a pipeline
//! does.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::account::AccountName;
use crate::time::Instant;

/// The name of a pipeline, as resources have it after `pipeline:`: 1 to 200 of `a`–`z`, `A`–`Z`, `0`–`9`, `.`, `_`, `-` in
/// parts that are parted by `/`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, specta::Type)]
#[serde(transparent)]
pub struct PipelineName(String);

/// A text that cannot name a pipeline.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` cannot name a pipeline; use letters, digits, `.`, `_` and `-`, in parts like `billing/nightly`")]
pub struct BadPipelineName(String);

/// What restricts a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Pipeline {
    /// Its name, as resources have it after `pipeline:`.
    pub name: PipelineName,
    /// The service accounts that may run it, sorted; none, if the list is empty; any that otherwise may, if there is none.
    pub allowed_accounts: Option<Vec<AccountName>>,
    /// How long it may run, in seconds.
    pub max_duration_seconds: Option<u32>,
    /// The account that it belongs to: whom that one trusts may act on it too.
    pub owner: Option<AccountName>,
    /// The workspace that it is in.
    pub workspace: Option<String>,
    /// Since when it is restricted.
    pub created_at: Instant,
}

impl FromStr for PipelineName {
    type Err = BadPipelineName;

    fn from_str(text: &str) -> Result<Self, BadPipelineName> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        let good = |part: &str| !part.is_empty() && part != "." && part != ".." && part.bytes().all(plain);
        if (1..=200).contains(&text.len()) && text.split('/').all(good) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadPipelineName(text.chars().take(100).collect()))
        }
    }
}

impl fmt::Display for PipelineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PipelineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PipelineName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_path_that_goes_nowhere_else() {
        for good in ["nightly", "billing/nightly", "Team-A/v1.2_x"] {
            assert!(good.parse::<PipelineName>().is_ok(), "{good}");
        }
        for bad in ["", "/a", "a/", "a//b", "../a", "a/./b", "a b", "ä", &"a".repeat(201)] {
            assert!(bad.parse::<PipelineName>().is_err(), "{bad}");
        }
    }
}
