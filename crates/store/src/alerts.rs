//! Alerts, the rules that were changed, what the rules have counted so far, and how far in the ledger they are.
//!
//! Who evaluates moves the cursor first, from where it was read: of two processes, one waits and then begins anew, so no
//! entry is counted twice and none is left out. Counting again does not count as a change, so it never meets a person's;
//! of two who count, one begins anew.

mod progress;
mod upcoming;

use domain::alert::{Alert, AlertState, Handled, Rule, Severity};
use domain::id::AlertId;
use serde::{Deserialize, Serialize};

use crate::clause::Conditions;
use crate::engine::{Row, json, text};
use crate::error::StoreError;
use crate::schema::Migration;
use crate::settings;
use crate::transaction::{Query, Revised, Transaction, Upkeep};

pub use progress::{Progress, advance, forget_watches, progress, put_watch, sweep, watch};
pub use progress::{rules, set_rule};
pub use upcoming::{Upcoming, upcoming};

pub(crate) const TABLE: Migration = Migration {
    name: "alerts",
    sql: "CREATE TABLE alerts (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    grouping_key TEXT NOT NULL,
    rule TEXT NOT NULL,
    severity TEXT NOT NULL,
    state TEXT NOT NULL,
    count INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    entries TEXT NOT NULL,
    sentence TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX alerts_unresolved ON alerts (grouping_key) WHERE state <> 'resolved';
CREATE INDEX alerts_grouping ON alerts (grouping_key, id);
CREATE INDEX alerts_state ON alerts (state, id);
CREATE TABLE alert_rules (
    rule TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;
CREATE TABLE alert_watches (
    grouping_key TEXT PRIMARY KEY,
    changed_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX alert_watches_changed_at ON alert_watches (changed_at);
CREATE TABLE alert_progress (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    next INTEGER NOT NULL,
    swept_at INTEGER NOT NULL
) STRICT;
INSERT INTO alert_progress (one, next, swept_at) SELECT one, size, 0 FROM log_head;",
};

/// Under which name of the settings the revision of the rules is kept.
const RULES: &str = "alert-rules-revision";

const SELECT: &str =
    "SELECT id, revision, rule, severity, state, count, first_at, last_at, entries, sentence, body FROM alerts";

/// Which alerts to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<AlertState>,
    /// By this rule.
    pub rule: Option<Rule>,
    /// This urgent.
    pub severity: Option<Severity>,
    /// Older than this one.
    pub before: Option<AlertId>,
}

/// What is in no column of its own.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    subject: String,
    acknowledged: Option<Handled>,
    resolved: Option<Handled>,
}

/// Adds an alert. There must be none that is not resolved with the same rule and subject.
pub fn insert(keep: &mut dyn Upkeep, alert: &Alert) -> Result<(), StoreError> {
    let sql = "INSERT INTO alerts
        (id, revision, grouping_key, rule, severity, state, count, first_at, last_at, entries, sentence, body)
        VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let row = [
        text(&alert.id),
        alert.grouping().into(),
        alert.rule.name().into(),
        json(&alert.severity),
        alert.state.name().into(),
        alert.count.into(),
        alert.first_at.into(),
        alert.last_at.into(),
        json(&alert.entries),
        alert.sentence.as_str().into(),
        json(&body(alert)),
    ];
    keep.run(sql, &row).map(drop)
}

/// One alert.
pub fn get(q: &mut dyn Query, id: AlertId) -> Result<Option<Alert>, StoreError> {
    let rows = q.rows(&format!("{SELECT} WHERE id = $1"), &[text(&id)])?;
    rows.first().map(|row| read(q, row)).transpose()
}

/// The newest alert of this grouping, whatever its state.
pub fn newest(q: &mut dyn Query, grouping: &str) -> Result<Option<Alert>, StoreError> {
    let rows = q.rows(&format!("{SELECT} WHERE grouping_key = $1 ORDER BY id DESC LIMIT 1"), &[grouping.into()])?;
    rows.first().map(|row| read(q, row)).transpose()
}

/// The alert of this grouping that is not resolved.
pub fn unresolved(q: &mut dyn Query, grouping: &str) -> Result<Option<Alert>, StoreError> {
    let rows = q.rows(&format!("{SELECT} WHERE grouping_key = $1 AND state <> 'resolved'"), &[grouping.into()])?;
    rows.first().map(|row| read(q, row)).transpose()
}

/// Alerts, newest first.
pub fn list(q: &mut dyn Query, filter: &Filter, limit: u32) -> Result<Vec<Alert>, StoreError> {
    let mut conditions = Conditions::default();
    conditions.and_if("state = ?", filter.state.map(AlertState::name));
    conditions.and_if("rule = ?", filter.rule.map(Rule::name));
    conditions.and_if("severity = ?", filter.severity.as_ref().map(json));
    conditions.and_if("id < ?", filter.before.as_ref().map(text));
    let (sql, parameters) = conditions.query(SELECT, "ORDER BY id DESC LIMIT ?", limit);
    q.rows(&sql, &parameters)?.iter().map(|row| read(q, row)).collect()
}

/// Changes how an alert stands that this transaction has read. What was counted meanwhile stays.
pub fn update(tx: &mut Transaction<'_>, alert: &Alert) -> Result<(), StoreError> {
    let sql = "UPDATE alerts SET revision = revision + 1, state = $3, body = $4 WHERE id = $1 AND revision = $2";
    tx.revise("alerts", &alert.id, sql, vec![alert.state.name().into(), json(&body(alert))])
}

/// Writes what was counted again of an alert that was read as `was`. Begins anew if somebody else counted or resolved it
/// meanwhile.
pub fn count(keep: &mut dyn Upkeep, was: &Alert, now: &Alert) -> Result<(), StoreError> {
    let sql = "UPDATE alerts SET count = $2, last_at = $3, entries = $4, sentence = $5
        WHERE id = $1 AND state <> 'resolved' AND count = $6 AND last_at = $7";
    let parameters = [
        text(&was.id),
        now.count.into(),
        now.last_at.into(),
        json(&now.entries),
        now.sentence.as_str().into(),
        was.count.into(),
        was.last_at.into(),
    ];
    if keep.run(sql, &parameters)? == 0 { keep.yield_to("alerts") } else { Ok(()) }
}

/// Writes that an alert is over that was read with this revision. Begins anew if a person did something about it since.
pub fn settle(keep: &mut dyn Upkeep, over: &Alert, revision: i64) -> Result<(), StoreError> {
    let sql = "UPDATE alerts SET revision = revision + 1, state = $3, body = $4 WHERE id = $1 AND revision = $2";
    let parameters = [text(&over.id), revision.into(), over.state.name().into(), json(&body(over))];
    if keep.run(sql, &parameters)? == 0 { keep.yield_to("alerts") } else { Ok(()) }
}

/// The alerts of a rule that are not resolved, with their revisions.
pub fn unresolved_of(q: &mut dyn Query, rule: Rule) -> Result<Vec<Revised<Alert>>, StoreError> {
    let rows = q.rows(&format!("{SELECT} WHERE rule = $1 AND state <> 'resolved'"), &[rule.name().into()])?;
    rows.iter().map(|row| Ok(Revised { value: read(q, row)?, revision: row.int("revision")? })).collect()
}

/// How many alerts are not resolved, by how urgent they are. What there is none of is left out.
pub fn unresolved_counts(q: &mut dyn Query) -> Result<Vec<(Severity, u64)>, StoreError> {
    let sql =
        "SELECT severity, COUNT(*) AS alerts FROM alerts WHERE state IN ('open', 'acknowledged') GROUP BY severity";
    q.rows(sql, &[])?.iter().map(|row| Ok((row.json("severity")?, row.number("alerts")?))).collect()
}

/// How often the rules were set: the revision of all of them together.
pub fn rules_revision(q: &mut dyn Query) -> Result<i64, StoreError> {
    let Some(text) = settings::get(q, RULES)? else { return Ok(0) };
    text.parse().map_err(|_| StoreError::corrupt("the revision of the alert rules is no number"))
}

/// Counts on from the revision of the rules that was read, and gives the next. Begins anew if somebody else set them since.
pub fn revise_rules(keep: &mut dyn Upkeep, from: i64) -> Result<i64, StoreError> {
    let sql = "INSERT INTO settings (name, body) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET body = excluded.body WHERE settings.body = $3";
    let next = from + 1;
    if keep.run(sql, &[RULES.into(), text(&next), text(&from)])? == 0 {
        keep.yield_to("alert_rules")?;
    }
    Ok(next)
}

fn body(alert: &Alert) -> Body {
    Body { subject: alert.subject.clone(), acknowledged: alert.acknowledged.clone(), resolved: alert.resolved.clone() }
}

fn read(q: &mut dyn Query, row: &Row) -> Result<Alert, StoreError> {
    let Body { subject, acknowledged, resolved } = row.json("body")?;
    q.saw("alerts", row.text("id")?.to_owned(), row.int("revision")?);
    let named = |column| row.text(column).map(serde_json::Value::from);
    let known = |error| StoreError::corrupt(&format!("an alert does not read back: {error}"));
    Ok(Alert {
        id: row.parsed("id")?,
        rule: serde_json::from_value(named("rule")?).map_err(known)?,
        severity: row.json("severity")?,
        subject,
        sentence: row.text("sentence")?.to_owned(),
        first_at: row.instant("first_at")?,
        last_at: row.instant("last_at")?,
        count: row.number("count")?,
        entries: row.json("entries")?,
        state: serde_json::from_value(named("state")?).map_err(known)?,
        acknowledged,
        resolved,
    })
}
