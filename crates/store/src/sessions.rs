//! Sign-ins and the digests of their tokens.
//!
//! A session knows its current refresh token and the one before: if that one comes again, somebody has a copy.

use domain::id::{SessionId, UserId};
use domain::scope::Scopes;
use domain::{Digest, Instant};
use serde::{Deserialize, Serialize};

use crate::engine::{Row, json, text};
use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::sealed::Rows as _;
use crate::transaction::{Housekeeping, Query, Transaction};

pub(crate) const TABLE: Migration = Migration {
    name: "sessions",
    sql: "CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    access_digest BLOB NOT NULL UNIQUE,
    refresh_digest BLOB NOT NULL UNIQUE,
    spent_refresh BLOB,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_spent_refresh ON sessions (spent_refresh) WHERE spent_refresh IS NOT NULL;",
};

/// A browser sign-in and its tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// The OAuth client that it was made for.
    pub client_id: String,
    /// When it began.
    pub created_at: Instant,
    /// When the person last proved who they are.
    pub authenticated_at: Instant,
    /// How they did (RFC 9068 `acr`).
    pub acr: String,
    /// What its tokens may do.
    pub scopes: Scopes,
    /// When it ends at the latest.
    pub expires_at: Instant,
    /// Digest of the current access token.
    pub access_digest: Digest,
    /// When that ends.
    pub access_expires_at: Instant,
    /// Digest of the current refresh token.
    pub refresh_digest: Digest,
    /// Digest of the refresh token before.
    pub spent_refresh: Option<Digest>,
    /// When it was ended, if it was.
    pub ended_at: Option<Instant>,
}

const SELECT: &str = "SELECT id, revision, body FROM sessions";

/// Adds a session.
pub fn insert(tx: &mut Transaction<'_>, session: &Session) -> Result<(), StoreError> {
    let sql = "INSERT INTO sessions (id, revision, user_id, access_digest, refresh_digest, spent_refresh, body)
        VALUES ($1, 1, $2, $3, $4, $5, $6)";
    let (access, refresh) = (session.access_digest.into(), session.refresh_digest.into());
    let row = [text(&session.id), text(&session.user), access, refresh, session.spent_refresh.into(), json(session)];
    tx.add("sessions", &session.id, sql, &row)
}

/// One session.
pub fn get(q: &mut dyn Query, id: SessionId) -> Result<Option<Session>, StoreError> {
    one(q, "id = $1", text(&id))
}

/// The session with this current access token.
pub fn by_access(q: &mut dyn Query, access: &Digest) -> Result<Option<Session>, StoreError> {
    one(q, "access_digest = $1", (*access).into())
}

/// The session with this current refresh token.
pub fn by_refresh(q: &mut dyn Query, refresh: &Digest) -> Result<Option<Session>, StoreError> {
    one(q, "refresh_digest = $1", (*refresh).into())
}

/// The session whose refresh token this was before the current one.
pub fn by_spent_refresh(q: &mut dyn Query, refresh: &Digest) -> Result<Option<Session>, StoreError> {
    one(q, "spent_refresh = $1", (*refresh).into())
}

/// The sessions of a person, newest first.
pub fn list(q: &mut dyn Query, user: UserId) -> Result<Vec<Session>, StoreError> {
    let rows = q.rows(&format!("{SELECT} WHERE user_id = $1 ORDER BY id DESC"), &[text(&user)])?;
    rows.iter().map(|row| read(q, row)).collect()
}

/// Changes a session that this transaction has read.
pub fn update(tx: &mut Transaction<'_>, session: &Session) -> Result<(), StoreError> {
    let sql = "UPDATE sessions SET revision = revision + 1, access_digest = $3, refresh_digest = $4,
        spent_refresh = $5, body = $6 WHERE id = $1 AND revision = $2";
    let (access, refresh) = (session.access_digest.into(), session.refresh_digest.into());
    tx.revise("sessions", &session.id, sql, vec![access, refresh, session.spent_refresh.into(), json(session)])
}

/// Forgets sessions that were over before then, looking at no more than `most` of the oldest. Gives how many.
pub fn purge(keep: &mut Housekeeping<'_>, before: Instant, most: u32) -> Result<u64, StoreError> {
    let oldest = keep.rows(&format!("{SELECT} ORDER BY id LIMIT $1"), &[most.into()])?;
    let mut gone = 0;
    for row in &oldest {
        let session = read(keep, row)?;
        if session.expires_at.is_before(before) {
            gone += keep.execute("DELETE FROM sessions WHERE id = $1", &[text(&session.id)])?;
        }
    }
    Ok(gone)
}

fn one(q: &mut dyn Query, condition: &str, value: crate::engine::Value) -> Result<Option<Session>, StoreError> {
    let rows = q.rows(&format!("{SELECT} WHERE {condition}"), &[value])?;
    rows.first().map(|row| read(q, row)).transpose()
}

fn read(q: &mut dyn Query, row: &Row) -> Result<Session, StoreError> {
    let session: Session = row.json("body")?;
    q.saw("sessions", row.text("id")?.to_owned(), row.int("revision")?);
    Ok(session)
}
