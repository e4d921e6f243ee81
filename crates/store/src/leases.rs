//! Leases: which process does a piece of upkeep that is to be done once, with a fencing number.
//!
//! Time is the database's own, so that no clock of a process decides. A lease only saves work; what makes it safe is the
//! fence: upkeep begins with [`holds`] in its own transaction, which locks the row, so whoever slept past their lease
//! finds that out before anything is changed, and whoever would take it waits for those who are still at it.

use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::Housekeeping;
use crate::transaction::sealed::Rows as _;

pub(crate) const TABLE: Migration = Migration {
    name: "leases",
    sql: "CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    fence INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT;",
};

/// A lease that was taken. It may be over by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Of what.
    pub name: String,
    /// Whose.
    pub holder: String,
    /// Counts up each time that it changes hands.
    pub fence: i64,
}

/// Takes a lease for that many milliseconds, or prolongs it for whoever holds it; nothing, if somebody else does.
pub fn take(keep: &mut Housekeeping<'_>, name: &str, holder: &str, millis: u32) -> Result<Option<Lease>, StoreError> {
    let now = keep.time();
    let sql = format!(
        "INSERT INTO leases (name, holder, fence, ends_at) VALUES ($1, $2, 1, {now} + $3)
        ON CONFLICT (name) DO UPDATE SET
            fence = leases.fence + CASE WHEN leases.holder = excluded.holder AND leases.ends_at > {now} THEN 0 ELSE 1 END,
            holder = excluded.holder, ends_at = excluded.ends_at
        WHERE leases.holder = excluded.holder OR leases.ends_at <= {now}
        RETURNING fence"
    );
    let rows = keep.rows(&sql, &[name.into(), holder.into(), millis.into()])?;
    let taken = |fence| Lease { name: name.to_owned(), holder: holder.to_owned(), fence };
    rows.first().map(|row| row.int("fence").map(taken)).transpose()
}

/// Whether the lease is still held; until this transaction ends nobody else takes it.
pub fn holds(keep: &mut Housekeeping<'_>, lease: &Lease) -> Result<bool, StoreError> {
    let sql = format!(
        "UPDATE leases SET fence = fence WHERE name = $1 AND holder = $2 AND fence = $3 AND ends_at > {}",
        keep.time()
    );
    let found = [lease.name.as_str().into(), lease.holder.as_str().into(), lease.fence.into()];
    Ok(keep.execute(&sql, &found)? == 1)
}
