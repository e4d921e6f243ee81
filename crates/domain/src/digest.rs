//! SHA-256 digests with their purpose mixed in, over the canonical form of JSON (RFC 8785).
//!
//! Invariant: a digest made for one purpose never equals a digest made for another, because each begins with its
//! own prefix (`countersign/binding/v1` and a line feed).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest. In text: `sha256:` and 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, specta::Type)]
#[specta(transparent)]
pub struct Digest(#[specta(type = String)] [u8; 32]);

/// A text that is not a digest.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a digest; it should be `sha256:` and 64 lower-case hexadecimal digits")]
pub struct BadDigest(String);

/// What a digest is for. Each purpose has its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// All fields that a ticket is about.
    Binding,
    /// What will run: argv, directory, environment, standard input.
    Command,
    /// The resolved, sorted set of resources.
    Resources,
    /// The policy context that the runner declared.
    Context,
    /// One version of the roster.
    Roster,
    /// A policy set with its schema.
    PolicySet,
    /// The cases of a policy set.
    PolicyCases,
    /// The facts about principals and resources that a decision was made on.
    Facts,
    /// A secret that is stored as a digest only.
    Secret,
    /// A request that is not to be done twice.
    Request,
}

impl Purpose {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Binding => "countersign/binding/v1\n",
            Self::Command => "countersign/command/v1\n",
            Self::Resources => "countersign/resources/v1\n",
            Self::Context => "countersign/context/v1\n",
            Self::Roster => "countersign/roster/v1\n",
            Self::PolicySet => "countersign/policy-set/v1\n",
            Self::PolicyCases => "countersign/policy-cases/v1\n",
            Self::Facts => "countersign/facts/v1\n",
            Self::Request => "countersign/request/v1\n",
            Self::Secret => "countersign/secret/v1\n",
        }
    }
}

impl Digest {
    /// From the 32 bytes themselves, as the store keeps them.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Of bytes, for a purpose.
    #[must_use]
    pub fn of_bytes(purpose: Purpose, bytes: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash.update(purpose.prefix());
        hash.update(bytes);
        Self(hash.finalize().into())
    }

    /// Plain SHA-256 of a file's or stream's content, without a prefix: what `sha256sum` prints.
    #[must_use]
    pub fn of_content(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Of a value in canonical JSON, for a purpose.
    ///
    /// # Panics
    /// Never for the types of this crate: their maps have text keys and their numbers are integers within ±(2^53−1).
    #[must_use]
    pub fn of_canonical(purpose: Purpose, value: &impl Serialize) -> Self {
        Self::of_bytes(purpose, &canonical(value))
    }

    /// The 64 hexadecimal digits alone.
    #[must_use]
    pub fn hex(&self) -> String {
        hex(&self.0)
    }
}

/// Lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The canonical form of JSON (RFC 8785): sorted keys, no white space, one spelling of each number.
///
/// # Panics
/// If the value has a map with keys that are not text, or a number that is not finite. No type of this crate has.
#[must_use]
pub fn canonical(value: &impl Serialize) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(value).expect("types of this crate have text keys and finite numbers")
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = BadDigest;

    fn from_str(text: &str) -> Result<Self, BadDigest> {
        let bad = || BadDigest(text.chars().take(100).collect());
        let hex = text.strip_prefix("sha256:").ok_or_else(bad)?.as_bytes();
        let mut bytes = [0; 32];
        if hex.len() != 64 {
            return Err(bad());
        }
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            let digit = |c: u8| match c {
                b'0'..=b'9' => Some(c - b'0'),
                b'a'..=b'f' => Some(c - b'a' + 10),
                _ => None,
            };
            *byte = digit(pair[0]).zip(digit(pair[1])).map(|(high, low)| high << 4 | low).ok_or_else(bad)?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_value_for_two_purposes_has_two_digests() {
        let value = serde_json::json!({"b": 1, "a": [true, null]});
        assert_eq!(canonical(&value), br#"{"a":[true,null],"b":1}"#);
        assert_ne!(Digest::of_canonical(Purpose::Binding, &value), Digest::of_canonical(Purpose::Command, &value));
    }

    #[test]
    fn text_reads_back_and_has_one_spelling() {
        let digest = Digest::of_content(b"abc");
        let text = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest.to_string(), text);
        assert_eq!(text.parse::<Digest>().unwrap(), digest);
        for bad in ["", "sha256:", &text.to_uppercase(), &text[..70], "sha256:é", &text.replace("ba", "é")] {
            assert!(bad.parse::<Digest>().is_err(), "{bad}");
        }
    }
}
