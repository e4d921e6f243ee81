//! The ledger over the entries: places, stored hashes, the head, proofs, checkpoints.
//!
//! Entries get their indexes in the order of their writing. The head moves by a conditional update, so two processes
//! that integrate at once make one linear log. What is there is checked before anything is added to it: a tampered
//! log is not grown and not signed.

mod checkpoints;
mod recheck;

use ledger::{Append, ConsistencyProof, Hash, Hashes, Head, InclusionProof, leaf_hash};

use crate::engine::{Value, text};
use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::sealed::Rows as _;
use crate::transaction::{Housekeeping, Query};

pub use checkpoints::{Checkpoint, checkpoint, insert_checkpoint, latest_checkpoint, name_signer, signer};
pub(crate) use recheck::check_end;
pub use recheck::{Recheck, recheck};

pub(crate) const TABLE: Migration = Migration {
    name: "log",
    sql: "CREATE TABLE log_hashes (
    position INTEGER PRIMARY KEY,
    hash BLOB NOT NULL
) STRICT;
CREATE TABLE log_head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL,
    root TEXT NOT NULL
) STRICT;
INSERT INTO log_head (one, size, root) VALUES (1, 0, '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=');
CREATE TABLE checkpoints (
    size INTEGER PRIMARY KEY,
    note TEXT NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;",
};

/// What an integration did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Integrated {
    /// The head afterwards.
    pub head: Head,
    /// How many entries got their place.
    pub count: u32,
}

/// Gives the oldest entries without a place theirs, at most `limit` of them.
pub fn integrate(keep: &mut Housekeeping<'_>, limit: u32) -> Result<Integrated, StoreError> {
    // Most of the time there is nothing, and then nothing is written either.
    if keep.rows("SELECT sequence FROM entries WHERE ledger_index IS NULL LIMIT 1", &[])?.is_empty() {
        return Ok(Integrated { head: head(keep)?, count: 0 });
    }
    // Changes nothing, but makes a second process wait here rather than do the same work in vain.
    keep.execute("UPDATE log_head SET size = size WHERE one = 1", &[])?;
    let old = head(keep)?;
    if Head::read(old.size, &mut Stored(keep))? != old {
        return Err(StoreError::corrupt(&format!(
            "the stored hashes of the ledger do not give its root at {}",
            old.size
        )));
    }
    let sql = "SELECT sequence, leaf FROM entries WHERE ledger_index IS NULL ORDER BY sequence LIMIT $1";
    let waiting = keep.rows(sql, &[limit.into()])?;
    let mut append = Append::after(old.size);
    for row in &waiting {
        let index = append.push(leaf_hash(row.text("leaf")?.as_bytes()), &mut Stored(keep))?;
        let sql = "UPDATE entries SET ledger_index = $1 WHERE sequence = $2 AND ledger_index IS NULL";
        if keep.execute(sql, &[index.into(), row.int("sequence")?.into()])? == 0 {
            return keep.give_way("entries");
        }
    }
    let grown = append.finish(&mut Stored(keep))?;
    for (position, hash) in (grown.first..).zip(&grown.hashes) {
        keep.execute("INSERT INTO log_hashes (position, hash) VALUES ($1, $2)", &[position.into(), (*hash).into()])?;
    }
    let head = grown.head;
    let sql = "UPDATE log_head SET size = $1, root = $2 WHERE one = 1 AND size = $3 AND root = $4";
    if keep.execute(sql, &[head.size.into(), text(&head.root), old.size.into(), text(&old.root)])? == 0 {
        return keep.give_way("log_head");
    }
    Ok(Integrated { head, count: u32::try_from(waiting.len()).unwrap_or(u32::MAX) })
}

/// The head of the ledger.
pub fn head(q: &mut dyn Query) -> Result<Head, StoreError> {
    let rows = q.rows("SELECT size, root FROM log_head WHERE one = 1", &[])?;
    let row = rows.first().ok_or_else(|| StoreError::corrupt("the ledger has no head"))?;
    Ok(Head { size: row.number("size")?, root: row.parsed("root")? })
}

/// The proof that the entry at `index` is in the ledger of `size` entries.
pub fn inclusion_proof(q: &mut dyn Query, index: u64, size: u64) -> Result<InclusionProof, StoreError> {
    check_size(q, size)?;
    InclusionProof::make(index, size, &mut Stored(q))?
        .ok_or_else(|| StoreError::misuse(&format!("the ledger of {size} entries has none at index {index}")))
}

/// The proof that the ledger of `from` entries is the beginning of the ledger of `to` entries.
pub fn consistency_proof(q: &mut dyn Query, from: u64, to: u64) -> Result<ConsistencyProof, StoreError> {
    check_size(q, to)?;
    ConsistencyProof::make(from, to, &mut Stored(q))?
        .ok_or_else(|| StoreError::misuse(&format!("the ledger of {from} entries cannot be the beginning of {to}")))
}

fn check_size(q: &mut dyn Query, size: u64) -> Result<(), StoreError> {
    let known = head(q)?.size;
    if size <= known {
        return Ok(());
    }
    Err(StoreError::misuse(&format!("the ledger has {known} entries, not {size}")))
}

/// The stored hashes.
struct Stored<'a>(&'a mut dyn Query);

impl Hashes for Stored<'_> {
    type Error = StoreError;

    fn read(&mut self, positions: &[u64]) -> Result<Vec<Hash>, StoreError> {
        let parameters: Vec<Value> = positions.iter().map(|position| (*position).into()).collect();
        let list = (1..=positions.len()).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ");
        let sql = format!("SELECT position, hash FROM log_hashes WHERE position IN ({list})");
        let rows = self.0.rows(&sql, &parameters)?;
        let mut found = std::collections::BTreeMap::new();
        for row in &rows {
            found.insert(row.number::<u64>("position")?, Hash::from_bytes(row.bytes("hash")?));
        }
        let hash = |position| found.get(position).copied().ok_or_else(|| ledger::MissingHash.into());
        positions.iter().map(hash).collect()
    }
}
