//! Messages of a webhook, as people see them, ask for one again, or try the address out.

use domain::event::{Event, Kind};
use domain::id::{DeliveryId, WebhookId};
use domain::webhook::{Delivery, DeliveryState, TEST};
use serde_json::json;
use store::Transaction;

use crate::authenticate::Caller;
use crate::webhooks::{READ, WRITE, find};
use crate::{Control, Error};

/// A page of messages.
#[derive(Clone, Debug)]
pub struct DeliveryPage {
    /// Newest first.
    pub deliveries: Vec<Delivery>,
    /// Where the next page begins.
    pub next: Option<DeliveryId>,
}

impl Control {
    /// The messages of a webhook, newest first.
    pub fn deliveries(
        &self,
        caller: &Caller,
        webhook: WebhookId,
        state: Option<DeliveryState>,
        before: Option<DeliveryId>,
        limit: u32,
    ) -> Result<DeliveryPage, Error> {
        caller.require(READ)?;
        self.read(|q| {
            find(q, webhook)?;
            let deliveries = store::deliveries::list(q, webhook, state, before, limit)?;
            let full = deliveries.len() == usize::try_from(limit).unwrap_or(usize::MAX);
            let next = deliveries.last().filter(|_| full).map(|delivery| delivery.id);
            Ok(DeliveryPage { deliveries, next })
        })
    }

    /// Puts a message back into the queue that was delivered or given up. It keeps its id, by which a receiver knows it.
    pub fn resend_delivery(&self, caller: &Caller, webhook: WebhookId, id: DeliveryId) -> Result<Delivery, Error> {
        caller.require(WRITE)?;
        let caller = caller.clone();
        self.write(move |control, mut tx| {
            let nothing = || Error::not_found(format_args!("message {id} of {webhook}"));
            let found = store::deliveries::get(&mut tx, id)?.ok_or_else(nothing)?.delivery;
            if found.webhook != webhook {
                return Err(nothing());
            }
            hold(&mut tx, webhook)?;
            if !store::deliveries::again(&mut tx, id, control.now())? {
                return Err(Error::Conflict("the message waits to be sent already".into()));
            }
            let known = store::deliveries::get(&mut tx, id)?.ok_or_else(nothing)?.delivery;
            let event = Event::new(control.now(), Kind::WebhookResent).by(&caller.principal).about(webhook);
            tx.commit(event.with(json!({ "delivery": id, "kind": found.kind, "subject": found.subject })))?;
            Ok(known)
        })
    }

    /// Puts a test message into the queue.
    pub fn test_webhook(&self, caller: &Caller, webhook: WebhookId) -> Result<Delivery, Error> {
        caller.require(WRITE)?;
        let caller = caller.clone();
        self.write(move |control, mut tx| {
            hold(&mut tx, webhook)?;
            let (id, now) = (DeliveryId::new(control.ids()), control.now());
            let delivery = Delivery::new(id, webhook, TEST, id.to_string(), now);
            let payload = json!({ "webhook": webhook, "message": "This is a test. Nothing has happened." });
            store::deliveries::insert(&mut tx, &delivery, Some(&payload.to_string()))?;
            let event = Event::new(now, Kind::WebhookTested).by(&caller.principal).about(webhook);
            tx.commit(event.with(json!({ "delivery": id })))?;
            Ok(delivery)
        })
    }
}

/// Makes sure that a webhook is told something, also until this transaction ends.
fn hold(tx: &mut Transaction<'_>, webhook: WebhookId) -> Result<(), Error> {
    find(tx, webhook)?;
    if store::webhooks::hold(tx, webhook)? {
        Ok(())
    } else {
        Err(Error::Conflict("the webhook is switched off; switch it on first".into()))
    }
}
