//! A reader who remembers: it takes a new checkpoint only if the log that it trusted is the beginning of the new one.
//!
//! This is what turns the log's word into a promise it cannot take back: a removed, changed or hidden entry makes
//! some witness's next step fail, and the error names what broke.

use crate::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use crate::hash::Head;
use crate::key::LogVerifier;
use crate::proof::{ConsistencyProof, ProofError};

/// What a reader trusts of one log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    verifier: LogVerifier,
    trusted: Option<Checkpoint>,
}

/// Why a witness does not follow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    /// The new checkpoint is not a valid checkpoint of this log.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Entries are missing at the end.
    #[error(
        "the log has shrunk: it had {trusted} entries, now it claims {offered}; entries {offered} and later are gone"
    )]
    Shrunk {
        /// The size that is trusted.
        trusted: u64,
        /// The size that came.
        offered: u64,
    },
    /// Entries that were trusted have changed, or other readers are shown another log.
    #[error("the log has forked: its first {trusted} entries are not those that were seen before")]
    Forked {
        /// The size that is trusted.
        trusted: u64,
        /// The size that came.
        offered: u64,
    },
    /// The proof is about other sizes, so nothing is known yet.
    #[error("the proof does not fit: {0}; ask for one between the two checkpoints")]
    OtherProof(ProofError),
}

impl Witness {
    /// One that has seen nothing yet: it takes the first checkpoint on the log's word.
    #[must_use]
    pub const fn new(verifier: LogVerifier) -> Self {
        Self { verifier, trusted: None }
    }

    /// One that goes on from the checkpoint it kept.
    pub fn resume(verifier: LogVerifier, kept: &SignedCheckpoint) -> Result<Self, CheckpointError> {
        let trusted = Some(kept.verify(&verifier)?);
        Ok(Self { verifier, trusted })
    }

    /// The last checkpoint that it took.
    #[must_use]
    pub const fn trusted(&self) -> Option<&Checkpoint> {
        self.trusted.as_ref()
    }

    /// The size from which the next consistency proof must start.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.trusted.as_ref().map_or(0, |checkpoint| checkpoint.size)
    }

    /// Follows the log to a new checkpoint. `proof` leads from [`Self::size`] to its size.
    pub fn advance(&self, next: &SignedCheckpoint, proof: &ConsistencyProof) -> Result<Self, WitnessError> {
        let next = next.verify(&self.verifier)?;
        let (old, new) = (self.trusted.as_ref().map_or(Head::EMPTY, Checkpoint::head), next.head());
        let (trusted, offered) = (old.size, new.size);
        if offered < trusted {
            return Err(WitnessError::Shrunk { trusted, offered });
        }
        if offered == trusted && new.root != old.root {
            return Err(WitnessError::Forked { trusted, offered });
        }
        match proof.verify(&old, &new) {
            Ok(()) => Ok(Self { verifier: self.verifier.clone(), trusted: Some(next) }),
            Err(ProofError::Mismatch) => Err(WitnessError::Forked { trusted, offered }),
            Err(error) => Err(WitnessError::OtherProof(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::LogKey;
    use crate::testing::{Memory, entry};

    fn key() -> LogKey {
        LogKey::from_seed("countersign.test/log", &[1; 32]).unwrap()
    }

    fn step(memory: &mut Memory, from: u64, to: u64) -> (SignedCheckpoint, ConsistencyProof) {
        (key().sign(&memory.head_at(to)), ConsistencyProof::make(from, to, memory).unwrap().unwrap())
    }

    fn at(size: u64) -> Witness {
        let mut memory = Memory::of(size);
        let (checkpoint, proof) = step(&mut memory, 0, size);
        Witness::new(key().public()).advance(&checkpoint, &proof).unwrap()
    }

    #[test]
    fn a_witness_follows_a_log_that_only_grows() {
        let mut memory = Memory::of(20);
        let mut witness = Witness::new(key().public());
        for to in [0, 1, 1, 5, 8, 20] {
            let (checkpoint, proof) = step(&mut memory, witness.size(), to);
            witness = witness.advance(&checkpoint, &proof).unwrap();
            assert_eq!(witness.trusted().unwrap().head(), memory.head_at(to));
            assert_eq!(Witness::resume(key().public(), &checkpoint).unwrap(), witness);
        }
    }

    #[test]
    fn deleted_newest_entries_are_named() {
        let (checkpoint, proof) = step(&mut Memory::of(5), 0, 3);
        let error = at(5).advance(&checkpoint, &proof).unwrap_err();
        assert_eq!(error, WitnessError::Shrunk { trusted: 5, offered: 3 });
        assert!(error.to_string().ends_with("entries 3 and later are gone"), "{error}");
    }

    #[test]
    fn an_edited_entry_is_a_fork_at_every_later_size() {
        let mut forged = Memory::default();
        for n in 0..12 {
            forged.append(&[&if n == 2 { b"edited".to_vec() } else { entry(n) }]);
        }
        for to in 5..=12 {
            let (checkpoint, proof) = step(&mut forged, 5, to);
            let error = at(5).advance(&checkpoint, &proof).unwrap_err();
            assert_eq!(error, WitnessError::Forked { trusted: 5, offered: to });
        }
    }

    #[test]
    fn a_proof_for_other_sizes_proves_nothing() {
        let mut memory = Memory::of(9);
        let checkpoint = key().sign(&memory.head());
        let proof = ConsistencyProof::make(4, 9, &mut memory).unwrap().unwrap();
        let error = at(5).advance(&checkpoint, &proof).unwrap_err();
        assert_eq!(error, WitnessError::OtherProof(ProofError::OtherSize { proved: 4, wanted: 5 }));
    }

    #[test]
    fn another_key_or_log_is_refused_before_anything_else() {
        let mut memory = Memory::of(6);
        let proof = ConsistencyProof::make(5, 6, &mut memory).unwrap().unwrap();
        for other in [("countersign.test/log", 2), ("elsewhere.test/log", 1)] {
            let key = LogKey::from_seed(other.0, &[other.1; 32]).unwrap();
            let checkpoint = key.sign(&memory.head());
            assert!(matches!(at(5).advance(&checkpoint, &proof), Err(WitnessError::Checkpoint(_))), "{other:?}");
        }
    }
}
