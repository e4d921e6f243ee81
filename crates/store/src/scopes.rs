//! Scopes that this installation added to the catalogue.

use domain::Instant;
use domain::scope::OwnScopes;

use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Query, Transaction};

pub(crate) const TABLE: Migration = Migration {
    name: "scopes",
    sql: "CREATE TABLE scopes (
    name TEXT PRIMARY KEY,
    sentence TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;",
};

/// All of them.
pub fn own(q: &mut dyn Query) -> Result<OwnScopes, StoreError> {
    let rows = q.rows("SELECT name, sentence FROM scopes ORDER BY name", &[])?;
    rows.iter().map(|row| Ok((row.text("name")?.to_owned(), row.text("sentence")?.to_owned()))).collect()
}

/// Adds one.
pub fn insert(tx: &mut Transaction<'_>, name: &str, sentence: &str, created_at: Instant) -> Result<(), StoreError> {
    let sql = "INSERT INTO scopes (name, sentence, created_at) VALUES ($1, $2, $3)";
    tx.execute(sql, &[name.into(), sentence.into(), created_at.into()]).map(drop)
}
