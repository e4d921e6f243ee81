//! Messages that wait for webhooks: an outbox that survives a crash.
//!
//! A message is claimed by a conditional update that counts the attempt and moves its time into the future: whoever made
//! it sends, and if that process ends, the message is due again. A result is taken from the last attempt only. So a
//! message is sent at least once, always under its one id.

use domain::Instant;
use domain::id::{DeliveryId, WebhookId};
use domain::webhook::{Delivery, DeliveryState};

use crate::clause::Conditions;
use crate::engine::{Row, Value, text};
use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Query, Upkeep};

pub(crate) const TABLE: Migration = Migration {
    name: "deliveries",
    sql: "CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    webhook TEXT NOT NULL REFERENCES webhooks (id),
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    payload TEXT,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at INTEGER,
    last_status INTEGER,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    UNIQUE (webhook, kind, subject)
) STRICT;
CREATE INDEX deliveries_due ON deliveries (next_at) WHERE state = 'waiting';
CREATE INDEX deliveries_webhook ON deliveries (webhook, state, next_at);
CREATE INDEX deliveries_ended_at ON deliveries (ended_at);",
};

/// A message that was claimed: what it says if that is no entry, and which attempt this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The message, its attempts counted with this one.
    pub delivery: Delivery,
    /// What it says; the entry that it is about, if absent.
    pub payload: Option<String>,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How the message stands now.
    pub state: DeliveryState,
    /// When it is tried next, if it waits.
    pub next_at: Option<Instant>,
    /// The status of the answer, if one came.
    pub status: Option<u16>,
    /// What went wrong.
    pub error: Option<String>,
}

const COLUMNS: &str = "id, webhook, kind, subject, payload, state, attempts, next_at, last_status, last_error,
    created_at, ended_at";

/// Puts a message into the queue, unless it is there already. True if it was put there.
pub fn insert(keep: &mut dyn Upkeep, delivery: &Delivery, payload: Option<&str>) -> Result<bool, StoreError> {
    let sql = "INSERT INTO deliveries (id, webhook, kind, subject, payload, state, attempts, next_at, created_at)
        VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, $7) ON CONFLICT (webhook, kind, subject) DO NOTHING";
    let row = [
        text(&delivery.id),
        text(&delivery.webhook),
        delivery.kind.as_str().into(),
        delivery.subject.as_str().into(),
        payload.into(),
        delivery.next_at.into(),
        delivery.created_at.into(),
    ];
    Ok(keep.run(sql, &row)? > 0)
}

/// How many messages wait for a webhook.
pub fn waiting(q: &mut dyn Query, webhook: WebhookId) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) AS waiting FROM deliveries WHERE webhook = $1 AND state = 'waiting'";
    q.rows(sql, &[text(&webhook)])?.first().map_or(Ok(0), |row| row.number("waiting"))
}

/// Drops the oldest messages that wait for a webhook, so many of them. Gives how many.
pub fn drop_oldest(keep: &mut dyn Upkeep, webhook: WebhookId, many: u64, now: Instant) -> Result<u64, StoreError> {
    let sql = "UPDATE deliveries SET state = 'dropped', next_at = NULL, ended_at = $3, last_error = 'queue_full'
        WHERE id IN (SELECT id FROM deliveries WHERE webhook = $1 AND state = 'waiting' ORDER BY id LIMIT $2)";
    keep.run(sql, &[text(&webhook), many.into(), now.into()])
}

/// Drops every message that waits for a webhook: it was switched off. Gives how many.
pub fn drop_all(keep: &mut dyn Upkeep, webhook: WebhookId, now: Instant) -> Result<u64, StoreError> {
    let sql = "UPDATE deliveries SET state = 'dropped', next_at = NULL, ended_at = $2, last_error = 'disabled'
        WHERE webhook = $1 AND state = 'waiting'";
    keep.run(sql, &[text(&webhook), now.into()])
}

/// When the next message is due to an address that is told something, if any waits.
pub fn next_due(q: &mut dyn Query) -> Result<Option<Instant>, StoreError> {
    let rows = q.rows("SELECT MIN(next_at) AS next_at FROM deliveries WHERE state = 'waiting'", &[])?;
    rows.first().map_or(Ok(None), |row| Ok(row.optional_int("next_at")?.map(Instant::from_millis)))
}

/// Messages for a webhook whose time has come, the longest due first.
pub fn due(q: &mut dyn Query, webhook: WebhookId, now: Instant, limit: u32) -> Result<Vec<Delivery>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM deliveries WHERE webhook = $1 AND state = 'waiting' AND next_at <= $2
        ORDER BY next_at, id LIMIT $3"
    );
    let rows = q.rows(&sql, &[text(&webhook), now.into(), limit.into()])?;
    rows.iter().map(|row| read(row).map(|claimed| claimed.delivery)).collect()
}

/// Claims a message that was found due, until then. `None` if another process did.
pub fn claim(keep: &mut dyn Upkeep, found: &Delivery, until: Instant) -> Result<Option<Claimed>, StoreError> {
    let sql = "UPDATE deliveries SET attempts = attempts + 1, next_at = $3
        WHERE id = $1 AND attempts = $2 AND state = 'waiting' AND next_at = $4";
    let was = [text(&found.id), found.attempts.into(), until.into(), found.next_at.into()];
    if keep.run(sql, &was)? == 0 {
        return Ok(None);
    }
    get(keep, found.id)
}

/// Writes how an attempt ended. False if the message was claimed again since, or is not waited for any more.
pub fn end(
    keep: &mut dyn Upkeep,
    id: DeliveryId,
    attempt: u32,
    ended: &Ended,
    now: Instant,
) -> Result<bool, StoreError> {
    let sql = "UPDATE deliveries SET state = $3, next_at = $4, last_status = $5, last_error = $6, ended_at = $7
        WHERE id = $1 AND attempts = $2 AND state = 'waiting'";
    let over: Value = Some(now).filter(|_| ended.state != DeliveryState::Waiting).into();
    let row = [
        text(&id),
        attempt.into(),
        ended.state.name().into(),
        ended.next_at.into(),
        ended.status.map(u32::from).into(),
        ended.error.as_deref().into(),
        over,
    ];
    Ok(keep.run(sql, &row)? > 0)
}

/// Puts a message back into the queue that was delivered or given up. Its attempts begin anew; its id stays.
pub fn again(keep: &mut dyn Upkeep, id: DeliveryId, now: Instant) -> Result<bool, StoreError> {
    let sql = "UPDATE deliveries SET state = 'waiting', attempts = 0, next_at = $2, ended_at = NULL
        WHERE id = $1 AND state <> 'waiting'";
    Ok(keep.run(sql, &[text(&id), now.into()])? > 0)
}

/// One message, with what it says.
pub fn get(q: &mut dyn Query, id: DeliveryId) -> Result<Option<Claimed>, StoreError> {
    let rows = q.rows(&format!("SELECT {COLUMNS} FROM deliveries WHERE id = $1"), &[text(&id)])?;
    rows.first().map(read).transpose()
}

/// The messages of a webhook, newest first.
pub fn list(
    q: &mut dyn Query,
    webhook: WebhookId,
    state: Option<DeliveryState>,
    before: Option<DeliveryId>,
    limit: u32,
) -> Result<Vec<Delivery>, StoreError> {
    let mut conditions = Conditions::default();
    conditions.and("webhook = ?", text(&webhook));
    conditions.and_if("state = ?", state.map(DeliveryState::name));
    conditions.and_if("id < ?", before.as_ref().map(text));
    let head = format!("SELECT {COLUMNS} FROM deliveries");
    let (sql, parameters) = conditions.query(&head, "ORDER BY id DESC LIMIT ?", limit);
    q.rows(&sql, &parameters)?.iter().map(|row| read(row).map(|claimed| claimed.delivery)).collect()
}

/// Forgets messages that ended before that. Gives how many.
pub fn forget(keep: &mut dyn Upkeep, before: Instant) -> Result<u64, StoreError> {
    keep.run("DELETE FROM deliveries WHERE ended_at < $1", &[before.into()])
}

fn read(row: &Row) -> Result<Claimed, StoreError> {
    let state = serde_json::from_value(row.text("state")?.into());
    let status = row.optional_int("last_status")?.map(u16::try_from).transpose();
    let delivery = Delivery {
        id: row.parsed("id")?,
        webhook: row.parsed("webhook")?,
        kind: row.text("kind")?.to_owned(),
        subject: row.text("subject")?.to_owned(),
        state: state.map_err(|error| StoreError::corrupt(&error))?,
        attempts: row.number("attempts")?,
        next_at: row.optional_int("next_at")?.map(Instant::from_millis),
        last_status: status.map_err(|error| StoreError::corrupt(&error))?,
        last_error: row.optional_text("last_error")?.map(str::to_owned),
        created_at: row.instant("created_at")?,
        ended_at: row.optional_int("ended_at")?.map(Instant::from_millis),
    };
    Ok(Claimed { delivery, payload: row.optional_text("payload")?.map(str::to_owned) })
}
