//! What a principal did, counted by the database: equal decisions together, and entries of a kind together.
//!
//! Invariant: nothing is left out for being old or for being much. What has no row or no place in the ledger yet is not
//! counted here; [`Counted`] says where that begins, so that it can be read entry by entry. Deliberately absent: what a
//! count means.

use domain::Instant;
use domain::event::Kind;
use domain::principal::Principal;

use crate::clause::Conditions;
use crate::engine::{Row, text};
use crate::entries;
use crate::error::StoreError;
use crate::log;
use crate::transaction::Query;

/// Decisions with the same question and the same answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    /// The number of the question and of the answer in [`crate::decisions::texts`]; none, if they could not be read.
    pub texts: Option<(i64, i64)>,
    /// How many there are.
    pub times: u64,
    /// When the last was made.
    pub last: Instant,
}

/// Entries of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfKind {
    /// The kind.
    pub kind: Kind,
    /// How many there are.
    pub times: u64,
    /// When the last was made.
    pub last: Instant,
}

/// Up to where something is counted: the index of the first entry of the ledger that is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Decisions.
    pub decisions: u64,
    /// Everything else.
    pub entries: u64,
}

/// Up to where things are counted now.
pub fn counted(q: &mut dyn Query) -> Result<Counted, StoreError> {
    let newest = q.rows("SELECT MAX(ledger_index) AS newest FROM decisions", &[])?;
    let newest = newest.first().map_or(Ok(None), |row| row.optional_number::<u64>("newest"))?;
    Ok(Counted { decisions: newest.map_or(0, |newest| newest + 1), entries: log::head(q)?.size })
}

/// The decisions of a principal since `from`.
pub fn decisions(q: &mut dyn Query, by: &Principal, from: Instant) -> Result<Vec<Alike>, StoreError> {
    let sql = "SELECT decisions.question, decisions.answer, COUNT(*) AS times, MAX(decisions.made_at) AS newest
FROM entries JOIN decisions ON decisions.ledger_index = entries.ledger_index
WHERE entries.principal = $1 AND decisions.made_at >= $2
GROUP BY decisions.question, decisions.answer";
    q.rows(sql, &[text(by), from.into()])?.iter().map(alike).collect()
}

/// The entries of a principal since `from` that are of one of these kinds, by the name of the kind. Of the ledger's order and the clocks of several
/// processes, which may differ a little, the order decides: what stands before the first entry of that time is older.
pub fn kinds(q: &mut dyn Query, by: &Principal, kinds: &[Kind], from: Instant) -> Result<Vec<OfKind>, StoreError> {
    let size = log::head(q)?.size;
    let first = first_since(q, from, size)?;
    let mut conditions = Conditions::default();
    conditions.and("principal = ?", text(by));
    conditions.and("ledger_index >= ?", first);
    conditions.and_one_of("kind", kinds.iter().map(|kind| kind.name().into()));
    let head = "SELECT kind, COUNT(*) AS times, MAX(ledger_index) AS newest FROM entries";
    let most = u32::try_from(kinds.len()).unwrap_or(u32::MAX);
    let (sql, parameters) = conditions.query(head, "GROUP BY kind ORDER BY kind LIMIT ?", most);
    let rows = q.rows(&sql, &parameters)?;
    rows.iter().map(|row| of_kind(q, row, kinds)).collect()
}

fn of_kind(q: &mut dyn Query, row: &Row, kinds: &[Kind]) -> Result<OfKind, StoreError> {
    let name = row.text("kind")?;
    let kind = kinds.iter().find(|kind| kind.name() == name);
    let kind = kind.ok_or_else(|| StoreError::corrupt(&format!("no entry of the kind `{name}` was asked for")))?;
    Ok(OfKind { kind: *kind, times: row.number("times")?, last: at(q, row.number("newest")?)? })
}

/// The index of the first entry that is not older than `from`, in a ledger of `size` entries.
fn first_since(q: &mut dyn Query, from: Instant, size: u64) -> Result<u64, StoreError> {
    let (mut low, mut high) = (0, size);
    while low < high {
        let middle = low + (high - low) / 2;
        if at(q, middle)?.is_before(from) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

fn at(q: &mut dyn Query, index: u64) -> Result<Instant, StoreError> {
    let found = entries::by_index(q, index)?;
    found
        .map(|recorded| recorded.entry.at)
        .ok_or_else(|| StoreError::corrupt(&format!("the ledger has no entry at index {index}")))
}

fn alike(row: &Row) -> Result<Alike, StoreError> {
    let texts = row.optional_int("question")?.zip(row.optional_int("answer")?);
    Ok(Alike { texts, times: row.number("times")?, last: row.instant("newest")? })
}
