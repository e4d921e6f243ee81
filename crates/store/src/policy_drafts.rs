//! Policy sets that are being edited. A draft is changed and never removed.

use domain::id::DraftId;
use domain::policy::{Content, Draft};

use crate::clause::Conditions;
use crate::engine::{Row, json, text};
use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Query, Revised, Transaction};

pub(crate) const TABLE: Migration = Migration {
    name: "policy-drafts",
    sql: "CREATE TABLE policy_drafts (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    body TEXT NOT NULL,
    content TEXT NOT NULL
) STRICT;",
};

const NOUN: &str = "policy_drafts";

/// Adds a draft.
pub fn insert(tx: &mut Transaction<'_>, draft: &Draft, content: &Content) -> Result<(), StoreError> {
    let sql = "INSERT INTO policy_drafts (id, revision, body, content) VALUES ($1, 1, $2, $3)";
    tx.add(NOUN, &draft.id, sql, &[text(&draft.id), json(draft), json(content)])
}

/// One draft with its revision, without its content.
pub fn get(q: &mut dyn Query, id: DraftId) -> Result<Option<Revised<Draft>>, StoreError> {
    let rows = q.rows("SELECT id, revision, body FROM policy_drafts WHERE id = $1", &[text(&id)])?;
    rows.first().map(|row| read(q, row)).transpose()
}

/// The content of a draft.
pub fn content(q: &mut dyn Query, id: DraftId) -> Result<Option<Content>, StoreError> {
    let rows = q.rows("SELECT content FROM policy_drafts WHERE id = $1", &[text(&id)])?;
    rows.first().map(|row| row.json("content")).transpose()
}

/// Drafts without their content, newest first.
pub fn list(q: &mut dyn Query, before: Option<DraftId>, limit: u32) -> Result<Vec<Draft>, StoreError> {
    let mut conditions = Conditions::default();
    conditions.and_if("id < ?", before.as_ref().map(text));
    let head = "SELECT id, revision, body FROM policy_drafts";
    let (sql, parameters) = conditions.query(head, "ORDER BY id DESC LIMIT ?", limit);
    q.rows(&sql, &parameters)?.iter().map(|row| row.json("body")).collect()
}

/// Changes a draft that this transaction has read, with its content.
pub fn replace(tx: &mut Transaction<'_>, draft: &Draft, content: &Content) -> Result<(), StoreError> {
    let sql = "UPDATE policy_drafts SET revision = revision + 1, body = $3, content = $4
        WHERE id = $1 AND revision = $2";
    tx.revise(NOUN, &draft.id, sql, vec![json(draft), json(content)])
}

/// Changes a draft that this transaction has read; its content stays.
pub fn update(tx: &mut Transaction<'_>, draft: &Draft) -> Result<(), StoreError> {
    let sql = "UPDATE policy_drafts SET revision = revision + 1, body = $3 WHERE id = $1 AND revision = $2";
    tx.revise(NOUN, &draft.id, sql, vec![json(draft)])
}

fn read(q: &mut dyn Query, row: &Row) -> Result<Revised<Draft>, StoreError> {
    let (id, revision) = (row.text("id")?.to_owned(), row.int("revision")?);
    let value = row.json("body")?;
    q.saw(NOUN, id, revision);
    Ok(Revised { value, revision })
}
