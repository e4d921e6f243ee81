//! Two claims about a log and their proofs: "this entry is at this index", and "that old log is the beginning of this
//! one". Plain values: they travel as JSON, and a client verifies them with this same code.
//!
//! A proof says nothing by itself; it is checked against heads that the verifier trusts.

use serde::{Deserialize, Serialize};
use tlog_tiles::tlog;

use crate::hash::{Hash, Head, leaf_hash};
use crate::tree::{Hashes, with};

/// No tree has a longer path than this.
const LONGEST: usize = 64;

/// The proof that an entry is in a log (RFC 6962 §2.1.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InclusionProof {
    /// The index of the entry, from 0.
    pub index: u64,
    /// The size of the log that it is proved for.
    pub size: u64,
    /// The hashes beside the path from the leaf to the root, nearest to the leaf first.
    pub hashes: Vec<Hash>,
}

/// The proof that a log is the beginning of a larger one (RFC 6962 §2.1.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsistencyProof {
    /// The size of the older log.
    pub from: u64,
    /// The size of the newer log.
    pub to: u64,
    /// The hashes, nearest to the leaves first. None if the older log is empty or both are equal.
    pub hashes: Vec<Hash>,
}

/// Why a proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// It is a proof for a log of another size.
    #[error("the proof is for a log of {proved} entries, not of {wanted}")]
    OtherSize {
        /// The size in the proof.
        proved: u64,
        /// The size of the head that it was checked against.
        wanted: u64,
    },
    /// It names an entry that the log does not have.
    #[error("the proof is for index {index}, but the log has {size} entries")]
    Outside {
        /// The index in the proof.
        index: u64,
        /// The size of the log.
        size: u64,
    },
    /// The hashes do not lead to the root.
    #[error("the proof does not lead to the root of the log")]
    Mismatch,
}

impl InclusionProof {
    /// Makes the proof from stored hashes, or `None` if a log of that size has no such entry.
    pub fn make<H: Hashes>(index: u64, size: u64, stored: &mut H) -> Result<Option<Self>, H::Error> {
        if index >= size {
            return Ok(None);
        }
        let path = with(stored, |reader| tlog::prove_record(size, index, reader))?;
        Ok(Some(Self { index, size, hashes: ours(path) }))
    }

    /// Checks that `entry`, these very bytes, is at `self.index` of the log with that head.
    pub fn verify(&self, entry: &[u8], head: &Head) -> Result<(), ProofError> {
        if self.size != head.size {
            return Err(ProofError::OtherSize { proved: self.size, wanted: head.size });
        }
        if self.index >= self.size {
            return Err(ProofError::Outside { index: self.index, size: self.size });
        }
        let path = theirs(&self.hashes)?;
        tlog::check_record(&path, self.size, head.root.into(), self.index, leaf_hash(entry).into())
            .map_err(|_| ProofError::Mismatch)
    }
}

impl ConsistencyProof {
    /// Makes the proof from stored hashes, or `None` if the older log is the larger one.
    pub fn make<H: Hashes>(from: u64, to: u64, stored: &mut H) -> Result<Option<Self>, H::Error> {
        if from > to {
            return Ok(None);
        }
        let path = if from == 0 { Vec::new() } else { with(stored, |reader| tlog::prove_tree(to, from, reader))? };
        Ok(Some(Self { from, to, hashes: ours(path) }))
    }

    /// Checks that the log with head `from` is the beginning of the log with head `to`.
    pub fn verify(&self, from: &Head, to: &Head) -> Result<(), ProofError> {
        for (proved, wanted) in [(self.from, from.size), (self.to, to.size)] {
            if proved != wanted {
                return Err(ProofError::OtherSize { proved, wanted });
            }
        }
        if self.from == 0 {
            // Every log begins with the empty one; there is nothing to prove and nothing may be added.
            let empty_is_empty = *from == Head::EMPTY && (to.size > 0 || *to == Head::EMPTY);
            return if self.hashes.is_empty() && empty_is_empty { Ok(()) } else { Err(ProofError::Mismatch) };
        }
        let path = theirs(&self.hashes)?;
        tlog::check_tree(&path, self.to, to.root.into(), self.from, from.root.into()).map_err(|_| ProofError::Mismatch)
    }
}

fn ours(path: Vec<tlog::Hash>) -> Vec<Hash> {
    path.into_iter().map(Hash::from).collect()
}

fn theirs(hashes: &[Hash]) -> Result<Vec<tlog::Hash>, ProofError> {
    if hashes.len() > LONGEST {
        return Err(ProofError::Mismatch);
    }
    Ok(hashes.iter().copied().map(tlog::Hash::from).collect())
}

#[cfg(test)]
mod tests;
