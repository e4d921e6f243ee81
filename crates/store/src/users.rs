//! People who can sign in, each with the hash of a password if they have one.
//!
//! The hash never leaves with the person, only by [`by_email`], which is for signing in. Nobody is ever removed: whoever
//! has no say any more is inactive.

use domain::account::User;
use domain::id::UserId;

use crate::engine::{Row, json, text};
use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Query, Transaction};

pub(crate) const TABLE: Migration = Migration {
    name: "users",
    sql: "CREATE TABLE users (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT,
    body TEXT NOT NULL
) STRICT;",
};

const SELECT: &str = "SELECT id, revision, password_hash, body FROM users";

/// Adds a person. Their e-mail address must be new.
pub fn insert(tx: &mut Transaction<'_>, user: &User, password_hash: Option<&str>) -> Result<(), StoreError> {
    let sql = "INSERT INTO users (id, revision, email, password_hash, body) VALUES ($1, 1, $2, $3, $4)";
    tx.add("users", &user.id, sql, &[text(&user.id), text(&user.email), password_hash.into(), json(user)])
}

/// One person.
pub fn get(q: &mut dyn Query, id: UserId) -> Result<Option<User>, StoreError> {
    let rows = q.rows(&format!("{SELECT} WHERE id = $1"), &[text(&id)])?;
    rows.first().map(|row| read(q, row)).transpose()
}

/// The person with this e-mail address, in lower case, and the hash of their password.
pub fn by_email(q: &mut dyn Query, email: &str) -> Result<Option<(User, Option<String>)>, StoreError> {
    let rows = q.rows(&format!("{SELECT} WHERE email = $1"), &[email.into()])?;
    let Some(row) = rows.first() else { return Ok(None) };
    let password_hash = row.optional_text("password_hash")?.map(str::to_owned);
    Ok(Some((read(q, row)?, password_hash)))
}

/// Everyone, in the order of their coming.
pub fn list(q: &mut dyn Query) -> Result<Vec<User>, StoreError> {
    let rows = q.rows(&format!("{SELECT} ORDER BY id"), &[])?;
    rows.iter().map(|row| read(q, row)).collect()
}

/// How many there are.
pub fn count(q: &mut dyn Query) -> Result<u64, StoreError> {
    let rows = q.rows("SELECT COUNT(*) AS people FROM users", &[])?;
    rows.first().map_or(Ok(0), |row| row.number("people"))
}

/// Changes a person that this transaction has read. The password stays.
pub fn update(tx: &mut Transaction<'_>, user: &User) -> Result<(), StoreError> {
    let sql = "UPDATE users SET revision = revision + 1, email = $3, body = $4 WHERE id = $1 AND revision = $2";
    tx.revise("users", &user.id, sql, vec![text(&user.email), json(user)])
}

/// Changes the password of a person that this transaction has read.
pub fn set_password(tx: &mut Transaction<'_>, id: UserId, password_hash: Option<&str>) -> Result<(), StoreError> {
    let sql = "UPDATE users SET revision = revision + 1, password_hash = $3 WHERE id = $1 AND revision = $2";
    tx.revise("users", &id, sql, vec![password_hash.into()])
}

fn read(q: &mut dyn Query, row: &Row) -> Result<User, StoreError> {
    let user: User = row.json("body")?;
    q.saw("users", row.text("id")?.to_owned(), row.int("revision")?);
    Ok(user)
}
