//! Single texts by name, for what there is one of. Never a secret: those are kept outside of the database.

use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Housekeeping, Query, Transaction};

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

/// Gives the name this text if it has none. Gives the one that it has then: of many processes the first decides.
pub fn agree(keep: &mut Housekeeping<'_>, name: &str, text: &str) -> Result<String, StoreError> {
    let sql = "INSERT INTO settings (name, body) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    keep.execute(sql, &[name.into(), text.into()])?;
    get(keep, name)?.ok_or_else(|| StoreError::corrupt("a name that was given has no text"))
}

/// Takes the name's text back, so that another one can be agreed on.
pub fn forget(keep: &mut Housekeeping<'_>, name: &str) -> Result<(), StoreError> {
    keep.execute("DELETE FROM settings WHERE name = $1", &[name.into()]).map(drop)
}

/// Gives the name another text.
pub fn set(tx: &mut Transaction<'_>, name: &str, text: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO settings (name, body) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET body = excluded.body";
    tx.execute(sql, &[name.into(), text.into()]).map(drop)
}
