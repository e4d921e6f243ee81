//! What is to be sent now, signed, and what became of it.
//!
//! The rights of the owner and the secrets are those of the moment of sending. A message is claimed before it is signed
//! and its result is taken from the last claim alone, so of many processes one sends, and one that ends in between is
//! followed by the same attempt again, under the same id.

use std::collections::BTreeMap;

use domain::Instant;
use domain::alert::{Rule, Sighting};
use domain::event::{Entry, Event, Kind};
use domain::id::{DeliveryId, EntryId, WebhookId};
use domain::webhook::{Delivery, DeliveryState, Webhook, needed_scope};
use serde_json::json;
use store::deliveries::{Claim, Ended, Message};
use store::webhooks::{Fare, Kept};
use store::{Reader, StoreError, Upkeep};

use crate::alerts::Round;
use crate::webhooks::turns::{Queue, room, shared};
use crate::webhooks::{find, rights};
use crate::{Control, Error};

/// A signed message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its id: `webhook-id`.
    pub id: DeliveryId,
    /// For whom.
    pub webhook: WebhookId,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// Until when nobody else sends it.
    pub until: Instant,
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

impl Outgoing {
    const fn claim(&self) -> Claim {
        Claim { id: self.id, attempt: self.attempt, until: self.until }
    }
}

impl Control {
    /// Claims messages that are due, so that `most` of this process are under way at most, and not too many to one address;
    /// `under_way` says how many are. Addresses that answer come first, and those that fail never take every place.
    pub fn claim_deliveries(&self, most: u32, under_way: &BTreeMap<WebhookId, u32>) -> Result<Vec<Outgoing>, Error> {
        let now = self.now();
        let found = self.read(|q| due(q, most, under_way, now))?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        self.upkeep(move |control, keep, _| {
            let until = now.plus(control.config().webhooks.lease);
            let mut outgoing = Vec::new();
            for delivery in &found {
                if let Some((claim, message)) = store::deliveries::claim(keep, delivery, until)? {
                    outgoing.extend(control.prepare(keep, &claim, &message)?);
                }
            }
            Ok(outgoing)
        })
    }

    /// Signs a claimed message; ends it if its owner may not read it any more.
    fn prepare(&self, keep: &mut dyn Upkeep, claim: &Claim, message: &Message) -> Result<Option<Outgoing>, Error> {
        let Message { delivery, payload } = message;
        let Kept { webhook, secrets, .. } = find(keep, delivery.webhook)?;
        let now = self.now();
        let Delivery { id, kind, subject, .. } = delivery;
        if !rights::owner_may(keep, &webhook.owner, needed_scope(kind), now)? {
            let error = Some("owner_lost_the_right".to_owned());
            let ended = Ended { state: DeliveryState::Dropped, next_at: None, status: None, error };
            store::deliveries::end(keep, claim, &ended, now)?;
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
            store::deliveries::end(keep, claim, &ended, now)?;
            return Ok(None);
        };
        let secrets = self.unseal(webhook.id, &secrets);
        if secrets.is_empty() {
            // Another key than the one that sealed it: the operator's to repair, so it is tried again.
            tracing::error!(webhook = %webhook.id, "its secret cannot be opened: is the webhook key another one?");
            let ended = self.failed(claim.attempt, None, "secret_cannot_be_opened");
            store::deliveries::end(keep, claim, &ended, now)?;
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
            attempt: claim.attempt,
            until: claim.until,
            url: webhook.url,
            timestamp,
            signature,
            body,
        }))
    }

    /// Gives back a claim whose message was not sent to the end: it is due at once, for whoever runs next, and that it was
    /// begun does not count.
    pub fn release_delivery(&self, sent: &Outgoing) -> Result<(), Error> {
        let claim = sent.claim();
        self.upkeep(move |control, keep, _| Ok(store::deliveries::release(keep, &claim, control.now()).map(drop)?))
    }

    /// Writes what became of an attempt: delivered, tried again later, or given up; and how the address fares.
    pub fn note_attempt(&self, sent: &Outgoing, attempt: Attempt) -> Result<(), Error> {
        let (claim, webhook, url) = (sent.claim(), sent.webhook, sent.url.clone());
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
                Attempt::Answered(status) => control.failed(claim.attempt, Some(status), "status"),
                Attempt::Failed(error) => control.failed(claim.attempt, None, error),
            };
            let success = ended.state == DeliveryState::Delivered;
            if !store::deliveries::end(keep, &claim, &ended, now)? {
                return Ok(());
            }
            let kept = find(keep, webhook)?;
            // What another address answered says nothing of the one that it is now.
            let other = kept.webhook.url != url;
            if other || !kept.webhook.active || (success && kept.fare == Fare::default()) {
                return Ok(());
            }
            let fare = if success { Fare::default() } else { control.worse(kept.fare) };
            store::webhooks::fare(keep, webhook, kept.fare, fare)?;
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
        round.happened(&sighting)?;
        events.append(&mut round.events);
        Ok(())
    }
}

/// The messages to be sent now, of those that are due.
fn due(
    q: &mut Reader<'_>,
    most: u32,
    under_way: &BTreeMap<WebhookId, u32>,
    now: Instant,
) -> Result<Vec<Delivery>, Error> {
    let all: u32 = under_way.values().sum();
    let places = most.saturating_sub(all);
    if places == 0 || store::deliveries::next_due(q)?.is_none_or(|due| now.is_before(due)) {
        return Ok(Vec::new());
    }
    let of = |id: WebhookId| under_way.get(&id).copied().unwrap_or(0);
    let hooks = store::webhooks::list(q, true)?;
    let healthy: u32 = hooks.iter().filter(|kept| kept.fare.failures == 0).map(|kept| of(kept.webhook.id)).sum();
    // Half of all places, less those that are taken by others than the healthy.
    let for_failing = most.div_ceil(2).saturating_sub(all.saturating_sub(healthy));
    let mut queues = Vec::new();
    for Kept { webhook, fare, .. } in hooks {
        let (failing, under_way) = (fare.failures > 0, of(webhook.id));
        let room = room(failing, under_way);
        if room == 0 || fare.rests_until.is_some_and(|end| now.is_before(end)) {
            continue;
        }
        let due = store::deliveries::due(q, webhook.id, now, room)?;
        queues.push(Queue { under_way, failing, due: due.into() });
    }
    Ok(shared(queues, places, for_failing))
}

/// An entry as a receiver is told it, with its place in the ledger. One that cannot be read is as good as gone: it must not
/// keep other messages from being sent.
fn told(keep: &mut dyn Upkeep, subject: &str) -> Result<Option<serde_json::Value>, Error> {
    let Ok(id) = subject.parse::<EntryId>() else { return Ok(None) };
    let recorded = match store::entries::get(keep, id) {
        Ok(Some(recorded)) => recorded,
        Ok(None) | Err(StoreError::Corrupt { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
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
