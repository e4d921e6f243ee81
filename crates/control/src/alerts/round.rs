//! One round of looking: what is seen is counted, raised, and put into the queues of webhooks, in one transaction.

use std::collections::BTreeMap;

use domain::Instant;
use domain::alert::sighting::QUEUE;
use domain::alert::{Alert, Burst, Handled, Rule, RuleSetting, Sighting, grouping, sightings};
use domain::event::{Entry, Event, Kind};
use domain::id::{AlertId, DeliveryId, WebhookId};
use domain::webhook::Delivery;
use serde_json::json;
use store::webhooks::Kept;
use store::{Revised, StoreError, Upkeep};

use crate::{Control, Error, WebhookConfig};

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
    /// Whether a webhook takes messages until the round is over, once that was asked.
    open: BTreeMap<WebhookId, bool>,
    /// What is to be recorded with it.
    pub(crate) events: Vec<Event>,
}

impl<'a> Round<'a> {
    pub(crate) fn begin(control: &'a Control, keep: &'a mut dyn Upkeep) -> Result<Self, Error> {
        let (rules, hooks) = (store::alerts::rules(keep)?, store::webhooks::list(keep, true)?);
        Ok(Self { control, keep, rules, hooks, open: BTreeMap::new(), events: Vec::new() })
    }

    pub(crate) fn keep(&mut self) -> &mut dyn Upkeep {
        self.keep
    }

    /// How a rule is set, if it is on.
    pub(crate) fn setting(&self, rule: Rule) -> Option<RuleSetting> {
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
        if self.again(sighting)? {
            return Ok(());
        }
        let key = grouping(sighting.rule, &sighting.subject);
        let (watch, burst) = store::alerts::watch(self.keep, &key)?.see(sighting, &setting);
        store::alerts::put_watch(self.keep, &key, &watch, sighting.at)?;
        burst.map_or(Ok(()), |burst| self.raise(&setting, sighting, burst))
    }

    /// Something that is an alert at once, whatever the threshold is.
    pub(crate) fn happened(&mut self, sighting: &Sighting) -> Result<(), Error> {
        let Some(setting) = self.setting(sighting.rule) else { return Ok(()) };
        if self.again(sighting)? { Ok(()) } else { self.raise(&setting, sighting, once(sighting)) }
    }

    /// A condition that lasts: it is an alert at once, and not again while that stands.
    pub(crate) fn condition(&mut self, sighting: &Sighting, repeat: Repeat) -> Result<(), Error> {
        let Some(setting) = self.setting(sighting.rule) else { return Ok(()) };
        let known = store::alerts::newest(self.keep, &grouping(sighting.rule, &sighting.subject))?;
        let now = self.control.now();
        let silent = known.is_some_and(|alert| {
            let Some(resolved) = alert.resolved else { return true };
            // If it was over by itself, nobody has said that they know of it.
            !resolved.is_by_itself()
                && match repeat {
                    Repeat::After(seconds) => now.is_before(resolved.at.plus(seconds)),
                    Repeat::Never => true,
                }
        });
        if silent { Ok(()) } else { self.raise(&setting, sighting, once(sighting)) }
    }

    /// A condition that is seen as long as it lasts: meanwhile its alert says when it was last seen.
    pub(crate) fn lasting(&mut self, sighting: &Sighting, repeat: Repeat) -> Result<(), Error> {
        let still = Sighting { amount: 0, entry: None, ..sighting.clone() };
        if self.again(&still)? { Ok(()) } else { self.condition(sighting, repeat) }
    }

    /// Settles those alerts of a rule that are over.
    pub(crate) fn settle(
        &mut self,
        rule: Rule,
        is_over: impl Fn(&mut dyn Upkeep, &Alert) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let now = self.control.now();
        for Revised { value: alert, revision } in store::alerts::unresolved_of(self.keep, rule)? {
            if !is_over(self.keep(), &alert)? {
                continue;
            }
            let over = alert.resolve(Handled::by_itself(now))?;
            store::alerts::settle(self.keep, &over, revision)?;
            let note = over.resolved.as_ref().map(|handled| handled.note.clone());
            let data = json!({ "rule": rule, "subject": over.subject, "note": note, "count": over.count });
            self.events.push(Event::new(now, Kind::AlertResolved).about(over.id).with(data));
        }
        Ok(())
    }

    /// Counts it for the alert that stands for it. False if there is none.
    fn again(&mut self, sighting: &Sighting) -> Result<bool, Error> {
        let found = store::alerts::unresolved(self.keep, &grouping(sighting.rule, &sighting.subject))?;
        let Some(alert) = found else { return Ok(false) };
        store::alerts::count(self.keep, &alert, &alert.clone().again(sighting))?;
        Ok(true)
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
            if !self.is_open(webhook)? || !store::deliveries::insert(self.keep, &delivery, payload)? {
                continue;
            }
            let dropped = self.make_room(webhook, now)?;
            if dropped > 0 {
                self.count(&Sighting {
                    rule: Rule::WebhookFailing,
                    subject: format!("{QUEUE}{webhook}"),
                    amount: u32::try_from(dropped).unwrap_or(u32::MAX),
                    at: now,
                    entry: None,
                    note: Some("has more messages waiting than it takes, and the oldest are dropped".into()),
                })?;
            }
        }
        Ok(())
    }

    /// Whether a webhook takes messages, also until the round is over.
    fn is_open(&mut self, webhook: WebhookId) -> Result<bool, Error> {
        if let Some(known) = self.open.get(&webhook) {
            return Ok(*known);
        }
        let open = store::webhooks::hold(self.keep, webhook)?;
        self.open.insert(webhook, open);
        Ok(open)
    }

    /// Drops what a queue holds beyond what it takes. Gives how many messages.
    fn make_room(&mut self, webhook: WebhookId, now: Instant) -> Result<u64, Error> {
        let WebhookConfig { queue, lease, .. } = self.control.config().webhooks;
        let over = store::deliveries::waiting(self.keep, webhook)?.saturating_sub(u64::from(queue));
        if over == 0 {
            return Ok(0);
        }
        Ok(store::deliveries::drop_oldest(self.keep, webhook, over, now, now.plus(lease))?)
    }
}

/// What was seen, as the whole of an alert.
fn once(sighting: &Sighting) -> Burst {
    let Sighting { at, amount: count, entry, .. } = sighting;
    Burst { first_at: *at, last_at: *at, count: *count, entries: entry.iter().copied().collect() }
}

/// What cannot be read is told to the operator, and keeps nothing else from being looked at.
pub(crate) fn readable(done: Result<(), Error>) -> Result<(), Error> {
    match done {
        Err(Error::Store(StoreError::Corrupt { detail })) => {
            tracing::error!(detail, "something that the rules look at cannot be read, and is passed over");
            Ok(())
        }
        done => done,
    }
}
