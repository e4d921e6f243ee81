//! Whether the stored ledger is still what it was: its end at every start, the whole on demand.
//!
//! The whole is counted again from the leaves alone and compared with every stored hash and the head. Someone who
//! changes leaves, hashes and head together is found by the readers who remember a checkpoint.

use domain::event::Entry;
use ledger::{Hash, Head, Recount, leaf_hash};

use super::{Stored, head};
use crate::engine::{Row, Value};
use crate::entries;
use crate::error::StoreError;
use crate::transaction::{Query, Reader};

/// How many entries are read at once.
const PAGE: u32 = 1000;

/// What a recheck of the whole ledger found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recheck {
    /// Every entry, hash and the head fit.
    Sound(Head),
    /// From this index on they do not.
    Broken {
        /// The first index that is wrong.
        index: u64,
        /// What is wrong there.
        what: &'static str,
    },
}

/// Counts the whole ledger again.
pub fn recheck(q: &mut dyn Query) -> Result<Recheck, StoreError> {
    let claimed = head(q)?;
    let mut recount = Recount::default();
    loop {
        let next = recount.head().size;
        let sql = "SELECT id, kind, principal, about, ledger_index, leaf FROM entries
            WHERE ledger_index >= $1 ORDER BY ledger_index LIMIT $2";
        let rows = q.rows(sql, &[next.into(), PAGE.into()])?;
        if rows.is_empty() {
            break;
        }
        let mut fresh = Vec::new();
        for (index, row) in (next..).zip(&rows) {
            if let Some(what) = wrong(row, index)? {
                return Ok(Recheck::Broken { index, what });
            }
            let leaf = leaf_hash(row.text("leaf")?.as_bytes());
            fresh.extend(recount.push(leaf).into_iter().map(|hash| (index, hash)));
        }
        if let Some(index) = differing(q, ledger::tree::leaf_position(next), &fresh)? {
            return Ok(Recheck::Broken { index, what: "its leaf does not give the stored hashes" });
        }
    }
    let counted = recount.head();
    let index = counted.size.min(claimed.size);
    Ok(if counted.size < claimed.size {
        Recheck::Broken { index, what: "entries are missing from here on" }
    } else if counted.size > claimed.size {
        Recheck::Broken { index, what: "entries have a place that the head does not know" }
    } else if counted != claimed {
        Recheck::Broken { index, what: "the head has another root" }
    } else {
        Recheck::Sound(counted)
    })
}

/// What is wrong with an entry's row by itself.
fn wrong(row: &Row, index: u64) -> Result<Option<&'static str>, StoreError> {
    if row.number::<u64>("ledger_index")? != index {
        return Ok(Some("the entry is missing"));
    }
    let leaf = row.text("leaf")?;
    let Ok(entry) = serde_json::from_str::<Entry>(leaf) else { return Ok(Some("its leaf is not an entry")) };
    if entry.leaf() != leaf.as_bytes() {
        return Ok(Some("its leaf is not in canonical form"));
    }
    let text = |column| row.optional_text(column).map(Value::from);
    let stored = [text("id")?, text("kind")?, text("principal")?, text("about")?];
    Ok((stored != entries::columns(&entry)).then_some("it is filed under something else than its leaf says"))
}

/// The index of the entry whose hashes are stored otherwise, the first of them.
fn differing(q: &mut dyn Query, first: u64, expected: &[(u64, Hash)]) -> Result<Option<u64>, StoreError> {
    let end = first + u64::try_from(expected.len()).unwrap_or(u64::MAX);
    let sql = "SELECT position, hash FROM log_hashes WHERE position >= $1 AND position < $2 ORDER BY position";
    let rows = q.rows(sql, &[first.into(), end.into()])?;
    for (at, (index, hash)) in expected.iter().enumerate() {
        let position = first + u64::try_from(at).unwrap_or(u64::MAX);
        let stored = match rows.get(at) {
            Some(row) if row.number::<u64>("position")? == position => row.bytes("hash").ok(),
            _ => None,
        };
        if stored != Some(*hash.as_bytes()) {
            return Ok(Some(*index));
        }
    }
    Ok(None)
}

/// Checks the end of the ledger: the head against the stored hashes, the newest leaf against its hash.
pub(crate) fn check_end(q: &mut Reader<'_>) -> Result<(), StoreError> {
    let claimed = head(q)?;
    if Head::read(claimed.size, &mut Stored(q))? != claimed {
        return Err(StoreError::corrupt("the stored hashes of the ledger do not give its root"));
    }
    let Some(index) = claimed.size.checked_sub(1) else { return Ok(()) };
    let newest = entries::by_index(q, index)?;
    let newest = newest.ok_or_else(|| StoreError::corrupt(&format!("entry {index} of the ledger is missing")))?;
    let stored = ledger::Hashes::read(&mut Stored(q), &[ledger::tree::leaf_position(index)])?;
    if stored != [leaf_hash(&newest.leaf)] {
        return Err(StoreError::corrupt(&format!("entry {index} of the ledger was changed")));
    }
    Ok(())
}
