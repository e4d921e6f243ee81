//! The audit room.

use domain::Instant;
use domain::event::Kind;
use serde::{Deserialize, Serialize};
use specta::Type;

/// Which entries.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditQuery {
    /// Only of this kind, for example `ticket.opened`.
    pub kind: Option<String>,
    /// Only about this id.
    pub about: Option<String>,
    /// Only with this text in them.
    pub text: Option<String>,
    /// The next page.
    pub cursor: Option<String>,
}

/// An entry of the audit room.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
pub(crate) struct AuditRow {
    /// Its place in the ledger, once it has one.
    #[specta(type = Option<f64>)]
    pub index: Option<u64>,
    /// Its id.
    pub id: String,
    /// When.
    pub at: Instant,
    /// What.
    pub kind: Kind,
    /// Who.
    pub principal: Option<String>,
    /// About what.
    pub about: Option<String>,
    /// One sentence.
    pub sentence: String,
    /// The leaf, indented.
    pub json: String,
}

/// Whether an entry is in the tree of the verified checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub(crate) struct Inclusion {
    /// Whether it was proved.
    pub included: bool,
    /// One sentence.
    pub sentence: String,
}

/// What the console knows of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
pub(crate) struct Integrity {
    /// How it stands.
    pub state: IntegrityState,
    /// The ledger's name.
    pub origin: Option<String>,
    /// Entries under the verified checkpoint.
    #[specta(type = Option<f64>)]
    pub size: Option<u64>,
    /// Its root hash, base64.
    pub root: Option<String>,
    /// The signed note, to be read.
    pub note: Option<String>,
    /// When it was checked.
    pub checked_at: Option<Instant>,
    /// What does not hold, with the index.
    pub problem: Option<String>,
}

/// How the ledger stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IntegrityState {
    /// Not looked at yet.
    Unknown,
    /// Signature, consistency and inclusion hold.
    Verified,
    /// Something does not hold.
    Broken,
}
