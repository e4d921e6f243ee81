//! Roster versions as they were signed. They are kept, not believed: whoever reads the chain verifies it.

use domain::roster::SignedRoster;

use crate::engine::json;
use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Query, Transaction};

pub(crate) const TABLE: Migration = Migration {
    name: "rosters",
    sql: "CREATE TABLE rosters (
    version INTEGER PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;",
};

/// Adds a version. Each number is given once.
pub fn append(tx: &mut Transaction<'_>, version: u32, roster: &SignedRoster) -> Result<(), StoreError> {
    let sql = "INSERT INTO rosters (version, body) VALUES ($1, $2)";
    tx.execute(sql, &[version.into(), json(roster)]).map(drop)
}

/// Every version, version 1 first.
pub fn chain(q: &mut dyn Query) -> Result<Vec<SignedRoster>, StoreError> {
    let rows = q.rows("SELECT body FROM rosters ORDER BY version", &[])?;
    rows.iter().map(|row| row.json("body")).collect()
}
