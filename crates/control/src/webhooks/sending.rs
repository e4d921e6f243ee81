//! What is to be sent now, signed, and what became of it.
//!
//! The rights of the owner and the secrets are those of the moment of sending. A message is claimed before it is signed
//! and its result is taken from the last claim alone, so of many processes one sends, and one that ends in between is
//! followed by another attempt under the same id.

use std::collections::BTreeMap;

use domain::alert::{Rule, Sighting};
use domain::event::{Entry, Event, Kind};
use domain::id::{DeliveryId, EntryId, WebhookId};
use domain::webhook::{Delivery, DeliveryState, Webhook, needed_scope};
use serde_json::json;
use store::Upkeep;
use store::deliveries::{Claimed, Ended};
use store::webhooks::{Fare, Kept};

use crate::alerts::{Repeat, Round};
use crate::webhooks::{find, rights};
use crate::{Control, Error};

/// How many messages are under way to one address at once, and to one that has just failed.
const AT_ONCE: u32 = 4;

/// A signed message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its id: `webhook-id`.
    pub id: DeliveryId,
    /// For whom.
    pub webhook: WebhookId,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// Where to.
    pub url: String,
    /// Seconds since 1970: `webhook-timestamp`.
    pub timestamp: i64,
    /// `webhook-signature`.
    pub signature: String,
    /// The body, JSON.
    pub body: Vec<u8>,
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It was answered with this status.
    Answered(u16),
    /// It was not answered; a word for why, for people.
    Failed(&'static str),
}

impl Control {
    /// Claims messages that are due, `most` at most and not too many for one address; `under_way` says how many of this
    /// process are. Addresses that answer come first, and those that fail never take every place.
    pub fn claim_deliveries(&self, most: u32, under_way: &BTreeMap<WebhookId, u32>) -> Result<Vec<Outgoing>, Error> {
        let now = self.now();
        let found = self.read(|q| {
            if store::deliveries::next_due(q)?.is_none_or(|due| now.is_before(due)) {
                return Ok(Vec::new());
            }
            let mut hooks = store::webhooks::list(q, true)?;
            hooks.retain(|kept| kept.fare.rests_until.is_none_or(|end| !now.is_before(end)));
            hooks.sort_by_key(|kept| kept.fare.failures);
            let mut found: Vec<Delivery> = Vec::new();
            for Kept { webhook, fare, .. } in hooks {
                let taken = u32::try_from(found.len()).unwrap_or(u32::MAX);
                let (at_once, places) = if fare.failures == 0 { (AT_ONCE, most) } else { (1, most.div_ceil(2)) };
                let free = at_once.saturating_sub(under_way.get(&webhook.id).copied().unwrap_or(0));
                let free = free.min(places.saturating_sub(taken));
                if free > 0 {
                    found.extend(store::deliveries::due(q, webhook.id, now, free)?);
                }
            }
            Ok(found)
        })?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        self.upkeep(move |control, keep, _| {
            let until = now.plus(control.config().webhooks.lease);
            let mut outgoing = Vec::new();
            for delivery in &found {
                if let Some(claimed) = store::deliveries::claim(keep, delivery, until)? {
                    outgoing.extend(control.prepare(keep, &claimed)?);
                }
            }
            Ok(outgoing)
        })
    }

    /// Signs a claimed message; ends it if its owner may not read it any more.
    fn prepare(&self, keep: &mut dyn Upkeep, claimed: &Claimed) -> Result<Option<Outgoing>, Error> {
        let Claimed { delivery, payload } = claimed;
        let Kept { webhook, secrets, .. } = find(keep, delivery.webhook)?;
        let now = self.now();
        let Delivery { id, attempts: attempt, kind, subject, .. } = delivery;
        if !rights::owner_may(keep, &webhook.owner, needed_scope(kind), now)? {
            let error = Some("owner_lost_the_right".to_owned());
            let ended = Ended { state: DeliveryState::Dropped, next_at: None, status: None, error };
            store::deliveries::end(keep, *id, *attempt, &ended, now)?;
            return Ok(None);
        }
        let data = match payload {
            Some(payload) => serde_json::from_str(payload).ok(),
            None => told(keep, subject)?,
        };
        let Some(data) = data else {
            tracing::error!(delivery = %id, subject, "what a message is about is not there");
            let error = Some("subject_not_found".to_owned());
            let ended = Ended { state: DeliveryState::Failed, next_at: None, status: None, error };
            store::deliveries::end(keep, *id, *attempt, &ended, now)?;
            return Ok(None);
        };
        let secrets = self.unseal(webhook.id, &secrets);
        if secrets.is_empty() {
            // Another key than the one that sealed it: the operator's to repair, so it is tried again.
            tracing::error!(webhook = %webhook.id, "its secret cannot be opened: is the webhook key another one?");
            let ended = self.failed(*attempt, None, "secret_cannot_be_opened");
            store::deliveries::end(keep, *id, *attempt, &ended, now)?;
            return Ok(None);
        }
        let at = data.get("at").or_else(|| data.get("first_at")).cloned().unwrap_or_else(|| json!(delivery.created_at));
        let body = json!({ "type": kind, "timestamp": at, "data": data }).to_string().into_bytes();
        let timestamp = now.seconds();
        let signatures: Vec<_> = secrets.iter().map(|secret| secret.sign(&id.to_string(), timestamp, &body)).collect();
        let signature = signatures.join(" ");
        Ok(Some(Outgoing {
            id: *id,
            webhook: webhook.id,
            attempt: *attempt,
            url: webhook.url,
            timestamp,
            signature,
            body,
        }))
    }

    /// Gives back a claim whose message was not sent to the end: it is due at once, for whoever runs next.
    pub fn release_delivery(&self, sent: &Outgoing) -> Result<(), Error> {
        let (id, number) = (sent.id, sent.attempt);
        self.upkeep(move |control, keep, _| {
            let now = control.now();
            let ended = Ended { state: DeliveryState::Waiting, next_at: Some(now), status: None, error: None };
            store::deliveries::end(keep, id, number, &ended, now)?;
            Ok(())
        })
    }

    /// Writes what became of an attempt: delivered, tried again later, or given up; and how the address fares.
    pub fn note_attempt(&self, sent: &Outgoing, attempt: Attempt) -> Result<(), Error> {
        let (id, webhook, number) = (sent.id, sent.webhook, sent.attempt);
        self.upkeep(move |control, keep, events| {
            let now = control.now();
            let ended = match attempt {
                Attempt::Answered(status @ 200..300) => {
                    Ended { state: DeliveryState::Delivered, next_at: None, status: Some(status), error: None }
                }
                Attempt::Answered(410) => Ended {
                    state: DeliveryState::Failed,
                    next_at: None,
                    status: Some(410),
                    error: Some("gone".to_owned()),
                },
                Attempt::Answered(status) => control.failed(number, Some(status), "status"),
                Attempt::Failed(error) => control.failed(number, None, error),
            };
            let success = ended.state == DeliveryState::Delivered;
            if !store::deliveries::end(keep, id, number, &ended, now)? {
                return Ok(());
            }
            let kept = find(keep, webhook)?;
            if !kept.webhook.active || (success && kept.fare == Fare::default()) {
                return Ok(());
            }
            let fare = if success { Fare::default() } else { control.worse(kept.fare) };
            store::webhooks::fare(keep, webhook, fare)?;
            let patience = &control.config().webhooks.patience;
            let tired = fare.failing_since.is_some_and(|since| patience.gives_up(since, fare.failures, now));
            if attempt == Attempt::Answered(410) {
                control.switch_off(keep, events, kept, "was switched off: its address answered 410 Gone")
            } else if tired {
                control.switch_off(keep, events, kept, "was switched off: its address has failed for too long")
            } else {
                Ok(())
            }
        })
    }

    /// An attempt that failed: the message waits for the next, or was tried often enough.
    fn failed(&self, attempt: u32, status: Option<u16>, error: &str) -> Ended {
        let spread = self.entropy().bytes::<1>()[0];
        let next_at = self.config().webhooks.patience.next(attempt, self.now(), spread);
        let state = if next_at.is_some() { DeliveryState::Waiting } else { DeliveryState::Failed };
        Ended { state, next_at, status, error: Some(error.to_owned()) }
    }

    fn worse(&self, fare: Fare) -> Fare {
        let now = self.now();
        let failures = fare.failures.saturating_add(1);
        Fare {
            failures,
            failing_since: fare.failing_since.or(Some(now)),
            rests_until: self.config().webhooks.patience.rest(failures, now),
        }
    }

    fn switch_off(&self, keep: &mut dyn Upkeep, events: &mut Vec<Event>, kept: Kept, why: &str) -> Result<(), Error> {
        let now = self.now();
        let Kept { webhook, revision, .. } = kept;
        let webhook = Webhook { active: false, disabled_reason: Some(why.to_owned()), changed_at: now, ..webhook };
        store::webhooks::switch_off(keep, &webhook, revision)?;
        store::deliveries::drop_all(keep, webhook.id, now)?;
        let data = json!({ "reason": why, "owner": webhook.owner, "active": false });
        events.push(Event::new(now, Kind::WebhookDisabled).about(webhook.id).with(data));
        let mut round = Round::begin(self, keep)?;
        let sighting = Sighting {
            rule: Rule::WebhookFailing,
            subject: webhook.id.to_string(),
            amount: 1,
            at: now,
            entry: None,
            note: Some(why.to_owned()),
        };
        round.condition(&sighting, Repeat::After(0))?;
        events.append(&mut round.events);
        Ok(())
    }
}

/// An entry as a receiver is told it, with its place in the ledger.
fn told(keep: &mut dyn Upkeep, subject: &str) -> Result<Option<serde_json::Value>, Error> {
    let Ok(id) = subject.parse::<EntryId>() else { return Ok(None) };
    let Some(recorded) = store::entries::get(keep, id)? else { return Ok(None) };
    let Entry { id, at, kind, principal, about, data } = recorded.entry;
    Ok(Some(json!({
        "id": id,
        "index": recorded.index,
        "at": at,
        "kind": kind,
        "principal": principal,
        "about": about,
        "data": data,
    })))
}
