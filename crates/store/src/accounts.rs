//! Service accounts. A name is an account's id and is never given twice, so no account is ever removed, only made
//! inactive.

use domain::account::{AccountName, ServiceAccount};

use crate::engine::{Row, json, text};
use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Query, Revised, Transaction};

pub(crate) const TABLE: Migration = Migration {
    name: "accounts",
    sql: "CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;",
};

const SELECT: &str = "SELECT name, revision, body FROM accounts";

/// Adds an account.
pub fn insert(tx: &mut Transaction<'_>, account: &ServiceAccount) -> Result<(), StoreError> {
    let sql = "INSERT INTO accounts (name, revision, body) VALUES ($1, 1, $2)";
    tx.add("accounts", &account.name, sql, &[text(&account.name), json(account)])
}

/// One account.
pub fn get(q: &mut dyn Query, name: &AccountName) -> Result<Option<ServiceAccount>, StoreError> {
    let rows = q.rows(&format!("{SELECT} WHERE name = $1"), &[text(name)])?;
    rows.first().map(|row| read(q, row)).transpose()
}

/// One account with its revision.
pub fn revised(q: &mut dyn Query, name: &AccountName) -> Result<Option<Revised<ServiceAccount>>, StoreError> {
    let rows = q.rows(&format!("{SELECT} WHERE name = $1"), &[text(name)])?;
    rows.first().map(|row| Ok(Revised { value: read(q, row)?, revision: row.int("revision")? })).transpose()
}

/// All accounts, by name.
pub fn list(q: &mut dyn Query) -> Result<Vec<ServiceAccount>, StoreError> {
    let rows = q.rows(&format!("{SELECT} ORDER BY name"), &[])?;
    rows.iter().map(|row| read(q, row)).collect()
}

/// Changes an account that this transaction has read.
pub fn update(tx: &mut Transaction<'_>, account: &ServiceAccount) -> Result<(), StoreError> {
    let sql = "UPDATE accounts SET revision = revision + 1, body = $3 WHERE name = $1 AND revision = $2";
    tx.revise("accounts", &account.name, sql, vec![json(account)])
}

fn read(q: &mut dyn Query, row: &Row) -> Result<ServiceAccount, StoreError> {
    let account: ServiceAccount = row.json("body")?;
    q.saw("accounts", row.text("name")?.to_owned(), row.int("revision")?);
    Ok(account)
}
