//! Devices that ask for their key to be on the roster. A wish is settled by a roster version with its key, or without;
//! it is kept either way.

use domain::Instant;
use domain::id::{EnrolmentId, UserId};
use domain::key::PublicKey;
use serde::{Deserialize, Serialize};

use crate::engine::{Row, json, text};
use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Query, Transaction};

pub(crate) const TABLE: Migration = Migration {
    name: "enrolments",
    sql: "CREATE TABLE enrolments (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    settled_at INTEGER,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX enrolments_pending ON enrolments (id) WHERE settled_at IS NULL;",
};

/// A device's wish to have its key on the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    /// Its id.
    pub id: EnrolmentId,
    /// Whose device it is.
    pub user: UserId,
    /// The person's name when they asked.
    pub name: String,
    /// The device, as its owner calls it.
    pub device: String,
    /// The key.
    pub key: PublicKey,
    /// The groups that the person would count for.
    pub groups: Vec<String>,
    /// When they asked.
    pub requested_at: Instant,
    /// When it was decided.
    pub settled_at: Option<Instant>,
    /// The roster version that the key came onto, if it did.
    pub roster_version: Option<u32>,
}

const SELECT: &str = "SELECT id, revision, body FROM enrolments";

/// Adds a wish.
pub fn insert(tx: &mut Transaction<'_>, enrolment: &Enrolment) -> Result<(), StoreError> {
    let sql = "INSERT INTO enrolments (id, revision, user_id, settled_at, body) VALUES ($1, 1, $2, $3, $4)";
    let settled = enrolment.settled_at.into();
    tx.add("enrolments", &enrolment.id, sql, &[text(&enrolment.id), text(&enrolment.user), settled, json(enrolment)])
}

/// One wish.
pub fn get(q: &mut dyn Query, id: EnrolmentId) -> Result<Option<Enrolment>, StoreError> {
    let rows = q.rows(&format!("{SELECT} WHERE id = $1"), &[text(&id)])?;
    rows.first().map(|row| read(q, row)).transpose()
}

/// All wishes, or those that wait, oldest first.
pub fn list(q: &mut dyn Query, pending_only: bool) -> Result<Vec<Enrolment>, StoreError> {
    let which = if pending_only { "WHERE settled_at IS NULL " } else { "" };
    let rows = q.rows(&format!("{SELECT} {which}ORDER BY id"), &[])?;
    rows.iter().map(|row| read(q, row)).collect()
}

/// Changes a wish that this transaction has read.
pub fn update(tx: &mut Transaction<'_>, enrolment: &Enrolment) -> Result<(), StoreError> {
    let sql =
        "UPDATE enrolments SET revision = revision + 1, settled_at = $3, body = $4 WHERE id = $1 AND revision = $2";
    tx.revise("enrolments", &enrolment.id, sql, vec![enrolment.settled_at.into(), json(enrolment)])
}

fn read(q: &mut dyn Query, row: &Row) -> Result<Enrolment, StoreError> {
    let enrolment: Enrolment = row.json("body")?;
    q.saw("enrolments", row.text("id")?.to_owned(), row.int("revision")?);
    Ok(enrolment)
}
