//! This device as a witness of the ledger: it follows each signed checkpoint only if what it saw before is its beginning.

use contract::audit::AuditEntry;
use domain::Instant;
use ledger::{
    Checkpoint, CheckpointError, ConsistencyProof, LogVerifier, ProofError, SignedCheckpoint, Witness, WitnessError,
};

use crate::trust::{TrustError, TrustStore};
use crate::{Api, ClientError};

/// What was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The checkpoint that this device now trusts.
    pub checkpoint: Checkpoint,
    /// Its signed note.
    pub note: String,
    /// When.
    pub at: Instant,
}

/// Why the ledger was not verified.
#[derive(Debug, thiserror::Error)]
pub enum WitnessRefusal {
    /// It could not be asked.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// What is trusted could not be read or kept.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// It signs with another key than before.
    #[error("the ledger signs with another key than before: trusted {trusted}, offered {offered}")]
    OtherKey {
        /// The key as first seen.
        trusted: String,
        /// The key that came.
        offered: String,
    },
    /// The key is no log key.
    #[error("the ledger's key is malformed: {0}")]
    Key(String),
    /// The checkpoint that was kept here does not verify.
    #[error("the checkpoint that was kept here does not verify: {0}")]
    Kept(CheckpointError),
    /// The new one does not follow.
    #[error(transparent)]
    Broken(#[from] WitnessError),
    /// An entry is not where it is said to be.
    #[error("entry {index} is not in the tree of the verified checkpoint: {error}")]
    NotIncluded {
        /// Where it is said to be.
        index: u64,
        /// What does not fit.
        error: ProofError,
    },
}

impl WitnessRefusal {
    /// Whether something does not hold, as opposed to nothing being known.
    #[must_use]
    pub const fn is_break(&self) -> bool {
        matches!(self, Self::OtherKey { .. } | Self::Kept(_) | Self::Broken(_) | Self::NotIncluded { .. })
    }
}

/// Fetches the newest checkpoint, demands proof that it continues the trusted one, and trusts it from now on.
pub async fn advance(api: &Api, trust: &TrustStore, now: Instant) -> Result<Verified, WitnessRefusal> {
    let issuer = api.address().issuer();
    let trusted = trust.get(&issuer)?;
    let offered = api.checkpoint().await?;
    if let Some(known) = trusted.ledger_key.filter(|known| *known != offered.verifier) {
        return Err(WitnessRefusal::OtherKey { trusted: known, offered: offered.verifier });
    }
    let verifier: LogVerifier = offered.verifier.parse().map_err(|error| WitnessRefusal::Key(format!("{error}")))?;
    let witness = match &trusted.checkpoint {
        None => Witness::new(verifier.clone()),
        Some(note) => {
            let kept = SignedCheckpoint::from_text(note.as_str());
            Witness::resume(verifier.clone(), &kept).map_err(WitnessRefusal::Kept)?
        }
    };
    let next = SignedCheckpoint::from_text(offered.note.as_str());
    let size = next.verify(&verifier).map_err(WitnessError::from)?.size;
    let proof = if witness.size() == 0 || witness.size() >= size {
        ConsistencyProof { from: witness.size(), to: size, hashes: Vec::new() }
    } else {
        api.consistency(witness.size(), size).await?
    };
    let advanced = witness.advance(&next, &proof)?;
    let note = next.as_str().to_owned();
    trust.update(&issuer, |trusted| {
        trusted.ledger_key = Some(offered.verifier.clone());
        trusted.checkpoint = Some(note.clone());
    })?;
    let checkpoint = advanced.trusted().cloned().ok_or_else(|| WitnessRefusal::Key("nothing is trusted".into()))?;
    Ok(Verified { checkpoint, note, at: now })
}

/// Demands proof that an entry is in the tree of a verified checkpoint. `None` if it is newer than that.
pub async fn include(api: &Api, verified: &Verified, entry: &AuditEntry) -> Result<Option<u64>, WitnessRefusal> {
    let Some(index) = entry.index.filter(|index| *index < verified.checkpoint.size) else { return Ok(None) };
    let proof = api.inclusion(index, verified.checkpoint.size).await?;
    if proof.index != index {
        let (index, size) = (proof.index, proof.size);
        return Err(WitnessRefusal::NotIncluded { index, error: ProofError::Outside { index, size } });
    }
    proof
        .verify(entry.leaf.as_bytes(), &verified.checkpoint.head())
        .map_err(|error| WitnessRefusal::NotIncluded { index, error })?;
    Ok(Some(index))
}
