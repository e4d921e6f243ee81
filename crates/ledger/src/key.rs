//! The log's signing key and its public half, as signed notes have them (C2SP signed-note): Ed25519, named after the
//! log's origin.
//!
//! The private half signs heads and nothing else; there is no way to have it sign other bytes.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Entropy;
use ed25519_dalek::{SignatureError, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use signed_note::{Signer, Verifier};
use zeroize::Zeroizing;

/// The algorithm byte of Ed25519 in a verifier key.
const ED25519: u8 = 1;

/// The longest origin that is taken.
const LONGEST_ORIGIN: usize = 255;

/// A text that cannot name a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot be the origin of a log; use up to 255 printable characters without spaces and `+`")]
pub struct BadOrigin(String);

/// A text that is not a verifier key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a log key; it should look like `ORIGIN+0123abcd+AQ…` and is told by whoever runs the log")]
pub struct BadLogVerifier(String);

/// The private key of a log. Neither `Clone` nor `Serialize`; wiped on drop.
pub struct LogKey {
    origin: String,
    key: SigningKey,
}

/// The public key of a log, with its origin. In text: `ORIGIN+ID+KEY` (C2SP signed-note, "verifier key").
#[derive(Clone, PartialEq, Eq)]
pub struct LogVerifier {
    origin: String,
    key: VerifyingKey,
}

impl LogKey {
    /// A new key.
    pub fn generate(origin: &str, entropy: &dyn Entropy) -> Result<Self, BadOrigin> {
        Self::from_seed(origin, &Zeroizing::new(entropy.bytes::<32>()))
    }

    /// From the seed that [`Self::seed`] gave.
    pub fn from_seed(origin: &str, seed: &[u8; 32]) -> Result<Self, BadOrigin> {
        check_origin(origin)?;
        Ok(Self { origin: origin.to_owned(), key: SigningKey::from_bytes(seed) })
    }

    /// The seed, for the one place that keeps it.
    #[must_use]
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes())
    }

    /// The log's name: the first line of its checkpoints.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> LogVerifier {
        LogVerifier { origin: self.origin.clone(), key: self.key.verifying_key() }
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogKey({})", self.public())
    }
}

/// Signs a note's text.
pub(crate) struct NoteSigner<'a>(pub(crate) &'a LogKey);

impl Signer for NoteSigner<'_> {
    fn name(&self) -> &str {
        &self.0.origin
    }

    fn key_id(&self) -> u32 {
        self.0.public().id()
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, SignatureError> {
        Ok(self.0.key.try_sign(text)?.to_vec())
    }
}

impl LogVerifier {
    /// The log's name: the first line of its checkpoints.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    fn encoded(&self) -> Vec<u8> {
        [&[ED25519], self.key.as_bytes().as_slice()].concat()
    }

    fn id(&self) -> u32 {
        signed_note::key_id(&self.origin, &self.encoded())
    }
}

impl Verifier for LogVerifier {
    fn name(&self) -> &str {
        &self.origin
    }

    fn key_id(&self) -> u32 {
        self.id()
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(text, &signature).is_ok())
    }
}

impl fmt::Display for LogVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{:08x}+{}", self.origin, self.id(), STANDARD.encode(self.encoded()))
    }
}

impl fmt::Debug for LogVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for LogVerifier {
    type Err = BadLogVerifier;

    fn from_str(text: &str) -> Result<Self, BadLogVerifier> {
        let read = || {
            let (origin, rest) = text.split_once('+')?;
            let (_, key) = rest.split_once('+')?;
            check_origin(origin).ok()?;
            let key = STANDARD.decode(key).ok()?;
            let key = <[u8; 32]>::try_from(key.strip_prefix(&[ED25519])?).ok()?;
            let key = VerifyingKey::from_bytes(&key).ok().filter(|key| !key.is_weak())?;
            Some(Self { origin: origin.to_owned(), key })
        };
        // The id in the text is checked by comparing the whole: one key has one spelling.
        read()
            .filter(|verifier| verifier.to_string() == text)
            .ok_or_else(|| BadLogVerifier(text.chars().take(100).collect()))
    }
}

impl Serialize for LogVerifier {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LogVerifier {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

fn check_origin(origin: &str) -> Result<(), BadOrigin> {
    let printable = !origin.chars().any(char::is_control);
    if printable && origin.len() <= LONGEST_ORIGIN && signed_note::is_key_name_valid(origin) {
        Ok(())
    } else {
        Err(BadOrigin(origin.chars().take(100).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_verifier_key_reads_back_and_every_damage_is_caught() {
        let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        assert_eq!(text.parse::<LogVerifier>().unwrap().to_string(), text);
        for at in 0..text.len() {
            let mut damaged = text.as_bytes().to_vec();
            damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
            assert!(String::from_utf8(damaged).unwrap().parse::<LogVerifier>().is_err(), "{at}");
        }
        for bad in ["", "a+b", "a+b+c", "a++", "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"] {
            assert!(bad.parse::<LogVerifier>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_private_key_shows_its_public_half_only() {
        let key = LogKey::from_seed("countersign.test/log", &[7; 32]).unwrap();
        assert_eq!(format!("{key:?}"), format!("LogKey({})", key.public()));
        assert_eq!(*key.seed(), [7; 32]);
    }

    #[test]
    fn an_origin_is_one_printable_word() {
        for bad in ["", "two words", "a+b", "a\nb", "a\u{7f}", "a\u{85}b", &"x".repeat(256)] {
            assert!(LogKey::from_seed(bad, &[1; 32]).is_err(), "{bad:?}");
        }
    }
}
