//! Authorization codes (RFC 6749 §4.1), by the digest of the code. Each is used once.

use domain::id::{SessionId, UserId};
use domain::scope::Scopes;
use domain::{Digest, Instant};
use serde::{Deserialize, Serialize};

use crate::clause::containing;
use crate::engine::{json, text};
use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Housekeeping, Query, Transaction};

pub(crate) const TABLE: Migration = Migration {
    name: "codes",
    sql: "CREATE TABLE codes (
    digest BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL,
    session TEXT,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX codes_expires_at ON codes (expires_at);",
};

/// An authorization code that was given out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorizationCode {
    /// Digest of the code.
    pub digest: Digest,
    /// Who signed in.
    pub user: UserId,
    /// The client that it was given to.
    pub client_id: String,
    /// The redirect URI that it was sent to.
    pub redirect_uri: String,
    /// The client's PKCE challenge (RFC 7636, `S256`).
    pub code_challenge: String,
    /// What was asked for.
    pub scopes: Scopes,
    /// When the person proved who they are.
    pub authenticated_at: Instant,
    /// How they did (RFC 9068 `acr`).
    pub acr: String,
    /// Until when it can be used.
    pub expires_at: Instant,
    /// The session that came of it, once it was used.
    pub session: Option<SessionId>,
}

/// Adds a code.
pub fn insert(tx: &mut Transaction<'_>, code: &AuthorizationCode) -> Result<(), StoreError> {
    let sql = "INSERT INTO codes (digest, expires_at, session, body) VALUES ($1, $2, $3, $4)";
    let session = code.session.as_ref().map(text).into();
    tx.execute(sql, &[code.digest.into(), code.expires_at.into(), session, json(code)])?;
    Ok(())
}

/// One code.
pub fn get(q: &mut dyn Query, digest: &Digest) -> Result<Option<AuthorizationCode>, StoreError> {
    let rows = q.rows("SELECT session, body FROM codes WHERE digest = $1", &[(*digest).into()])?;
    let Some(row) = rows.first() else { return Ok(None) };
    let code: AuthorizationCode = row.json("body")?;
    Ok(Some(AuthorizationCode { session: row.optional("session")?, ..code }))
}

/// Uses a code for a session, unless it was used before. Gives whether it did.
pub fn mark_used(tx: &mut Transaction<'_>, digest: &Digest, session: SessionId) -> Result<bool, StoreError> {
    let sql = "UPDATE codes SET session = $2 WHERE digest = $1 AND session IS NULL";
    Ok(tx.execute(sql, &[(*digest).into(), text(&session)])? == 1)
}

/// Takes back what was not used yet of a person's codes.
pub fn void(tx: &mut Transaction<'_>, user: UserId) -> Result<(), StoreError> {
    let sql = "DELETE FROM codes WHERE session IS NULL AND body LIKE $1 ESCAPE '\\'";
    tx.execute(sql, &[containing(&user.to_string()).into()]).map(drop)
}

/// Removes codes that expired before `before`. Until then, a second use of one can still be recognised.
pub fn purge(keep: &mut Housekeeping<'_>, before: Instant) -> Result<u64, StoreError> {
    keep.execute("DELETE FROM codes WHERE expires_at < $1", &[before.into()])
}
