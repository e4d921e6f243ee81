//! The audit trail and the ledger's proofs.

use domain::event::{Entry, Kind};
use domain::principal::Principal;
use serde::{Deserialize, Serialize};

/// One audit fact as it is served: the exact leaf, so that its reader can hash it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Checkpoint {
    /// The signed note (C2SP tlog-checkpoint).
    pub note: String,
    /// The log's public key (C2SP signed-note verifier key).
    pub verifier: String,
}

/// The query of `GET /api/v1/audit/events`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrailFilter {
    /// Only facts of this kind.
    pub kind: Option<Kind>,
    /// Only what this principal did.
    pub principal: Option<Principal>,
    /// Only what is about this id.
    pub about: Option<String>,
    /// Only what has this text in it.
    pub text: Option<String>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}

/// The query of `GET /api/v1/audit/proofs/inclusion`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InclusionOf {
    /// The index of the entry, from 0.
    pub index: u64,
    /// The size of the tree that it is in.
    pub size: u64,
}

/// The query of `GET /api/v1/audit/proofs/consistency`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsistencyOf {
    /// The size of the older tree.
    pub from: u64,
    /// The size of the newer tree.
    pub to: u64,
}

/// The proof that an entry is in a tree (RFC 6962 §2.1.1). The ledger's own type has the same form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct InclusionProof {
    /// The index of the entry, from 0.
    pub index: u64,
    /// The size of the tree that it is proved for.
    pub size: u64,
    /// The hashes beside the path from the leaf to the root, nearest to the leaf first: base64 with padding.
    pub hashes: Vec<String>,
}

/// The proof that a tree is the beginning of a larger one (RFC 6962 §2.1.2). The ledger's own type has the same form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ConsistencyProof {
    /// The size of the older tree.
    pub from: u64,
    /// The size of the newer tree.
    pub to: u64,
    /// The hashes, nearest to the leaves first: base64 with padding.
    pub hashes: Vec<String>,
}
