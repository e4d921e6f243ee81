//! One round of looking: what is seen is counted, raised, and put into the queues of webhooks, in one transaction.

use domain::Instant;
use domain::alert::{Alert, Burst, RuleSetting, Sighting, grouping, sightings};
use domain::event::{Entry, Event, Kind};
use domain::id::{AlertId, DeliveryId};
use domain::webhook::Delivery;
use serde_json::json;
use store::Upkeep;
use store::webhooks::Kept;

use crate::{Control, Error};

/// When the same thing may be an alert again after somebody settled it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// So many seconds after.
    After(u32),
    /// Never: it happens once.
    Never,
}

/// A round in the making.
pub(crate) struct Round<'a> {
    control: &'a Control,
    keep: &'a mut dyn Upkeep,
    rules: Vec<RuleSetting>,
    hooks: Vec<Kept>,
    /// What is to be recorded with it.
    pub(crate) events: Vec<Event>,
}

impl<'a> Round<'a> {
    pub(crate) fn begin(control: &'a Control, keep: &'a mut dyn Upkeep) -> Result<Self, Error> {
        let (rules, hooks) = (store::alerts::rules(keep)?, store::webhooks::list(keep, true)?);
        Ok(Self { control, keep, rules, hooks, events: Vec::new() })
    }

    pub(crate) fn keep(&mut self) -> &mut dyn Upkeep {
        self.keep
    }

    /// How a rule is set, if it is on.
    pub(crate) fn setting(&self, rule: domain::alert::Rule) -> Option<RuleSetting> {
        self.rules.iter().find(|setting| setting.rule == rule && setting.enabled).copied()
    }

    /// An entry of the ledger: what it means for the rules, and who wants to know.
    pub(crate) fn entry(&mut self, entry: &Entry) -> Result<(), Error> {
        for sighting in sightings(entry, self.control.config().auth.ipv6_prefix) {
            self.count(&sighting)?;
        }
        // Who wants to know of an alert was told when it was raised.
        if entry.kind == Kind::AlertRaised {
            return Ok(());
        }
        self.tell(entry.kind, &entry.id.to_string(), None, entry.at)
    }

    /// Something that is an alert once it was seen often enough.
    pub(crate) fn count(&mut self, sighting: &Sighting) -> Result<(), Error> {
        let Some(setting) = self.setting(sighting.rule) else { return Ok(()) };
        let key = grouping(sighting.rule, &sighting.subject);
        if let Some(alert) = store::alerts::unresolved(self.keep, &key)? {
            return Ok(store::alerts::count(self.keep, &alert.again(sighting))?);
        }
        let (watch, burst) = store::alerts::watch(self.keep, &key)?.see(sighting, &setting);
        store::alerts::put_watch(self.keep, &key, &watch, sighting.at)?;
        burst.map_or(Ok(()), |burst| self.raise(&setting, sighting, burst))
    }

    /// A condition that lasts: it is an alert at once, and not again while that stands.
    pub(crate) fn condition(&mut self, sighting: &Sighting, repeat: Repeat) -> Result<(), Error> {
        let Some(setting) = self.setting(sighting.rule) else { return Ok(()) };
        let known = store::alerts::newest(self.keep, &grouping(sighting.rule, &sighting.subject))?;
        let now = self.control.now();
        let silent = known.is_some_and(|alert| match (alert.resolved, repeat) {
            (Some(resolved), Repeat::After(seconds)) => now.is_before(resolved.at.plus(seconds)),
            _ => true,
        });
        if silent {
            return Ok(());
        }
        let Sighting { at, amount: count, entry, .. } = sighting;
        let burst = Burst { first_at: *at, last_at: *at, count: *count, entries: entry.iter().copied().collect() };
        self.raise(&setting, sighting, burst)
    }

    fn raise(&mut self, setting: &RuleSetting, sighting: &Sighting, burst: Burst) -> Result<(), Error> {
        let id = AlertId::new(self.control.ids());
        let alert = Alert::raise(id, setting, &sighting.subject, sighting.sentence(setting), burst);
        store::alerts::insert(self.keep, &alert)?;
        let now = self.control.now();
        self.events.push(Event::new(now, Kind::AlertRaised).about(id).with(json!(alert)));
        self.tell(Kind::AlertRaised, &id.to_string(), Some(&json!(alert).to_string()), now)
    }

    /// Puts a message into the queue of every webhook that wants it. A queue that is full loses its oldest.
    fn tell(&mut self, kind: Kind, subject: &str, payload: Option<&str>, at: Instant) -> Result<(), Error> {
        let hooks = self.hooks.iter().filter(|kept| kept.webhook.wants(kind) && !at.is_before(kept.webhook.created_at));
        let ids: Vec<_> = hooks.map(|kept| kept.webhook.id).collect();
        let now = self.control.now();
        for webhook in ids {
            let delivery = Delivery::new(DeliveryId::new(self.control.ids()), webhook, kind.name(), subject, now);
            if !store::deliveries::insert(self.keep, &delivery, payload)? {
                continue;
            }
            let cap = u64::from(self.control.config().webhooks.queue);
            let over = store::deliveries::waiting(self.keep, webhook)?.saturating_sub(cap);
            if over > 0 {
                store::deliveries::drop_oldest(self.keep, webhook, over, now)?;
                self.count(&Sighting {
                    rule: domain::alert::Rule::WebhookFailing,
                    subject: webhook.to_string(),
                    amount: u32::try_from(over).unwrap_or(u32::MAX),
                    at: now,
                    entry: None,
                    note: Some("has more messages waiting than it takes, and the oldest are dropped".into()),
                })?;
            }
        }
        Ok(())
    }
}
