//! Tickets: open, see, review, cancel, revoke, spend, let their clocks run out, and look at emergencies afterwards.

mod after_review;
mod consume;
mod open;
mod review;
mod revoke;
mod signing;
mod standing;
mod view;

use domain::event::{Event, Kind};
use domain::grant::Grant;
use domain::id::TicketId;
use domain::principal::Principal;
use domain::ticket::{State, Ticket};
use serde_json::{Value, json};
use store::{Query, Revised, StoreError, Transaction};

use crate::authenticate::Caller;
use crate::{Control, Error};

pub use consume::Consumed;
pub(crate) use consume::{Spent, Unspent};
pub use open::Opening;
pub(crate) use open::Wish;
pub use view::{InboxPage, InboxQuery, Offer, Summary, TicketView, View};

impl Control {
    /// Takes a ticket back.
    pub fn cancel_ticket(&self, caller: &Caller, id: TicketId, reason: &str) -> Result<(), Error> {
        let (principal, reason) = (caller.principal.clone(), reason.to_owned());
        self.write(move |control, mut tx| {
            let found = visible(&mut tx, id, |ticket| ticket.binding.subject_id == principal)?;
            let now = control.now();
            let cancelled = found.value.cancel(&principal, &reason, now)?;
            store::tickets::update(&mut tx, &cancelled, found.revision)?;
            Ok(tx.commit(self::cancelled(control, &cancelled, &principal, &reason))?)
        })
    }

    /// Ends a ticket because what it was for is no more; none if it has ended already. `by` made it so.
    pub(crate) fn call_off(
        &self,
        tx: &mut Transaction<'_>,
        id: TicketId,
        by: &Principal,
        reason: &str,
    ) -> Result<Option<Event>, Error> {
        let Some(found) = store::tickets::get(tx, id)? else { return Ok(None) };
        let Ok(ended) = found.value.call_off(reason, self.now()) else { return Ok(None) };
        store::tickets::update(tx, &ended, found.revision)?;
        Ok(Some(cancelled(self, &ended, by, reason)))
    }

    /// What an approved ticket gives its requester.
    pub fn grant(&self, caller: &Caller, id: TicketId) -> Result<Grant, Error> {
        let now = self.now();
        self.read(|q| {
            let ticket = visible(q, id, |ticket| ticket.binding.subject_id == caller.principal)?.value.at(now);
            let State::Approved { execution_expires_at, .. } = ticket.state else {
                return Err(domain::ticket::ConsumeError::NotApproved { state: ticket.state.name() }.into());
            };
            Ok(Grant {
                ticket: ticket.id,
                nonce: ticket.binding.nonce,
                budget: ticket.binding.budget,
                requirement: ticket.requirement,
                policy_set: ticket.policy_set,
                execution_expires_at,
                reviews: ticket.reviews.into_iter().map(|cast| cast.jws).collect(),
                roster: store::rosters::chain(q)?,
            })
        })
    }

    /// Writes down every clock that has run out.
    pub(crate) fn expire_tickets(&self) -> Result<(), Error> {
        let now = self.now();
        let overdue = self.read(|q| Ok(store::tickets::overdue(q, now, 100)?))?;
        let mut wrong = None;
        for id in overdue {
            let expired = self.write(move |control, mut tx| {
                let Some(found) = store::tickets::get(&mut tx, id)? else { return Ok(()) };
                let was_open = found.value.state.is_open();
                let ticket = found.value.at(control.now());
                let State::Expired { at } = ticket.state else { return Ok(()) };
                if !was_open {
                    return Ok(());
                }
                store::tickets::update(&mut tx, &ticket, found.revision)?;
                let event = Event::new(control.now(), Kind::TicketExpired).about(id);
                Ok(tx.commit(event.with(with_uses(json!({ "deadline": at }), &ticket)))?)
            });
            match expired {
                // One that does not read back keeps no other from its end.
                Err(Error::Store(error @ StoreError::Corrupt { .. })) => {
                    tracing::error!(ticket = %id, %error, "a ticket cannot be ended, as it cannot be read");
                }
                Err(error) => wrong = wrong.or(Some(error)),
                Ok(()) => {}
            }
        }
        wrong.map_or(Ok(()), Err)
    }
}

/// A ticket that the caller may see; what it may not see is not there.
pub(crate) fn visible(
    q: &mut dyn Query,
    id: TicketId,
    may_see: impl Fn(&Ticket) -> bool,
) -> Result<Revised<Ticket>, Error> {
    store::tickets::get(q, id)?
        .filter(|found| may_see(&found.value))
        .ok_or_else(|| Error::not_found(format_args!("ticket {id}")))
}

/// Whether the caller may see a ticket: its requester, or a reader of approvals.
pub(crate) fn may_see(caller: &Caller) -> impl Fn(&Ticket) -> bool + '_ {
    |ticket| ticket.binding.subject_id == caller.principal || caller.scopes.contains("approvals:read")
}

fn cancelled(control: &Control, ticket: &Ticket, by: &Principal, reason: &str) -> Event {
    event(Kind::TicketCancelled, control, by, ticket.id).with(with_uses(json!({ "reason": reason }), ticket))
}

/// The particulars of an end, with how many of its uses were spent, if it was a standing approval.
pub(crate) fn with_uses(mut data: Value, ticket: &Ticket) -> Value {
    if let Some(used) = ticket.used() {
        data["used"] = json!(used);
    }
    data
}

/// Who a ticket's entries are by, when a program acts.
pub(crate) fn event(kind: Kind, control: &Control, by: &Principal, id: TicketId) -> Event {
    Event::new(control.now(), kind).by(by).about(id)
}
