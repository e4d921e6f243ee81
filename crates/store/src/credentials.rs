//! Credentials, found by the digest of their secret.
//!
//! When one was last used and how often is written behind, by housekeeping, and does not count as a change.

use domain::credential::{Credential, CredentialKind};
use domain::id::CredentialId;
use domain::principal::Principal;
use domain::{Digest, Instant};

use crate::clause::Conditions;
use crate::engine::{Row, Value, json, text};
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

/// The most that a list gives.
const MOST: u32 = 10_000;

/// Every kind of credential in one table; the rows of the earlier one keep their ids, by which they are managed from now on.
pub(crate) const HELD: Migration = Migration {
    name: "credentials-held",
    sql: "CREATE TABLE credentials_held (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    kind TEXT NOT NULL,
    identifier TEXT NOT NULL UNIQUE,
    holder TEXT NOT NULL,
    family TEXT NOT NULL,
    secret_digest BLOB NOT NULL UNIQUE,
    last_used_at INTEGER,
    use_count INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
INSERT INTO credentials_held
    SELECT id, revision, 'service_token', id, 'service_account:' || account, id, secret_digest, last_used_at, 0, body
    FROM credentials;
DROP TABLE credentials;
ALTER TABLE credentials_held RENAME TO credentials;
CREATE INDEX credentials_holder ON credentials (holder);
CREATE INDEX credentials_family ON credentials (family);",
};

const SELECT: &str = "SELECT id, revision, identifier, holder, family, last_used_at, use_count, body FROM credentials";

/// Which credentials a list is about.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this kind.
    pub kind: Option<CredentialKind>,
    /// Of this principal.
    pub holder: Option<Principal>,
    /// Of this family.
    pub family: Option<CredentialId>,
}

/// Adds a credential with the digest of its secret.
pub fn insert(tx: &mut Transaction<'_>, credential: &Credential, secret: &Digest) -> Result<(), StoreError> {
    let sql = "INSERT INTO credentials
        (id, revision, kind, identifier, holder, family, secret_digest, last_used_at, use_count, body)
        VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let row = [
        text(&credential.id),
        kind(credential.kind).into(),
        credential.identifier.as_str().into(),
        text(&credential.holder),
        text(&credential.family),
        (*secret).into(),
        credential.last_used_at.into(),
        credential.use_count.into(),
        json(credential),
    ];
    tx.add("credentials", &credential.id, sql, &row)
}

/// The credential whose secret has this digest.
pub fn by_digest(q: &mut dyn Query, secret: &Digest) -> Result<Option<Credential>, StoreError> {
    one(q, "secret_digest = $1", (*secret).into())
}

/// One credential.
pub fn get(q: &mut dyn Query, id: CredentialId) -> Result<Option<Credential>, StoreError> {
    one(q, "id = $1", text(&id))
}

/// The credential that is managed by this name.
pub fn by_identifier(q: &mut dyn Query, identifier: &str) -> Result<Option<Credential>, StoreError> {
    one(q, "identifier = $1", identifier.into())
}

/// Credentials, newest first.
pub fn list(q: &mut dyn Query, filter: &Filter) -> Result<Vec<Credential>, StoreError> {
    let mut conditions = Conditions::default();
    conditions.and_if("kind = ?", filter.kind.map(kind));
    conditions.and_if("holder = ?", filter.holder.as_ref().map(ToString::to_string));
    conditions.and_if("family = ?", filter.family.map(|family| family.to_string()));
    let (sql, parameters) = conditions.query(SELECT, "ORDER BY id DESC LIMIT ?", MOST);
    q.rows(&sql, &parameters)?.iter().map(|row| read(q, row)).collect()
}

/// Whether there is one at all.
pub fn any(q: &mut dyn Query) -> Result<bool, StoreError> {
    Ok(!q.rows("SELECT id FROM credentials LIMIT 1", &[])?.is_empty())
}

/// Changes a credential that this transaction has read. Its secret, its names and its uses stay.
pub fn update(tx: &mut Transaction<'_>, credential: &Credential) -> Result<(), StoreError> {
    let sql = "UPDATE credentials SET revision = revision + 1, body = $3 WHERE id = $1 AND revision = $2";
    tx.revise("credentials", &credential.id, sql, vec![json(credential)])
}

/// Notes that credentials were used: when last, and how often since it was noted. An older use than the one that is known
/// counts, but does not set the time back.
pub fn touch(keep: &mut Housekeeping<'_>, uses: &[(CredentialId, Instant, u64)]) -> Result<(), StoreError> {
    for (id, at, times) in uses {
        let sql = "UPDATE credentials SET use_count = use_count + $3,
            last_used_at = CASE WHEN last_used_at IS NULL OR last_used_at < $2 THEN $2 ELSE last_used_at END
            WHERE id = $1";
        keep.execute(sql, &[text(id), (*at).into(), (*times).into()])?;
    }
    Ok(())
}

const fn kind(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::ServiceToken => "service_token",
        CredentialKind::ApiKey => "api_key",
    }
}

fn one(q: &mut dyn Query, condition: &str, value: Value) -> Result<Option<Credential>, StoreError> {
    let rows = q.rows(&format!("{SELECT} WHERE {condition}"), &[value])?;
    rows.first().map(|row| read(q, row)).transpose()
}

fn read(q: &mut dyn Query, row: &Row) -> Result<Credential, StoreError> {
    let mut body: serde_json::Value = row.json("body")?;
    if let Some(fields) = body.as_object_mut().filter(|fields| !fields.contains_key("holder")) {
        complete(fields, row)?;
    }
    let mut credential: Credential = serde_json::from_value(body)
        .map_err(|error| StoreError::corrupt(&format!("a credential does not read back: {error}")))?;
    credential.last_used_at = row.optional_int("last_used_at")?.map(Instant::from_millis);
    credential.use_count = row.number("use_count")?;
    q.saw("credentials", row.text("id")?.to_owned(), row.int("revision")?);
    Ok(credential)
}

/// What a row of the earlier table does not say of itself.
fn complete(fields: &mut serde_json::Map<String, serde_json::Value>, row: &Row) -> Result<(), StoreError> {
    for column in ["identifier", "holder", "family"] {
        fields.insert(column.to_owned(), row.text(column)?.into());
    }
    let seen_by: Vec<_> = fields.get("created_by").filter(|by| !by.is_null()).cloned().into_iter().collect();
    fields.insert("never_counts".to_owned(), seen_by.into());
    fields.insert("kind".to_owned(), kind(CredentialKind::ServiceToken).into());
    for list in ["workspaces", "networks"] {
        fields.insert(list.to_owned(), serde_json::json!([]));
    }
    Ok(())
}
