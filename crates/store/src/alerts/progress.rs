//! How far the rules are, what they have counted, and how they are set.

use domain::Instant;
use domain::alert::{Rule, RuleSetting, Watch};

use crate::engine::json;
use crate::error::StoreError;
use crate::transaction::{Query, Transaction, Upkeep};

/// How far the rules are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The index of the next entry of the ledger that they have not seen.
    pub next: u64,
    /// When conditions that come with time were last looked at.
    pub swept_at: Instant,
}

/// How far the rules are.
pub fn progress(q: &mut dyn Query) -> Result<Progress, StoreError> {
    let rows = q.rows("SELECT next, swept_at FROM alert_progress WHERE one = 1", &[])?;
    let row = rows.first().ok_or_else(|| StoreError::corrupt("the rules do not know how far they are"))?;
    Ok(Progress { next: row.number("next")?, swept_at: row.instant("swept_at")? })
}

/// Moves on from where it was read. Begins anew if another process did.
pub fn advance(keep: &mut dyn Upkeep, from: u64, to: u64) -> Result<(), StoreError> {
    let sql = "UPDATE alert_progress SET next = $2 WHERE one = 1 AND next = $1";
    if keep.run(sql, &[from.into(), to.into()])? == 0 { keep.yield_to("alert_progress") } else { Ok(()) }
}

/// Takes the look at conditions that come with time, if nobody has since `before`. One in the future, by a clock that was
/// set back, does not count.
pub fn sweep(keep: &mut dyn Upkeep, before: Instant, now: Instant) -> Result<bool, StoreError> {
    let sql = "UPDATE alert_progress SET swept_at = $2 WHERE one = 1 AND (swept_at <= $1 OR swept_at > $2)";
    Ok(keep.run(sql, &[before.into(), now.into()])? > 0)
}

/// What was counted so far.
pub fn watch(q: &mut dyn Query, grouping: &str) -> Result<Watch, StoreError> {
    let rows = q.rows("SELECT body FROM alert_watches WHERE grouping_key = $1", &[grouping.into()])?;
    rows.first().map_or_else(|| Ok(Watch::default()), |row| row.json("body"))
}

/// Keeps what was counted; forgets it if there is nothing.
pub fn put_watch(keep: &mut dyn Upkeep, grouping: &str, watch: &Watch, at: Instant) -> Result<(), StoreError> {
    if *watch == Watch::default() {
        return keep.run("DELETE FROM alert_watches WHERE grouping_key = $1", &[grouping.into()]).map(drop);
    }
    let sql = "INSERT INTO alert_watches (grouping_key, changed_at, body) VALUES ($1, $2, $3)
        ON CONFLICT (grouping_key) DO UPDATE SET changed_at = excluded.changed_at, body = excluded.body";
    keep.run(sql, &[grouping.into(), at.into(), json(watch)]).map(drop)
}

/// Forgets what was counted before that. Gives how many.
pub fn forget_watches(keep: &mut dyn Upkeep, before: Instant) -> Result<u64, StoreError> {
    keep.run("DELETE FROM alert_watches WHERE changed_at < $1", &[before.into()])
}

/// How every rule is set.
pub fn rules(q: &mut dyn Query) -> Result<Vec<RuleSetting>, StoreError> {
    let rows = q.rows("SELECT body FROM alert_rules", &[])?;
    let changed = rows.iter().map(|row| row.json("body")).collect::<Result<Vec<RuleSetting>, _>>()?;
    let set = |rule| changed.iter().find(|setting| setting.rule == rule).copied();
    Ok(Rule::ALL.into_iter().map(|rule| set(rule).unwrap_or_else(|| RuleSetting::default_of(rule))).collect())
}

/// Sets a rule.
pub fn set_rule(tx: &mut Transaction<'_>, setting: &RuleSetting) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO alert_rules (rule, body) VALUES ($1, $2) ON CONFLICT (rule) DO UPDATE SET body = excluded.body";
    tx.execute(sql, &[setting.rule.name().into(), json(setting)]).map(drop)
}
