//! Messages that wait for webhooks: an outbox that survives a crash.
//!
//! A message is claimed by a conditional update that moves its time into the future: whoever made it sends, and if that
//! process ends, the message is due again. A claim is known by that time, and a result is taken from the last one only.
//! An attempt counts once it has a result, so no restart brings a message nearer to being given up. A message is sent at
//! least once, always under its one id.

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

/// A message with what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The message.
    pub delivery: Delivery,
    /// What it says; the entry that it is about, if absent.
    pub payload: Option<String>,
}

/// The right to try a message once. Nobody else does until it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Which message.
    pub id: DeliveryId,
    /// Which attempt it is for, from 1.
    pub attempt: u32,
    /// When it is over.
    pub until: Instant,
}

/// What waits for all webhooks together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    /// How many messages.
    pub waiting: u64,
    /// When the oldest of them was put there.
    pub oldest: Option<Instant>,
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

/// Puts a message into the queue, unless it is there already or the webhook is switched off. True if it was put there. To
/// be sure that nobody is just switching it off, [`crate::webhooks::hold`] it first.
pub fn insert(keep: &mut dyn Upkeep, delivery: &Delivery, payload: Option<&str>) -> Result<bool, StoreError> {
    let sql = "INSERT INTO deliveries (id, webhook, kind, subject, payload, state, attempts, next_at, created_at)
        SELECT $1, id, $3, $4, $5, 'waiting', 0, $6, $7 FROM webhooks WHERE id = $2 AND active = 1
        ON CONFLICT (webhook, kind, subject) DO NOTHING";
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

/// What waits for all webhooks together.
pub fn outbox(q: &mut dyn Query) -> Result<Outbox, StoreError> {
    let sql = "SELECT COUNT(*) AS waiting, MIN(created_at) AS oldest FROM deliveries WHERE state = 'waiting'";
    let rows = q.rows(sql, &[])?;
    let Some(row) = rows.first() else { return Ok(Outbox::default()) };
    let oldest = row.optional_int("oldest")?.map(Instant::from_millis);
    Ok(Outbox { waiting: row.number("waiting")?, oldest })
}

/// Drops the oldest messages that wait for a webhook, so many of them at most. Gives how many. Those that may be under way
/// are spared: a claim that is made now is over at `claimed`, so they are the ones whose time is between now and then.
pub fn drop_oldest(
    keep: &mut dyn Upkeep,
    webhook: WebhookId,
    many: u64,
    now: Instant,
    claimed: Instant,
) -> Result<u64, StoreError> {
    let sql = "UPDATE deliveries SET state = 'dropped', next_at = NULL, ended_at = $3, last_error = 'queue_full'
        WHERE state = 'waiting' AND (next_at <= $3 OR next_at > $4) AND id IN (SELECT id FROM deliveries
            WHERE webhook = $1 AND state = 'waiting' AND (next_at <= $3 OR next_at > $4) ORDER BY id LIMIT $2)";
    keep.run(sql, &[text(&webhook), many.into(), now.into(), claimed.into()])
}

/// Drops every message that waits for a webhook: it was switched off. Gives how many.
pub fn drop_all(keep: &mut dyn Upkeep, webhook: WebhookId, now: Instant) -> Result<u64, StoreError> {
    let sql = "UPDATE deliveries SET state = 'dropped', next_at = NULL, ended_at = $2, last_error = 'disabled'
        WHERE webhook = $1 AND state = 'waiting'";
    keep.run(sql, &[text(&webhook), now.into()])
}

/// When the next message is due to an address that is told something, if any waits.
pub fn next_due(q: &mut dyn Query) -> Result<Option<Instant>, StoreError> {
    // One look at the index for each webhook, however many messages wait.
    let sql = "SELECT MIN(first) AS next_at FROM (SELECT
            (SELECT MIN(next_at) FROM deliveries WHERE webhook = webhooks.id AND state = 'waiting') AS first
        FROM webhooks WHERE active = 1) AS firsts";
    let rows = q.rows(sql, &[])?;
    rows.first().map_or(Ok(None), |row| Ok(row.optional_int("next_at")?.map(Instant::from_millis)))
}

/// Messages for a webhook whose time has come, the longest due first.
pub fn due(q: &mut dyn Query, webhook: WebhookId, now: Instant, limit: u32) -> Result<Vec<Delivery>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM deliveries WHERE webhook = $1 AND state = 'waiting' AND next_at <= $2
        ORDER BY next_at, id LIMIT $3"
    );
    let rows = q.rows(&sql, &[text(&webhook), now.into(), limit.into()])?;
    rows.iter().map(|row| read(row).map(|message| message.delivery)).collect()
}

/// Claims a message that was found due, until then. `None` if another process did.
pub fn claim(keep: &mut dyn Upkeep, found: &Delivery, until: Instant) -> Result<Option<(Claim, Message)>, StoreError> {
    let sql = "UPDATE deliveries SET next_at = $3
        WHERE id = $1 AND attempts = $2 AND state = 'waiting' AND next_at = $4";
    let was = [text(&found.id), found.attempts.into(), until.into(), found.next_at.into()];
    if keep.run(sql, &was)? == 0 {
        return Ok(None);
    }
    let claim = Claim { id: found.id, attempt: found.attempts.saturating_add(1), until };
    Ok(get(keep, found.id)?.map(|message| (claim, message)))
}

/// Writes how a claimed attempt ended. False if the message was claimed again since, or is not waited for any more.
pub fn end(keep: &mut dyn Upkeep, claim: &Claim, ended: &Ended, now: Instant) -> Result<bool, StoreError> {
    let sql = "UPDATE deliveries SET attempts = attempts + 1,
            state = $4, next_at = $5, last_status = $6, last_error = $7, ended_at = $8
        WHERE id = $1 AND attempts = $2 AND state = 'waiting' AND next_at = $3";
    let over: Value = Some(now).filter(|_| ended.state != DeliveryState::Waiting).into();
    let row = [
        text(&claim.id),
        claim.attempt.saturating_sub(1).into(),
        claim.until.into(),
        ended.state.name().into(),
        ended.next_at.into(),
        ended.status.map(u32::from).into(),
        ended.error.as_deref().into(),
        over,
    ];
    Ok(keep.run(sql, &row)? > 0)
}

/// Gives a claim back whose message was not tried to the end: it is due now, and nothing counts. False as with [`end`].
pub fn release(keep: &mut dyn Upkeep, claim: &Claim, now: Instant) -> Result<bool, StoreError> {
    let sql =
        "UPDATE deliveries SET next_at = $4 WHERE id = $1 AND attempts = $2 AND state = 'waiting' AND next_at = $3";
    let was = [text(&claim.id), claim.attempt.saturating_sub(1).into(), claim.until.into(), now.into()];
    Ok(keep.run(sql, &was)? > 0)
}

/// Puts a message back into the queue that was delivered or given up. Its attempts begin anew; its id stays.
pub fn again(keep: &mut dyn Upkeep, id: DeliveryId, now: Instant) -> Result<bool, StoreError> {
    let sql = "UPDATE deliveries SET state = 'waiting', attempts = 0, next_at = $2, ended_at = NULL
        WHERE id = $1 AND state <> 'waiting'";
    Ok(keep.run(sql, &[text(&id), now.into()])? > 0)
}

/// One message, with what it says.
pub fn get(q: &mut dyn Query, id: DeliveryId) -> Result<Option<Message>, StoreError> {
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
    q.rows(&sql, &parameters)?.iter().map(|row| read(row).map(|message| message.delivery)).collect()
}

/// Forgets messages that ended before that. Gives how many.
pub fn forget(keep: &mut dyn Upkeep, before: Instant) -> Result<u64, StoreError> {
    keep.run("DELETE FROM deliveries WHERE ended_at < $1", &[before.into()])
}

fn read(row: &Row) -> Result<Message, StoreError> {
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
    Ok(Message { delivery, payload: row.optional_text("payload")?.map(str::to_owned) })
}
