//! The signed, versioned list of approver keys, in the manner of a TUF root.
//!
//! Version 1 is signed by every founding key; version n+1 by as many distinct people of version n as version n asks
//! for. A reader that trusts one version can walk forward by itself, so a server cannot enrol an approver of its own.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::digest::{Digest, Purpose, canonical};
use crate::id::UserId;
use crate::jws::{self, JwsError, Unverified};
use crate::key::{KeyId, PublicKey, ReviewKey};
use crate::strict_json;
use crate::time::Instant;

pub use chain::{Chain, ChainError, Pin};
pub use enrolment::{EnrolmentProof, EnrolmentRefusal};

mod chain;
mod enrolment;
#[cfg(test)]
mod tests;

/// The type in each signature's protected header.
pub const TYPE: &str = "countersign-roster+jws";

/// One approver's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RosterKey {
    /// The public key.
    pub key: PublicKey,
    /// The person it belongs to.
    pub owner: UserId,
    /// The person's name when the key was enrolled.
    pub name: String,
    /// The device the key lives on, as its owner named it.
    pub device: String,
    /// The groups the person counts for, sorted.
    pub groups: Vec<String>,
}

/// The content of one roster version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Roster {
    /// 1, 2, 3, …
    pub version: u32,
    /// Digest of the version before, absent in version 1.
    pub previous: Option<Digest>,
    /// When it was made.
    pub issued_at: Instant,
    /// How many distinct people of this version must sign the next.
    pub quorum: u32,
    /// The keys.
    pub keys: Vec<RosterKey>,
}

impl Roster {
    /// The key of that id.
    #[must_use]
    pub fn key(&self, id: &KeyId) -> Option<&RosterKey> {
        self.keys.iter().find(|key| key.key.id() == *id)
    }

    /// Whether the person has a key on it.
    #[must_use]
    pub fn has(&self, user: UserId) -> bool {
        self.keys.iter().any(|key| key.owner == user)
    }

    /// How many distinct people have a key on it.
    #[must_use]
    pub fn people(&self) -> usize {
        self.keys.iter().map(|key| key.owner).collect::<BTreeSet<_>>().len()
    }

    /// The version that follows this one with one more key. The quorum for further changes stays.
    #[must_use]
    pub fn with_key(&self, key: RosterKey, now: Instant) -> Self {
        let mut keys = self.keys.clone();
        keys.push(key);
        Self { version: self.version + 1, previous: Some(self.digest()), issued_at: now, quorum: self.quorum, keys }
    }

    /// Its digest, over the canonical form.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_canonical(Purpose::Roster, self)
    }

    /// What a version must be like whoever signed it.
    fn check_form(&self) -> Result<(), RosterError> {
        let ids: BTreeSet<_> = self.keys.iter().map(|key| key.key.id()).collect();
        let quorum = usize::try_from(self.quorum).unwrap_or(usize::MAX);
        if self.keys.is_empty() || self.keys.len() > 1000 {
            return Err(RosterError::Form("it must have 1 to 1000 keys"));
        }
        if ids.len() != self.keys.len() {
            return Err(RosterError::Form("a key stands on it twice"));
        }
        if quorum == 0 || quorum > self.people() {
            return Err(RosterError::Form("its quorum is not between 1 and the number of its people"));
        }
        if self.keys.iter().any(|key| key.key.check().is_err()) {
            return Err(RosterError::Form("a key is not a point on P-256"));
        }
        if (self.version == 1) != self.previous.is_none() {
            return Err(RosterError::Form("version 1 and only version 1 has no predecessor"));
        }
        Ok(())
    }
}

/// A signature on a roster version (RFC 7515 §7.2.1, with the payload kept beside).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RosterSignature {
    /// Protected header, base64url.
    pub protected: String,
    /// ES256 signature over `protected.payload`, base64url.
    pub signature: String,
}

/// A roster version with its signatures: general JWS JSON serialization (RFC 7515 §7.2.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignedRoster {
    /// The canonical form of the [`Roster`], base64url.
    pub payload: String,
    /// The signatures.
    pub signatures: Vec<RosterSignature>,
}

/// Why a roster version was not taken.
#[derive(Debug, thiserror::Error)]
pub enum RosterError {
    /// It is not what a roster can be.
    #[error("the roster is malformed: {0}")]
    Form(&'static str),
    /// It is not the canonical JSON of a roster.
    #[error("the roster is malformed: {0}")]
    Payload(String),
    /// A signature is wrong, or of a key that may not sign it.
    #[error("a signature on roster version {version} does not count: {error}")]
    Signature {
        /// Which version.
        version: u32,
        /// Why.
        error: JwsError,
    },
    /// Too few people signed.
    #[error("roster version {version} is signed by {signed} of the {needed} people it needs")]
    TooFew {
        /// Which version.
        version: u32,
        /// Distinct people whose signature verified.
        signed: usize,
        /// How many it takes.
        needed: usize,
    },
    /// It does not follow the version that is known.
    #[error("roster version {found} does not follow version {known}: it names another predecessor")]
    NotNext {
        /// The version that came.
        found: u32,
        /// The version that is known.
        known: u32,
    },
}

impl SignedRoster {
    /// A version without signatures yet.
    #[must_use]
    pub fn unsigned(roster: &Roster) -> Self {
        Self { payload: URL_SAFE_NO_PAD.encode(canonical(roster)), signatures: Vec::new() }
    }

    /// Adds one signature.
    #[must_use]
    pub fn sign(mut self, key: &ReviewKey) -> Self {
        let protected = jws::protected(key, TYPE);
        let signature = jws::signature(key, &protected, &self.payload);
        self.signatures.push(RosterSignature { protected, signature });
        self
    }

    /// Reads the content without looking at a signature: to show it, never to trust it.
    pub fn read_unverified(&self) -> Result<Roster, RosterError> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.payload).map_err(|error| RosterError::Payload(error.to_string()))?;
        let roster: Roster = strict_json::parse(&bytes).map_err(|error| RosterError::Payload(error.to_string()))?;
        if canonical(&roster) != bytes {
            return Err(RosterError::Payload("it is not in canonical form".into()));
        }
        Ok(roster)
    }

    /// Checks it as version 1: every one of its keys has signed.
    pub fn verify_first(&self) -> Result<Roster, RosterError> {
        let roster = self.read_unverified()?;
        roster.check_form()?;
        if roster.version != 1 {
            return Err(RosterError::Form("it is not version 1"));
        }
        let signed = self.signing_keys(&roster, roster.version)?.len();
        if signed < roster.keys.len() {
            return Err(RosterError::TooFew { version: 1, signed, needed: roster.keys.len() });
        }
        Ok(roster)
    }

    /// Checks it as what follows `known`: enough distinct people of `known` have signed.
    pub fn verify_next(&self, known: &Roster) -> Result<Roster, RosterError> {
        let roster = self.read_unverified()?;
        roster.check_form()?;
        if Some(roster.version) != known.version.checked_add(1) || roster.previous != Some(known.digest()) {
            return Err(RosterError::NotNext { found: roster.version, known: known.version });
        }
        let keys = self.signing_keys(known, roster.version)?;
        let people: BTreeSet<_> = keys.iter().filter_map(|id| known.key(id)).map(|key| key.owner).collect();
        let needed = usize::try_from(known.quorum).unwrap_or(usize::MAX);
        if people.len() < needed {
            return Err(RosterError::TooFew { version: roster.version, signed: people.len(), needed });
        }
        Ok(roster)
    }

    /// The keys of `signers` that have signed: for a list, after the version was verified.
    #[must_use]
    pub fn signers<'a>(&self, signers: &'a Roster) -> Vec<&'a RosterKey> {
        let ids = self.signing_keys(signers, signers.version).unwrap_or_default();
        signers.keys.iter().filter(|key| ids.contains(&key.key.id())).collect()
    }

    /// The distinct keys of `signers` whose signature verifies. A signature by a known key that does not is an error;
    /// one by an unknown key is passed over, as a new approver may sign too.
    fn signing_keys(&self, signers: &Roster, version: u32) -> Result<BTreeSet<KeyId>, RosterError> {
        let mut ids = BTreeSet::new();
        for RosterSignature { protected, signature } in &self.signatures {
            let wrong = |error| RosterError::Signature { version, error };
            let unverified = Unverified::from_parts(protected, &self.payload, signature, TYPE).map_err(wrong)?;
            if let Some(signer) = signers.key(unverified.kid()) {
                unverified.verify::<Roster>(&signer.key).map_err(wrong)?;
                ids.insert(unverified.kid().clone());
            }
        }
        Ok(ids)
    }
}
