//! The roster room.

use contract::roster::Enrolment;
use domain::Instant;
use domain::id::UserId;
use domain::key::KeyId;
use serde::Serialize;
use specta::Type;

/// The roster room.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
pub(crate) struct RosterPage {
    /// 0 while there is none.
    pub version: u32,
    /// Its digest.
    pub digest: Option<String>,
    /// How many people must sign a change.
    pub quorum: u32,
    /// The keys in force.
    pub keys: Vec<RosterRow>,
    /// Every version, newest first.
    pub versions: Vec<RosterVersion>,
    /// Who waits to be on it.
    pub enrolments: Vec<Enrolment>,
    /// Why this device cannot trust it, if it cannot: both digests are named.
    pub problem: Option<String>,
}

/// A key on the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub(crate) struct RosterRow {
    /// The person.
    pub owner: UserId,
    /// Their name.
    pub name: String,
    /// The device.
    pub device: String,
    /// The key.
    pub key_id: KeyId,
    /// The groups they count for.
    pub groups: Vec<String>,
    /// Whether it is this device.
    pub this_device: bool,
}

/// A version of the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub(crate) struct RosterVersion {
    /// 1, 2, 3, …
    pub version: u32,
    /// When it was made.
    pub issued_at: Instant,
    /// Who signed it.
    pub signed_by: Vec<String>,
    /// One sentence: what changed.
    pub sentence: String,
}
