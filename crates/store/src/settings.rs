//! Single texts by name, for what there is one of. Never a secret: those are kept outside of the database.

use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Query, Transaction};

pub(crate) const TABLE: Migration = Migration {
    name: "settings",
    sql: "CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;",
};

/// The text of this name.
pub fn get(q: &mut dyn Query, name: &str) -> Result<Option<String>, StoreError> {
    let rows = q.rows("SELECT body FROM settings WHERE name = $1", &[name.into()])?;
    rows.first().map(|row| row.text("body").map(str::to_owned)).transpose()
}

/// Gives the name another text.
pub fn set(tx: &mut Transaction<'_>, name: &str, text: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO settings (name, body) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET body = excluded.body";
    tx.execute(sql, &[name.into(), text.into()]).map(drop)
}
