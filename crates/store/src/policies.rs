//! Policy sets that were published. The newest is in force; none is ever changed.

use domain::principal::Principal;
use domain::{Digest, Instant};

use crate::engine::{Row, text};
use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Query, Transaction};

pub(crate) const TABLE: Migration = Migration {
    name: "policies",
    sql: "CREATE TABLE policies (
    version INTEGER PRIMARY KEY,
    schema_text TEXT NOT NULL,
    policies TEXT NOT NULL,
    digest BLOB NOT NULL,
    published_at INTEGER NOT NULL,
    published_by TEXT,
    sample INTEGER NOT NULL
) STRICT;",
};

/// A published policy set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyVersion {
    /// 1, 2, 3, …
    pub version: u32,
    /// The Cedar schema.
    pub schema: String,
    /// The Cedar policies.
    pub policies: String,
    /// The digest of both.
    pub digest: Digest,
    /// When it came into force.
    pub published_at: Instant,
    /// Who published it.
    pub published_by: Option<Principal>,
    /// It came with the product, as a sample.
    pub sample: bool,
}

const SELECT: &str = "SELECT version, schema_text, policies, digest, published_at, published_by, sample FROM policies";

/// Brings a version into force. Each number is given once.
pub fn append(tx: &mut Transaction<'_>, policy: &PolicyVersion) -> Result<(), StoreError> {
    let sql = "INSERT INTO policies (version, schema_text, policies, digest, published_at, published_by, sample)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let by = policy.published_by.as_ref().map(text).into();
    let texts = [policy.version.into(), text(&policy.schema), text(&policy.policies), policy.digest.into()];
    let rest = [policy.published_at.into(), by, policy.sample.into()];
    tx.execute(sql, &[texts.as_slice(), &rest].concat()).map(drop)
}

/// The version in force.
pub fn live(q: &mut dyn Query) -> Result<Option<PolicyVersion>, StoreError> {
    q.rows(&format!("{SELECT} ORDER BY version DESC LIMIT 1"), &[])?.first().map(read).transpose()
}

/// The digest of the version in force, without its texts.
pub fn live_digest(q: &mut dyn Query) -> Result<Option<Digest>, StoreError> {
    let rows = q.rows("SELECT digest FROM policies ORDER BY version DESC LIMIT 1", &[])?;
    rows.first().map(|row| row.bytes("digest").map(Digest::from_bytes)).transpose()
}

/// One version.
pub fn get(q: &mut dyn Query, version: u32) -> Result<Option<PolicyVersion>, StoreError> {
    q.rows(&format!("{SELECT} WHERE version = $1"), &[version.into()])?.first().map(read).transpose()
}

/// Every version, newest first.
pub fn list(q: &mut dyn Query) -> Result<Vec<PolicyVersion>, StoreError> {
    q.rows(&format!("{SELECT} ORDER BY version DESC"), &[])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<PolicyVersion, StoreError> {
    Ok(PolicyVersion {
        version: row.number("version")?,
        schema: row.text("schema_text")?.to_owned(),
        policies: row.text("policies")?.to_owned(),
        digest: Digest::from_bytes(row.bytes("digest")?),
        published_at: row.instant("published_at")?,
        published_by: row.optional("published_by")?,
        sample: row.int("sample")? != 0,
    })
}
