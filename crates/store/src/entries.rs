//! Audit entries. The leaf is kept byte for byte, because it is what the ledger hashes; the other columns only help to
//! find it, and an [`Entry`] is always read from its leaf.
//!
//! An entry has its place in the ledger once it was integrated (see [`crate::log`]); until then its index is `None`.

use domain::event::{Entry, Kind};
use domain::id::EntryId;
use domain::principal::Principal;

use crate::clause::{Conditions, containing};
use crate::engine::{Row, Value, text};
use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Query, Transaction};

pub(crate) const TABLE: Migration = Migration {
    name: "entries",
    sql: "CREATE TABLE entries (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    ledger_index INTEGER UNIQUE,
    kind TEXT NOT NULL,
    principal TEXT,
    about TEXT,
    leaf TEXT NOT NULL
) STRICT;
CREATE INDEX entries_waiting ON entries (sequence) WHERE ledger_index IS NULL;
CREATE INDEX entries_kind ON entries (kind, ledger_index);
CREATE INDEX entries_principal ON entries (principal, ledger_index);
CREATE INDEX entries_about ON entries (about, ledger_index);",
};

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The entry.
    pub entry: Entry,
    /// Its index in the ledger, once it has one.
    pub index: Option<u64>,
    /// The bytes of its leaf.
    pub leaf: Vec<u8>,
}

/// Which entries to list.
#[derive(Clone, Debug)]
pub struct EntryFilter {
    /// Of this kind.
    pub kind: Option<Kind>,
    /// Of one of these kinds; of any, if there are none.
    pub kinds: &'static [Kind],
    /// By this principal.
    pub principal: Option<Principal>,
    /// About this id.
    pub about: Option<String>,
    /// With this text anywhere, upper and lower case alike.
    pub text: Option<String>,
    /// With a smaller index. Leaves out what has none yet.
    pub before: Option<u64>,
    /// With a larger index, or none yet.
    pub after: Option<u64>,
    /// So many at most.
    pub limit: u32,
}

impl Default for EntryFilter {
    fn default() -> Self {
        Self { kind: None, kinds: &[], principal: None, about: None, text: None, before: None, after: None, limit: 100 }
    }
}

const SELECT: &str = "SELECT id, ledger_index, leaf FROM entries";

/// One entry.
pub fn get(q: &mut dyn Query, id: EntryId) -> Result<Option<Recorded>, StoreError> {
    q.rows(&format!("{SELECT} WHERE id = $1"), &[text(&id)])?.first().map(read).transpose()
}

/// The entry at this index of the ledger.
pub fn by_index(q: &mut dyn Query, index: u64) -> Result<Option<Recorded>, StoreError> {
    q.rows(&format!("{SELECT} WHERE ledger_index = $1"), &[index.into()])?.first().map(read).transpose()
}

/// The first entry of this kind about this id.
pub fn about(q: &mut dyn Query, id: &str, kind: Kind) -> Result<Option<Entry>, StoreError> {
    let sql = format!("{SELECT} WHERE about = $1 AND kind = $2 ORDER BY sequence LIMIT 1");
    let rows = q.rows(&sql, &[id.into(), kind.name().into()])?;
    rows.first().map(|row| read(row).map(|recorded| recorded.entry)).transpose()
}

/// Entries, newest first: those that wait for their place in the ledger, then down by index.
pub fn list(q: &mut dyn Query, filter: &EntryFilter) -> Result<Vec<Recorded>, StoreError> {
    let limit = filter.limit;
    let mut found = Vec::new();
    if filter.before.is_none() {
        let mut waiting = conditions(filter);
        waiting.and_plain("ledger_index IS NULL");
        let (sql, parameters) = waiting.query(SELECT, "ORDER BY sequence DESC LIMIT ?", limit);
        found = q.rows(&sql, &parameters)?;
    }
    let left = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
    if left > 0 {
        let mut placed = conditions(filter);
        placed.and_plain("ledger_index IS NOT NULL");
        placed.and_if("ledger_index < ?", filter.before);
        placed.and_if("ledger_index > ?", filter.after);
        let (sql, parameters) = placed.query(SELECT, "ORDER BY ledger_index DESC LIMIT ?", left);
        found.extend(q.rows(&sql, &parameters)?);
    }
    found.iter().map(read).collect()
}

/// Entries of the ledger from index `from` on, oldest first.
pub fn range(q: &mut dyn Query, from: u64, limit: u32) -> Result<Vec<Recorded>, StoreError> {
    let sql = format!("{SELECT} WHERE ledger_index >= $1 ORDER BY ledger_index LIMIT $2");
    q.rows(&sql, &[from.into(), limit.into()])?.iter().map(read).collect()
}

/// When the oldest entry was made that waits for its place in the ledger.
pub fn oldest_waiting(q: &mut dyn Query) -> Result<Option<domain::Instant>, StoreError> {
    let sql = format!("{SELECT} WHERE ledger_index IS NULL ORDER BY sequence LIMIT 1");
    q.rows(&sql, &[])?.first().map(|row| read(row).map(|waiting| waiting.entry.at)).transpose()
}

/// Adds an entry. Only a commit does.
pub(crate) fn append(tx: &mut Transaction<'_>, entry: &Entry) -> Result<(), StoreError> {
    let leaf = String::from_utf8(entry.leaf()).map_err(|error| StoreError::corrupt(&error))?;
    let sql = "INSERT INTO entries (id, kind, principal, about, leaf) VALUES ($1, $2, $3, $4, $5)";
    let [id, kind, principal, about] = columns(entry);
    tx.execute(sql, &[id, kind, principal, about, leaf.into()]).map(drop)
}

/// What the columns beside the leaf must be: id, kind, principal, about.
pub(crate) fn columns(entry: &Entry) -> [Value; 4] {
    let principal = entry.principal.as_ref().map(text).into();
    [text(&entry.id), entry.kind.name().into(), principal, entry.about.as_deref().into()]
}

fn conditions(filter: &EntryFilter) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.and_if("kind = ?", filter.kind.map(Kind::name));
    conditions.and_one_of("kind", filter.kinds.iter().map(|kind| kind.name().into()));
    conditions.and_if("principal = ?", filter.principal.as_ref().map(text));
    conditions.and_if("about = ?", filter.about.as_deref());
    conditions.and_if("lower(leaf) LIKE ? ESCAPE '\\'", filter.text.as_deref().map(needle));
    conditions
}

/// The pattern for a text as it stands inside JSON. Both engines know upper and lower case of ASCII alone.
fn needle(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    containing(&quoted[1..quoted.len() - 1].to_ascii_lowercase())
}

fn read(row: &Row) -> Result<Recorded, StoreError> {
    let leaf = row.text("leaf")?.as_bytes().to_vec();
    let entry: Entry = row.json("leaf")?;
    if text(&entry.id) != Value::from(row.text("id")?) {
        return Err(StoreError::corrupt(&format!("entry {} stands under another id", entry.id)));
    }
    let index = row.optional_int("ledger_index")?;
    let index = index.map(u64::try_from).transpose().map_err(|error| StoreError::corrupt(&error))?;
    Ok(Recorded { entry, index, leaf })
}
