//! The transparency log: what an entry hashes to, how a tree of them grows, and how anyone checks a claim about it.
//!
//! RFC 6962 hashing, stored hashes laid out as in C2SP tlog-tiles, checkpoints as C2SP tlog-checkpoint in signed notes.
//! One invariant: what writes the log and what checks it is this same code, so a server and a console cannot differ
//! on what a proof means.
//!
//! Deliberately absent: where hashes are kept (a store implements [`Hashes`]), clocks, HTTP.

pub mod checkpoint;
pub mod hash;
pub mod key;
pub mod proof;
pub mod recount;
#[cfg(test)]
pub(crate) mod testing;
pub mod tree;
pub mod witness;

pub use checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
pub use hash::{Hash, Head, leaf_hash};
pub use key::{LogKey, LogVerifier};
pub use proof::{ConsistencyProof, InclusionProof, ProofError};
pub use recount::Recount;
pub use tree::{Append, Appended, Hashes, MissingHash};
pub use witness::{Witness, WitnessError};
