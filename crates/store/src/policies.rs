//! Policy sets that were published. The newest is in force; none is ever changed.

use domain::id::TicketId;
use domain::policy::Case;
use domain::principal::Principal;
use domain::{Digest, Instant};

use crate::engine::{Row, json, text};
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

/// What a set must keep, what it is tested with, and how it came to be.
pub(crate) const PUBLISHED: Migration = Migration {
    name: "policies-published",
    sql: "ALTER TABLE policies ADD COLUMN invariants TEXT NOT NULL DEFAULT '';
ALTER TABLE policies ADD COLUMN cases TEXT NOT NULL DEFAULT '[]';
ALTER TABLE policies ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE policies ADD COLUMN ticket TEXT;
ALTER TABLE policies ADD COLUMN restores INTEGER;",
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
    /// What every published set must keep, in Cedar too.
    pub invariants: String,
    /// The digest of these texts.
    pub digest: Digest,
    /// What it was tested with.
    pub cases: Vec<Case>,
    /// When it came into force.
    pub published_at: Instant,
    /// Who published it.
    pub published_by: Option<Principal>,
    /// It came with the product, as a sample.
    pub sample: bool,
    /// What it is for.
    pub title: String,
    /// The ticket that was spent for it.
    pub ticket: Option<TicketId>,
    /// The version that it brought back.
    pub restores: Option<u32>,
}

/// A version without its texts and cases, which may be long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionFacts {
    /// 1, 2, 3, …
    pub version: u32,
    /// The digest of its texts.
    pub digest: Digest,
    /// When it came into force.
    pub published_at: Instant,
    /// Who published it.
    pub published_by: Option<Principal>,
    /// It came with the product, as a sample.
    pub sample: bool,
    /// What it is for.
    pub title: String,
    /// The ticket that was spent for it.
    pub ticket: Option<TicketId>,
    /// The version that it brought back.
    pub restores: Option<u32>,
}

const FACTS: &str = "version, digest, published_at, published_by, sample, title, ticket, restores";
const TEXTS: &str = "schema_text, policies, invariants, cases";

/// Brings a version into force. Each number is given once.
pub fn append(tx: &mut Transaction<'_>, policy: &PolicyVersion) -> Result<(), StoreError> {
    let sql =
        format!("INSERT INTO policies ({FACTS}, {TEXTS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)");
    let by = policy.published_by.as_ref().map(text).into();
    let facts = [policy.version.into(), policy.digest.into(), policy.published_at.into(), by, policy.sample.into()];
    let ticket = policy.ticket.as_ref().map(text).into();
    let origin = [text(&policy.title), ticket, policy.restores.into()];
    let texts = [text(&policy.schema), text(&policy.policies), text(&policy.invariants), json(&policy.cases)];
    tx.execute(&sql, &[facts.as_slice(), &origin, &texts].concat()).map(drop)
}

/// The version in force.
pub fn live(q: &mut dyn Query) -> Result<Option<PolicyVersion>, StoreError> {
    let sql = format!("SELECT {FACTS}, {TEXTS} FROM policies ORDER BY version DESC LIMIT 1");
    q.rows(&sql, &[])?.first().map(read).transpose()
}

/// The version in force, without its texts.
pub fn live_facts(q: &mut dyn Query) -> Result<Option<VersionFacts>, StoreError> {
    let sql = format!("SELECT {FACTS} FROM policies ORDER BY version DESC LIMIT 1");
    q.rows(&sql, &[])?.first().map(facts).transpose()
}

/// The digest of the version in force, without its texts.
pub fn live_digest(q: &mut dyn Query) -> Result<Option<Digest>, StoreError> {
    let rows = q.rows("SELECT digest FROM policies ORDER BY version DESC LIMIT 1", &[])?;
    rows.first().map(|row| row.bytes("digest").map(Digest::from_bytes)).transpose()
}

/// One version.
pub fn get(q: &mut dyn Query, version: u32) -> Result<Option<PolicyVersion>, StoreError> {
    let sql = format!("SELECT {FACTS}, {TEXTS} FROM policies WHERE version = $1");
    q.rows(&sql, &[version.into()])?.first().map(read).transpose()
}

/// Every version, newest first.
pub fn list(q: &mut dyn Query) -> Result<Vec<VersionFacts>, StoreError> {
    q.rows(&format!("SELECT {FACTS} FROM policies ORDER BY version DESC"), &[])?.iter().map(facts).collect()
}

fn facts(row: &Row) -> Result<VersionFacts, StoreError> {
    Ok(VersionFacts {
        version: row.number("version")?,
        digest: Digest::from_bytes(row.bytes("digest")?),
        published_at: row.instant("published_at")?,
        published_by: row.optional("published_by")?,
        sample: row.int("sample")? != 0,
        title: row.text("title")?.to_owned(),
        ticket: row.optional("ticket")?,
        restores: row.optional_number("restores")?,
    })
}

fn read(row: &Row) -> Result<PolicyVersion, StoreError> {
    let VersionFacts { version, digest, published_at, published_by, sample, title, ticket, restores } = facts(row)?;
    Ok(PolicyVersion {
        version,
        schema: row.text("schema_text")?.to_owned(),
        policies: row.text("policies")?.to_owned(),
        invariants: row.text("invariants")?.to_owned(),
        digest,
        cases: row.json("cases")?,
        published_at,
        published_by,
        sample,
        title,
        ticket,
        restores,
    })
}
