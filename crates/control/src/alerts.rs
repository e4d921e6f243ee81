//! Alerts, as people see and settle them, and the rules by which they are raised.
//!
//! What raises them is in [`round`] and [`vigil`]; no use case here raises one.

mod round;
mod vigil;

use domain::alert::{Alert, Handled, RuleSetting};
use domain::event::{Event, Kind};
use domain::id::AlertId;
use serde_json::json;
use store::Revised;
use store::alerts::Filter;

use crate::authenticate::Caller;
use crate::{Control, Error};

pub(crate) use round::{Repeat, Round};

const READ: &str = "alerts:read";
const WRITE: &str = "alerts:write";

/// What somebody does about an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handling {
    /// They take it on.
    Acknowledge,
    /// They settle it.
    Resolve,
}

impl Control {
    /// Alerts, newest first, and where the next page begins.
    pub fn alerts(&self, caller: &Caller, filter: &Filter, limit: u32) -> Result<(Vec<Alert>, Option<AlertId>), Error> {
        caller.require(READ)?;
        self.read(|q| {
            let alerts = store::alerts::list(q, filter, limit)?;
            let full = alerts.len() == usize::try_from(limit).unwrap_or(usize::MAX);
            let next = alerts.last().filter(|_| full).map(|alert| alert.id);
            Ok((alerts, next))
        })
    }

    /// One alert.
    pub fn alert(&self, caller: &Caller, id: AlertId) -> Result<Alert, Error> {
        caller.require(READ)?;
        let found = self.read(|q| Ok(store::alerts::get(q, id)?))?;
        found.ok_or_else(|| Error::not_found(format_args!("alert {id}")))
    }

    /// Takes an alert on, or settles it.
    pub fn handle_alert(
        &self,
        caller: &Caller,
        id: AlertId,
        handling: Handling,
        note: Option<&str>,
    ) -> Result<Alert, Error> {
        caller.require(WRITE)?;
        let (caller, note) = (caller.clone(), note.unwrap_or_default().trim().to_owned());
        self.write(move |control, mut tx| {
            let found = store::alerts::get(&mut tx, id)?;
            let found = found.ok_or_else(|| Error::not_found(format_args!("alert {id}")))?;
            let now = control.now();
            let by = Handled { by: caller.principal.clone(), at: now, note: note.clone() };
            let (alert, kind) = match handling {
                Handling::Acknowledge => (found.acknowledge(by)?, Kind::AlertAcknowledged),
                Handling::Resolve => (found.resolve(by)?, Kind::AlertResolved),
            };
            store::alerts::update(&mut tx, &alert)?;
            let data = json!({ "rule": alert.rule, "subject": alert.subject, "note": note, "count": alert.count });
            tx.commit(Event::new(now, kind).by(&caller.principal).about(id).with(data))?;
            Ok(alert)
        })
    }

    /// How every rule is set, with the revision of all of them together.
    pub fn alert_rules(&self, caller: &Caller) -> Result<Revised<Vec<RuleSetting>>, Error> {
        caller.require(READ)?;
        self.read(|q| Ok(Revised { value: store::alerts::rules(q)?, revision: store::alerts::rules_revision(q)? }))
    }

    /// Sets some rules; the others stay as they are. `expected` are the revisions that the caller may have read; absent
    /// means any.
    pub fn set_alert_rules(
        &self,
        caller: &Caller,
        changed: Vec<RuleSetting>,
        expected: Option<Vec<i64>>,
    ) -> Result<Revised<Vec<RuleSetting>>, Error> {
        caller.require(WRITE)?;
        for (place, setting) in changed.iter().enumerate() {
            setting.check().map_err(|error| Error::invalid("rules", error))?;
            if changed.iter().take(place).any(|other| other.rule == setting.rule) {
                return Err(Error::invalid("rules", format!("`{}` stands twice; leave one", setting.rule.name())));
            }
        }
        if changed.is_empty() {
            return Err(Error::invalid("rules", "name at least one rule"));
        }
        let caller = caller.clone();
        self.write(move |control, mut tx| {
            let revision = store::alerts::rules_revision(&mut tx)?;
            if expected.as_ref().is_some_and(|known| !known.contains(&revision)) {
                return Err(Error::Stale);
            }
            let before = store::alerts::rules(&mut tx)?;
            for setting in &changed {
                store::alerts::set_rule(&mut tx, setting)?;
            }
            let was: Vec<_> = before.iter().filter(|one| changed.iter().any(|other| other.rule == one.rule)).collect();
            let data = json!({ "before": was, "after": changed });
            let revision = store::alerts::revise_rules(&mut tx, revision)?;
            let value = store::alerts::rules(&mut tx)?;
            tx.commit(Event::new(control.now(), Kind::AlertRulesChanged).by(&caller.principal).with(data))?;
            Ok(Revised { value, revision })
        })
    }
}
