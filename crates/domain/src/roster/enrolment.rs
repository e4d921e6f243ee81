//! A device's proof that it holds the key which it asks to have on the roster.

use serde::{Deserialize, Serialize};

use crate::digest::canonical;
use crate::id::UserId;
use crate::jws::{self, JwsError, Unverified};
use crate::key::{KeyId, PublicKey, ReviewKey};

/// The type in the proof's protected header.
const TYPE: &str = "countersign-enrolment+jwt";

/// What an enrolling key signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentProof {
    /// Whose key it is to be.
    pub user: UserId,
    /// The key's id.
    pub key: KeyId,
    /// The device, as its owner calls it.
    pub device: String,
}

/// Why a proof does not hold.
#[derive(Debug, thiserror::Error)]
pub enum EnrolmentRefusal {
    /// The signature or its form is wrong.
    #[error(transparent)]
    Signature(#[from] JwsError),
    /// It was signed for another person, key or device.
    #[error("the proof was signed for another person, key or device")]
    Other,
}

impl EnrolmentProof {
    /// Signs it with the key itself: a compact JWS.
    #[must_use]
    pub fn sign(&self, key: &ReviewKey) -> String {
        jws::sign(key, TYPE, &canonical(self))
    }

    /// Checks that `jws` is this very proof, signed by `key`.
    pub fn check(&self, jws: &str, key: &PublicKey) -> Result<(), EnrolmentRefusal> {
        let signed: Self = Unverified::parse(jws, TYPE)?.verify(key)?;
        if signed == *self { Ok(()) } else { Err(EnrolmentRefusal::Other) }
    }
}
