//! Failed attempts by address and by identity, so that a restart or another replica gives nobody a new budget.
//!
//! Two reservations of one key never overwrite each other: a row changes only from the revision that was read.

use domain::Instant;
use domain::limit::{Exhausted, Limit, Window};

use crate::engine::json;
use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Housekeeping, Query};

pub(crate) const TABLE: Migration = Migration {
    name: "limits",
    sql: "CREATE TABLE limits (
    name TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX limits_changed_at ON limits (changed_at);",
};

/// The failures that are known under this key; none, if there were none.
pub fn window(q: &mut dyn Query, key: &str) -> Result<Window, StoreError> {
    Ok(find(q, key)?.map(|(window, _)| window).unwrap_or_default())
}

/// Reserves an attempt under each key, or under none: gives the first that is exhausted, with its place.
pub fn reserve(
    keep: &mut Housekeeping<'_>,
    keys: &[(String, Limit)],
    now: Instant,
) -> Result<Result<(), (usize, Exhausted)>, StoreError> {
    let mut found = Vec::new();
    for (place, (key, limit)) in keys.iter().enumerate() {
        let known = find(keep, key)?;
        let window = known.as_ref().map(|(window, _)| window.clone()).unwrap_or_default();
        match window.reserve(*limit, now) {
            Ok(window) => found.push((key, window, known.map(|(_, revision)| revision))),
            Err(exhausted) => return Ok(Err((place, exhausted))),
        }
    }
    for (key, window, revision) in found {
        put(keep, key, &window, revision, now)?;
    }
    Ok(Ok(()))
}

/// Gives back attempts that were reserved at that instant and succeeded.
pub fn give_back(keep: &mut Housekeeping<'_>, keys: &[String], reserved: Instant) -> Result<(), StoreError> {
    for key in keys {
        if let Some((window, revision)) = find(keep, key)? {
            put(keep, key, &window.give_back(reserved), Some(revision), reserved)?;
        }
    }
    Ok(())
}

/// Forgets keys under which nothing happened since then. Gives how many.
pub fn forget(keep: &mut Housekeeping<'_>, before: Instant) -> Result<u64, StoreError> {
    keep.execute("DELETE FROM limits WHERE changed_at < $1", &[before.into()])
}

fn find(q: &mut dyn Query, key: &str) -> Result<Option<(Window, i64)>, StoreError> {
    let rows = q.rows("SELECT revision, body FROM limits WHERE name = $1", &[key.into()])?;
    rows.first().map(|row| Ok((row.json("body")?, row.int("revision")?))).transpose()
}

fn put(
    keep: &mut Housekeeping<'_>,
    key: &str,
    window: &Window,
    revision: Option<i64>,
    now: Instant,
) -> Result<(), StoreError> {
    let changed = match revision {
        Some(revision) => keep.execute(
            "UPDATE limits SET revision = revision + 1, changed_at = $3, body = $4 WHERE name = $1 AND revision = $2",
            &[key.into(), revision.into(), now.into(), json(window)],
        )?,
        None => keep.execute(
            "INSERT INTO limits (name, revision, changed_at, body) VALUES ($1, 1, $2, $3) ON CONFLICT (name) DO NOTHING",
            &[key.into(), now.into(), json(window)],
        )?,
    };
    if changed == 0 { keep.give_way("limits") } else { Ok(()) }
}
