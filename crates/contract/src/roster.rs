//! The roster and the wishes to be on it.

use domain::Instant;
use domain::id::{EnrolmentId, UserId};
use domain::key::{KeyId, PublicKey};
use domain::roster::SignedRoster;
use serde::{Deserialize, Serialize};

/// `GET /api/v1/roster`: every version, to be checked by whoever reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct RosterVersions {
    /// Version 1 first.
    pub versions: Vec<SignedRoster>,
}

/// `POST /api/v1/roster/enrolments`: a device asks for its key to be on the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Enrol {
    /// The device, as its owner calls it.
    pub device: String,
    /// Its public key.
    pub key: PublicKey,
    /// Proof that the device holds the private half: a JWS by that key over [`domain::roster::EnrolmentProof`].
    pub proof: String,
}

/// A wish to be on the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Enrolment {
    /// Its id.
    pub id: EnrolmentId,
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// The device.
    pub device: String,
    /// The key.
    pub key: PublicKey,
    /// Its id: compare it on both screens before signing.
    pub key_id: KeyId,
    /// The teams of the person, which become the groups the key counts for.
    pub groups: Vec<String>,
    /// Since when.
    pub requested_at: Instant,
    /// The roster version that has the key, once one has.
    pub roster_version: Option<u32>,
}

/// A wish that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Enrolled {
    /// Its id.
    pub id: EnrolmentId,
}
