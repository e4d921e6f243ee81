//! Signed checkpoints, kept so that they can be handed out. One is taken only if it says what this ledger holds, so a
//! signature over anything else is not even stored.

use domain::Instant;
use ledger::Head;

use super::{Stored, head};
use crate::engine::{Row, text};
use crate::error::{Collision, StoreError};
use crate::transaction::{Housekeeping, Query};

/// A checkpoint as it was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// How many entries it covers.
    pub size: u64,
    /// The signed note.
    pub note: String,
    /// When it was signed.
    pub made_at: Instant,
}

/// Under which name the signer is kept.
const SIGNER: &str = "ledger-signer";

/// Names the key that signs this ledger (C2SP signed-note, "verifier key"), if none is named yet. Gives the one that is.
pub fn name_signer(keep: &mut Housekeeping<'_>, verifier: &str) -> Result<String, StoreError> {
    crate::settings::agree(keep, SIGNER, verifier)
}

/// The key that signs this ledger, once one was named.
pub fn signer(q: &mut dyn Query) -> Result<Option<String>, StoreError> {
    crate::settings::get(q, SIGNER)
}

/// Keeps a checkpoint of this ledger. Another process may have signed the same one, or a later one, which says more:
/// that is no conflict.
pub fn insert_checkpoint(
    keep: &mut Housekeeping<'_>,
    size: u64,
    note: &str,
    made_at: Instant,
) -> Result<(), StoreError> {
    let refuse = |what: String| Err(StoreError::misuse(&format!("a checkpoint was not taken: {what}")));
    let known = head(keep)?.size;
    if size > known {
        return refuse(format!("it covers {size} entries of {known}"));
    }
    let root = Head::read(size, &mut Stored(keep))?.root.to_string();
    let mut lines = note.lines().skip(1);
    if lines.next() != Some(&size.to_string()) || lines.next() != Some(&root) {
        return refuse(format!("it does not give the root of the ledger at {size}"));
    }
    if latest_checkpoint(keep)?.is_some_and(|latest| latest.size > size) {
        return Ok(());
    }
    let sql = "INSERT INTO checkpoints (size, note, made_at) VALUES ($1, $2, $3) ON CONFLICT (size) DO NOTHING";
    keep.execute(sql, &[size.into(), text(&note), made_at.into()])?;
    match checkpoint(keep, size)? {
        Some(kept) if kept.note == note => Ok(()),
        _ => Err(StoreError::conflict("checkpoints", Collision::Taken)),
    }
}

/// The checkpoint of this size.
pub fn checkpoint(q: &mut dyn Query, size: u64) -> Result<Option<Checkpoint>, StoreError> {
    let rows = q.rows("SELECT size, note, made_at FROM checkpoints WHERE size = $1", &[size.into()])?;
    rows.first().map(read).transpose()
}

/// The newest checkpoint.
pub fn latest_checkpoint(q: &mut dyn Query) -> Result<Option<Checkpoint>, StoreError> {
    let rows = q.rows("SELECT size, note, made_at FROM checkpoints ORDER BY size DESC LIMIT 1", &[])?;
    rows.first().map(read).transpose()
}

fn read(row: &Row) -> Result<Checkpoint, StoreError> {
    Ok(Checkpoint { size: row.number("size")?, note: row.text("note")?.to_owned(), made_at: row.instant("made_at")? })
}
