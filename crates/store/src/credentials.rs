//! Credentials of service accounts, found by the digest of their secret.
//!
//! When one was last used is written behind, by housekeeping, and does not count as a change.

use domain::account::{AccountName, Credential};
use domain::id::CredentialId;
use domain::{Digest, Instant};

use crate::engine::{Row, json, text};
use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Housekeeping, Query, Transaction};

pub(crate) const TABLE: Migration = Migration {
    name: "credentials",
    sql: "CREATE TABLE credentials (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    account TEXT NOT NULL REFERENCES accounts (name),
    secret_digest BLOB NOT NULL UNIQUE,
    last_used_at INTEGER,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX credentials_account ON credentials (account);",
};

const SELECT: &str = "SELECT id, revision, last_used_at, body FROM credentials";

/// Adds a credential with the digest of its secret.
pub fn insert(tx: &mut Transaction<'_>, credential: &Credential, secret: &Digest) -> Result<(), StoreError> {
    let sql = "INSERT INTO credentials (id, revision, account, secret_digest, last_used_at, body)
        VALUES ($1, 1, $2, $3, $4, $5)";
    let used = credential.last_used_at.into();
    tx.add(
        "credentials",
        &credential.id,
        sql,
        &[text(&credential.id), text(&credential.account), (*secret).into(), used, json(credential)],
    )
}

/// The credential whose secret has this digest.
pub fn by_digest(q: &mut dyn Query, secret: &Digest) -> Result<Option<Credential>, StoreError> {
    let rows = q.rows(&format!("{SELECT} WHERE secret_digest = $1"), &[(*secret).into()])?;
    rows.first().map(|row| read(q, row)).transpose()
}

/// One credential.
pub fn get(q: &mut dyn Query, id: CredentialId) -> Result<Option<Credential>, StoreError> {
    let rows = q.rows(&format!("{SELECT} WHERE id = $1"), &[text(&id)])?;
    rows.first().map(|row| read(q, row)).transpose()
}

/// The credentials of one account, or all, oldest first.
pub fn list(q: &mut dyn Query, account: Option<&AccountName>) -> Result<Vec<Credential>, StoreError> {
    let rows = match account {
        Some(account) => q.rows(&format!("{SELECT} WHERE account = $1 ORDER BY id"), &[text(account)])?,
        None => q.rows(&format!("{SELECT} ORDER BY id"), &[])?,
    };
    rows.iter().map(|row| read(q, row)).collect()
}

/// Changes a credential that this transaction has read. Its secret and its last use stay.
pub fn update(tx: &mut Transaction<'_>, credential: &Credential) -> Result<(), StoreError> {
    let sql = "UPDATE credentials SET revision = revision + 1, body = $3 WHERE id = $1 AND revision = $2";
    tx.revise("credentials", &credential.id, sql, vec![json(credential)])
}

/// Notes when credentials were last used. An older use than the one that is known changes nothing.
pub fn touch(keep: &mut Housekeeping<'_>, uses: &[(CredentialId, Instant)]) -> Result<(), StoreError> {
    for (id, at) in uses {
        let sql = "UPDATE credentials SET last_used_at = $2
            WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
        keep.execute(sql, &[text(id), (*at).into()])?;
    }
    Ok(())
}

fn read(q: &mut dyn Query, row: &Row) -> Result<Credential, StoreError> {
    let mut credential: Credential = row.json("body")?;
    credential.last_used_at = row.optional_int("last_used_at")?.map(Instant::from_millis);
    q.saw("credentials", row.text("id")?.to_owned(), row.int("revision")?);
    Ok(credential)
}
