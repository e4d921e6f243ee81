//! Secrets as a type: made once, shown once, stored as a digest.
//!
//! The text form has a prefix that scanners can find and a checksum that catches a typo without asking the server:
//! `cs_svt_` and 48 hexadecimal digits, the last eight of which check the others. 160 random bits, so a plain
//! SHA-256 digest is enough to store. No `Clone`, no `Display`; `Debug` prints the kind; wiped on drop.

use std::fmt;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroize;

use crate::digest::{Digest, Purpose, hex};
use crate::entropy::Entropy;

/// What a secret proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// A service account.
    ServiceToken,
    /// A session, for minutes.
    AccessToken,
    /// A session, until it is used once.
    RefreshToken,
    /// A sign-in, for a minute, once.
    AuthorizationCode,
    /// A person, until they choose a password of their own.
    FirstPassword,
    /// A person's program, or a service account.
    ApiKey,
    /// One connection to the event stream, within half a minute.
    StreamTicket,
}

impl SecretKind {
    const ALL: [Self; 7] = [
        Self::ServiceToken,
        Self::AccessToken,
        Self::RefreshToken,
        Self::AuthorizationCode,
        Self::FirstPassword,
        Self::ApiKey,
        Self::StreamTicket,
    ];

    const fn prefix(self) -> &'static str {
        match self {
            Self::ServiceToken => "cs_svt_",
            Self::AccessToken => "cs_at_",
            Self::RefreshToken => "cs_rt_",
            Self::AuthorizationCode => "cs_ac_",
            Self::FirstPassword => "cs_fp_",
            Self::ApiKey => "cs_key_",
            Self::StreamTicket => "cs_st_",
        }
    }
}

/// A secret in plain text.
pub struct Secret {
    kind: SecretKind,
    text: String,
}

/// A text that is no secret of ours. Says nothing of the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSecret {
    /// No known prefix.
    #[error("this is not one of our credentials; they begin with `cs_`")]
    NotOurs,
    /// Cut, mistyped, or changed.
    #[error("the credential is damaged: its checksum does not fit; copy it again")]
    Damaged,
}

impl Secret {
    /// A new secret from 160 random bits.
    #[must_use]
    pub fn generate(kind: SecretKind, entropy: &dyn Entropy) -> Self {
        let body = hex(&entropy.bytes::<20>());
        let text = format!("{}{body}{}", kind.prefix(), checksum(kind, &body));
        Self { kind, text }
    }

    /// Reads the text form and checks its checksum.
    pub fn parse(text: &str) -> Result<Self, BadSecret> {
        let (kind, rest) = SecretKind::ALL
            .into_iter()
            .find_map(|kind| text.strip_prefix(kind.prefix()).map(|rest| (kind, rest)))
            .ok_or(BadSecret::NotOurs)?;
        let well_formed = rest.len() == 48 && rest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !well_formed || checksum(kind, &rest[..40]) != rest[40..] {
            return Err(BadSecret::Damaged);
        }
        Ok(Self { kind, text: text.to_owned() })
    }

    /// What it proves.
    #[must_use]
    pub const fn kind(&self) -> SecretKind {
        self.kind
    }

    /// What is stored and looked up.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_bytes(Purpose::Secret, self.text.as_bytes())
    }

    /// The text itself, for the one place that shows or sends it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }
}

fn checksum(kind: SecretKind, body: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(kind.prefix());
    hash.update(body);
    hex(&hash.finalize()[..4])
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({:?})", self.kind)
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            for (index, byte) in buffer.iter_mut().enumerate() {
                *byte = u8::try_from(index % 256).unwrap();
            }
        }
    }

    #[test]
    fn every_single_typo_is_caught_offline() {
        let secret = Secret::generate(SecretKind::ServiceToken, &Counting);
        let text = secret.reveal().to_owned();
        assert_eq!(Secret::parse(&text).unwrap().digest(), secret.digest());
        for at in "cs_svt_".len()..text.len() {
            let mut damaged = text.clone().into_bytes();
            damaged[at] = if damaged[at] == b'0' { b'1' } else { b'0' };
            let damaged = String::from_utf8(damaged).unwrap();
            assert_eq!(Secret::parse(&damaged).unwrap_err(), BadSecret::Damaged, "{at}");
        }
        assert_eq!(Secret::parse("hunter2").unwrap_err(), BadSecret::NotOurs);
    }

    #[test]
    fn debug_tells_the_kind_and_nothing_else() {
        let secret = Secret::generate(SecretKind::RefreshToken, &Counting);
        assert_eq!(format!("{secret:?}"), "Secret(RefreshToken)");
    }
}
