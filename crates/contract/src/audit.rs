//! The audit trail and the ledger's proofs.

use domain::event::Entry;
use serde::{Deserialize, Serialize};

/// One audit fact as it is served: the exact leaf, so that its reader can hash it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct AuditEntry {
    /// Its place in the ledger; absent for a second until it is integrated.
    #[specta(type = Option<f64>)]
    pub index: Option<u64>,
    /// The canonical JSON that is hashed.
    pub leaf: String,
}

impl AuditEntry {
    /// The fact itself, read from the leaf.
    pub fn entry(&self) -> Result<Entry, serde_json::Error> {
        serde_json::from_str(&self.leaf)
    }
}

/// `GET /api/v1/audit/checkpoint`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The signed note (C2SP tlog-checkpoint).
    pub note: String,
    /// The log's public key (C2SP signed-note verifier key).
    pub verifier: String,
}
