//! Hashes of leaves and nodes, and the head of a tree.
//!
//! Leaves and nodes are hashed with different first bytes (RFC 6962 §2.1), so no node can pass as a leaf.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use tlog_tiles::tlog;

/// A node of the tree: SHA-256. In text: base64 with padding, as checkpoints have it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

/// A text that is not a hash.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a hash; it should be 32 bytes in base64 with padding")]
pub struct BadHash(String);

/// The head of a tree: all there is to say about its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// How many entries it has.
    pub size: u64,
    /// The root over all of them.
    pub root: Hash,
}

/// The hash of a leaf: SHA-256 of a zero byte and the entry's bytes (RFC 6962 §2.1).
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    tlog::record_hash(entry).into()
}

impl Head {
    /// The head of the tree without entries (RFC 6962 §2.1: SHA-256 of nothing).
    pub const EMPTY: Self = Self { size: 0, root: Hash(tlog::EMPTY_HASH.0) };
}

impl Hash {
    /// From the 32 bytes themselves, as a store keeps them.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<tlog::Hash> for Hash {
    fn from(hash: tlog::Hash) -> Self {
        Self(hash.0)
    }
}

impl From<Hash> for tlog::Hash {
    fn from(hash: Hash) -> Self {
        Self(hash.0)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = BadHash;

    fn from_str(text: &str) -> Result<Self, BadHash> {
        let bytes = STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| BadHash(text.chars().take(100).collect()))
    }
}

impl Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_reads_back_and_has_one_spelling() {
        let hash = leaf_hash(b"entry");
        let text = hash.to_string();
        assert_eq!(text.parse::<Hash>().unwrap(), hash);
        let not_canonical = format!("{}B=", &text[..42]);
        for bad in ["", "AAAA", &text[..43], &format!("{text}="), &not_canonical, &text.replace('=', "")] {
            assert!(bad.parse::<Hash>().is_err(), "{bad}");
        }
    }
}
