//! Checkpoints: the log's signed word for "so many entries, with this root" (C2SP tlog-checkpoint in a signed note).
//!
//! A [`Checkpoint`] can only be had by verifying a [`SignedCheckpoint`], so a head that nobody signed is never taken
//! for one. Other people's signatures on the same note are allowed and ignored; extension lines are not.

use std::fmt;

use serde::{Deserialize, Serialize};
use signed_note::{Note, NoteError, VerifierList};
use tlog_tiles::checkpoint as tlog;

use crate::hash::{Hash, Head};
use crate::key::{LogKey, LogVerifier, NoteSigner};

/// A longer text is not looked at: three lines and a hundred co-signatures fit.
const LONGEST: usize = 64 * 1024;

/// The largest size that every JSON reader keeps exactly: 2^53 − 1.
const LARGEST: u64 = (1 << 53) - 1;

/// A checkpoint in its text form, with signatures, not verified yet.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SignedCheckpoint(String);

/// A checkpoint whose signature was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many entries it had.
    pub size: u64,
    /// The root over all of them.
    pub root: Hash,
}

/// Why a checkpoint was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// It is not a checkpoint in its one spelling.
    #[error("the checkpoint is malformed: {0}")]
    Malformed(&'static str),
    /// The log's own signature is wrong.
    #[error("the signature of `{origin}` on the checkpoint does not verify")]
    BadSignature {
        /// Whose.
        origin: String,
    },
    /// The log has not signed it.
    #[error("the checkpoint is not signed by `{origin}` with the key that is trusted")]
    Unsigned {
        /// Whose signature was looked for.
        origin: String,
    },
    /// It is about another log.
    #[error("the checkpoint is of log `{found}`, not of `{wanted}`")]
    OtherOrigin {
        /// The log that is trusted.
        wanted: String,
        /// The log that it names.
        found: String,
    },
}

impl Checkpoint {
    /// Its size and root.
    #[must_use]
    pub const fn head(&self) -> Head {
        Head { size: self.size, root: self.root }
    }
}

impl LogKey {
    /// Signs a head.
    ///
    /// # Panics
    /// Never: an origin that makes no valid note makes no key either.
    #[must_use]
    pub fn sign(&self, head: &Head) -> SignedCheckpoint {
        let text = format!("{}\n{}\n{}\n", self.origin(), head.size, head.root);
        let mut note = Note::new(text.as_bytes(), &[]).expect("the origin is printable, the rest is digits and base64");
        note.add_sigs(&[&NoteSigner(self)]).expect("the origin is a valid key name, and Ed25519 signs anything");
        SignedCheckpoint(String::from_utf8(note.to_bytes()).expect("a note is made of texts"))
    }
}

impl SignedCheckpoint {
    /// The text as it came from outside.
    #[must_use]
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Checks the log's signature and reads the checkpoint.
    pub fn verify(&self, verifier: &LogVerifier) -> Result<Checkpoint, CheckpointError> {
        if self.0.len() > LONGEST {
            return Err(CheckpointError::Malformed("it is longer than 64 KiB"));
        }
        let note =
            Note::from_bytes(self.0.as_bytes()).map_err(|_| CheckpointError::Malformed("it is not a signed note"))?;
        let checkpoint = parse(note.text())?;
        if checkpoint.origin != verifier.origin() {
            let (wanted, found) = (verifier.origin().to_owned(), checkpoint.origin);
            return Err(CheckpointError::OtherOrigin { wanted, found });
        }
        let origin = checkpoint.origin.clone();
        match note.verify(&VerifierList::new(vec![Box::new(verifier.clone())])) {
            Ok(_) => Ok(checkpoint),
            Err(NoteError::InvalidSignature { .. }) => Err(CheckpointError::BadSignature { origin }),
            Err(_) => Err(CheckpointError::Unsigned { origin }),
        }
    }
}

/// Reads the three lines strictly: what is read, written again, is the same text.
fn parse(text: &[u8]) -> Result<Checkpoint, CheckpointError> {
    let malformed = CheckpointError::Malformed;
    let read = tlog::Checkpoint::from_bytes(text).map_err(|_| malformed("it is not origin, size and root"))?;
    if !read.extension().is_empty() {
        return Err(malformed("it has more than three lines"));
    }
    if read.to_bytes() != text {
        return Err(malformed("it is not in its one spelling"));
    }
    if read.size() > LARGEST {
        return Err(malformed("its size is beyond 2^53 - 1"));
    }
    let root = Hash::from(*read.hash());
    if read.size() == 0 && root != Head::EMPTY.root {
        return Err(malformed("it has no entries, but another root than the empty log"));
    }
    Ok(Checkpoint { origin: read.origin().to_owned(), size: read.size(), root })
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedCheckpoint({:?})", self.0)
    }
}

#[cfg(test)]
mod tests;
