//! Tasks: what ran. One use of a ticket and one decision start at most one task each, which the table itself holds.

use domain::id::TaskId;
use domain::task::Task;

use crate::clause::Conditions;
use crate::engine::{Row, json, text};
use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Query, Transaction};

pub(crate) const TABLE: Migration = Migration {
    name: "tasks",
    sql: "CREATE TABLE tasks (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    ticket TEXT UNIQUE REFERENCES tickets (id),
    decision TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL
) STRICT;",
};

/// A standing approval starts a task for each of its uses.
pub(crate) const USES: Migration = Migration {
    name: "task-uses",
    sql: "CREATE TABLE tasks_by_use (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    ticket TEXT REFERENCES tickets (id),
    use_number INTEGER NOT NULL DEFAULT 1,
    decision TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    UNIQUE (ticket, use_number)
) STRICT;
INSERT INTO tasks_by_use (id, revision, ticket, decision, body) SELECT id, revision, ticket, decision, body FROM tasks;
DROP TABLE tasks;
ALTER TABLE tasks_by_use RENAME TO tasks;",
};

/// Adds a task. Its use of its ticket and its decision must not have started another.
pub fn insert(tx: &mut Transaction<'_>, task: &Task) -> Result<(), StoreError> {
    let sql = "INSERT INTO tasks (id, revision, ticket, use_number, decision, body) VALUES ($1, 1, $2, $3, $4, $5)";
    let ticket = task.ticket.as_ref().map(text).into();
    let number = task.use_number.map_or(1, |used| used.number);
    tx.add("tasks", &task.id, sql, &[text(&task.id), ticket, number.into(), text(&task.decision), json(task)])
}

/// One task.
pub fn get(q: &mut dyn Query, id: TaskId) -> Result<Option<Task>, StoreError> {
    let rows = q.rows("SELECT id, revision, body FROM tasks WHERE id = $1", &[text(&id)])?;
    rows.first().map(|row| read(q, row)).transpose()
}

/// Changes a task that this transaction has read.
pub fn update(tx: &mut Transaction<'_>, task: &Task) -> Result<(), StoreError> {
    let sql = "UPDATE tasks SET revision = revision + 1, body = $3 WHERE id = $1 AND revision = $2";
    tx.revise("tasks", &task.id, sql, vec![json(task)])
}

/// Tasks older than `before`, newest first.
pub fn list(q: &mut dyn Query, before: Option<TaskId>, limit: u32) -> Result<Vec<Task>, StoreError> {
    let mut conditions = Conditions::default();
    conditions.and_if("id < ?", before.as_ref().map(text));
    let (sql, parameters) = conditions.query("SELECT id, revision, body FROM tasks", "ORDER BY id DESC LIMIT ?", limit);
    let rows = q.rows(&sql, &parameters)?;
    rows.iter().map(|row| read(q, row)).collect()
}

fn read(q: &mut dyn Query, row: &Row) -> Result<Task, StoreError> {
    let task: Task = row.json("body")?;
    q.saw("tasks", row.text("id")?.to_owned(), row.int("revision")?);
    Ok(task)
}
