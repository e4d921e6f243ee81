//! What restricts pipelines. A restriction is changed and never removed.

use domain::pipeline::{Pipeline, PipelineName};

use crate::engine::{Row, json, text};
use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Query, Revised, Transaction};

pub(crate) const TABLE: Migration = Migration {
    name: "pipelines",
    sql: "CREATE TABLE pipelines (
    name TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;",
};

const SELECT: &str = "SELECT name, revision, body FROM pipelines";

/// Adds a pipeline.
pub fn insert(tx: &mut Transaction<'_>, pipeline: &Pipeline) -> Result<(), StoreError> {
    let sql = "INSERT INTO pipelines (name, revision, body) VALUES ($1, 1, $2)";
    tx.add("pipelines", &pipeline.name, sql, &[text(&pipeline.name), json(pipeline)])
}

/// One pipeline with its revision.
pub fn get(q: &mut dyn Query, name: &PipelineName) -> Result<Option<Revised<Pipeline>>, StoreError> {
    let rows = q.rows(&format!("{SELECT} WHERE name = $1"), &[text(name)])?;
    rows.first().map(|row| read(q, row)).transpose()
}

/// All pipelines, by name.
pub fn list(q: &mut dyn Query) -> Result<Vec<Pipeline>, StoreError> {
    let rows = q.rows(&format!("{SELECT} ORDER BY name"), &[])?;
    rows.iter().map(|row| read(q, row).map(|known| known.value)).collect()
}

/// Changes a pipeline that this transaction has read.
pub fn update(tx: &mut Transaction<'_>, pipeline: &Pipeline) -> Result<(), StoreError> {
    let sql = "UPDATE pipelines SET revision = revision + 1, body = $3 WHERE name = $1 AND revision = $2";
    tx.revise("pipelines", &pipeline.name, sql, vec![json(pipeline)])
}

fn read(q: &mut dyn Query, row: &Row) -> Result<Revised<Pipeline>, StoreError> {
    let (name, revision) = (row.text("name")?.to_owned(), row.int("revision")?);
    let value = row.json("body")?;
    q.saw("pipelines", name, revision);
    Ok(Revised { value, revision })
}
