//! Answers that were given, by principal and idempotency key: the same request again gets the same answer.
//!
//! An answer is remembered in the transaction of the change that it is about, so after a lost connection a client that
//! asks again is told what really happened.

use domain::principal::Principal;
use domain::{Digest, Instant};

use crate::engine::text;
use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Housekeeping, Query, Transaction};

pub(crate) const TABLE: Migration = Migration {
    name: "idempotency",
    sql: "CREATE TABLE idempotency (
    principal TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_digest BLOB NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (principal, idempotency_key)
) STRICT;",
};

/// So that old answers are found.
pub(crate) const BY_AGE: Migration =
    Migration { name: "idempotency-by-age", sql: "CREATE INDEX idempotency_made_at ON idempotency (made_at);" };

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Digest of the request.
    pub request_digest: Digest,
    /// The HTTP status.
    pub status: u16,
    /// What is needed to give the same answer again.
    pub body: String,
}

/// The answer that this principal got for this key.
pub fn find(q: &mut dyn Query, principal: &Principal, key: &str) -> Result<Option<Answered>, StoreError> {
    let sql = "SELECT request_digest, status, body FROM idempotency WHERE principal = $1 AND idempotency_key = $2";
    let rows = q.rows(sql, &[text(principal), key.into()])?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(Answered {
        request_digest: Digest::from_bytes(row.bytes("request_digest")?),
        status: row.number("status")?,
        body: row.text("body")?.to_owned(),
    }))
}

/// Remembers an answer. Each key has one.
pub fn insert(
    tx: &mut Transaction<'_>,
    principal: &Principal,
    key: &str,
    request: &Digest,
    status: u16,
    body: &str,
    made_at: Instant,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO idempotency (principal, idempotency_key, request_digest, status, body, made_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    let status = i64::from(status).into();
    tx.execute(sql, &[text(principal), key.into(), (*request).into(), status, body.into(), made_at.into()]).map(drop)
}

/// Forgets the answers that were given before then. Gives how many.
pub fn purge(keep: &mut Housekeeping<'_>, before: Instant) -> Result<u64, StoreError> {
    keep.execute("DELETE FROM idempotency WHERE made_at < $1", &[before.into()])
}
