//! Webhooks, each with its sealed secrets and with how it fares.
//!
//! A secret is stored sealed only, with a key that is not in the database. How an address fares is upkeep and does not
//! count as a change. A webhook is never removed, only switched off, so that the trail goes on naming something.

use domain::Instant;
use domain::id::WebhookId;
use domain::webhook::Webhook;
use serde::{Deserialize, Serialize};

use crate::engine::{Row, json, text};
use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Query, Transaction, Upkeep};

pub(crate) const TABLE: Migration = Migration {
    name: "webhooks",
    sql: "CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    active INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    failing_since INTEGER,
    rests_until INTEGER,
    secrets TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;",
};

/// A secret as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// The sealed bytes, in base64.
    pub sealed: String,
    /// What is shown instead.
    pub fingerprint: String,
    /// When it was made.
    pub made_at: Instant,
    /// Until when it signs, if it was replaced.
    pub ends_at: Option<Instant>,
}

/// How an address fares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fare {
    /// How many attempts in a row have failed.
    pub failures: u32,
    /// Since when there was no success.
    pub failing_since: Option<Instant>,
    /// Until when nothing is sent there.
    pub rests_until: Option<Instant>,
}

/// A webhook with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The webhook.
    pub webhook: Webhook,
    /// Its secrets, the newest first.
    pub secrets: Vec<Sealed>,
    /// How it fares.
    pub fare: Fare,
    /// Its revision.
    pub revision: i64,
}

const SELECT: &str = "SELECT id, revision, failures, failing_since, rests_until, secrets, body FROM webhooks";

/// Adds a webhook.
pub fn insert(tx: &mut Transaction<'_>, webhook: &Webhook, secrets: &[Sealed]) -> Result<(), StoreError> {
    let sql = "INSERT INTO webhooks (id, revision, active, failures, secrets, body) VALUES ($1, 1, $2, 0, $3, $4)";
    tx.add("webhooks", &webhook.id, sql, &[text(&webhook.id), webhook.active.into(), json(&secrets), json(webhook)])
}

/// One webhook.
pub fn get(q: &mut dyn Query, id: WebhookId) -> Result<Option<Kept>, StoreError> {
    let rows = q.rows(&format!("{SELECT} WHERE id = $1"), &[text(&id)])?;
    rows.first().map(|row| read(q, row)).transpose()
}

/// All webhooks, newest first, or those that are told something.
pub fn list(q: &mut dyn Query, active_only: bool) -> Result<Vec<Kept>, StoreError> {
    let which = if active_only { "WHERE active = 1 " } else { "" };
    let rows = q.rows(&format!("{SELECT} {which}ORDER BY id DESC"), &[])?;
    rows.iter().map(|row| read(q, row)).collect()
}

/// Changes a webhook that this transaction has read, with its secrets. Once it is switched on again it starts afresh.
pub fn update(tx: &mut Transaction<'_>, webhook: &Webhook, secrets: &[Sealed]) -> Result<(), StoreError> {
    let sql = "UPDATE webhooks SET revision = revision + 1,
        failures = CASE WHEN active = $3 THEN failures ELSE 0 END,
        failing_since = CASE WHEN active = $3 THEN failing_since ELSE NULL END,
        rests_until = CASE WHEN active = $3 THEN rests_until ELSE NULL END,
        active = $3, secrets = $4, body = $5 WHERE id = $1 AND revision = $2";
    tx.revise("webhooks", &webhook.id, sql, vec![webhook.active.into(), json(&secrets), json(webhook)])
}

/// Switches a webhook off that was read with this revision, as `webhook` says. Begins anew if somebody changed it since.
pub fn switch_off(keep: &mut dyn Upkeep, webhook: &Webhook, revision: i64) -> Result<(), StoreError> {
    let sql = "UPDATE webhooks SET revision = revision + 1, active = 0, body = $3 WHERE id = $1 AND revision = $2";
    let changed = keep.run(sql, &[text(&webhook.id), revision.into(), json(webhook)])?;
    if changed == 0 { keep.yield_to("webhooks") } else { Ok(()) }
}

/// Writes how an address fares that fared as `was` when it was read. Begins anew if another process wrote it since: a late
/// failure must not undo a success.
pub fn fare(keep: &mut dyn Upkeep, id: WebhookId, was: Fare, now: Fare) -> Result<(), StoreError> {
    let sql = "UPDATE webhooks SET failures = $2, failing_since = $3, rests_until = $4 WHERE id = $1
        AND failures = $5 AND failing_since IS NOT DISTINCT FROM $6 AND rests_until IS NOT DISTINCT FROM $7";
    let parameters = [
        text(&id),
        now.failures.into(),
        now.failing_since.into(),
        now.rests_until.into(),
        was.failures.into(),
        was.failing_since.into(),
        was.rests_until.into(),
    ];
    if keep.run(sql, &parameters)? == 0 { keep.yield_to("webhooks") } else { Ok(()) }
}

/// Whether a webhook is told something. If it is, nobody switches it off until this transaction ends: whoever wants to finds
/// what was put into its queue, and drops it.
pub fn hold(keep: &mut dyn Upkeep, id: WebhookId) -> Result<bool, StoreError> {
    Ok(keep.run("UPDATE webhooks SET active = active WHERE id = $1 AND active = 1", &[text(&id)])? > 0)
}

fn read(q: &mut dyn Query, row: &Row) -> Result<Kept, StoreError> {
    q.saw("webhooks", row.text("id")?.to_owned(), row.int("revision")?);
    let fare = Fare {
        failures: row.number("failures")?,
        failing_since: row.optional_int("failing_since")?.map(Instant::from_millis),
        rests_until: row.optional_int("rests_until")?.map(Instant::from_millis),
    };
    let revision = row.int("revision")?;
    Ok(Kept { webhook: row.json("body")?, secrets: row.json("secrets")?, fare, revision })
}
