//! What it takes to sign anything about a ticket, whatever is said: a person with a fresh login, who may review it now.

use domain::Instant;
use domain::event::Kind;
use domain::id::{TicketId, UserId};
use domain::roster::{ChainError, Roster};
use domain::ticket::Ticket;
use serde_json::Value;
use store::{Revised, Transaction};

use crate::authenticate::Caller;
use crate::standing::{REVIEW, Standing};
use crate::{Control, Error};

/// Somebody who may sign, with the ticket as this transaction has it.
pub(super) struct Signing {
    pub(super) ticket: Revised<Ticket>,
    pub(super) person: UserId,
    /// How the person is called.
    pub(super) name: String,
    /// The roster that the signature is checked by.
    pub(super) roster: Roster,
    pub(super) now: Instant,
}

impl Signing {
    /// Refuses whoever may not. `check` says what else keeps this person from this ticket.
    pub(super) fn read<E: Into<Error>>(
        control: &Control,
        tx: &mut Transaction<'_>,
        caller: &Caller,
        id: TicketId,
        check: impl FnOnce(&Ticket, UserId) -> Result<(), E>,
    ) -> Result<Self, Error> {
        let person = caller.person()?;
        caller.require(REVIEW)?;
        let ticket = super::visible(tx, id, super::may_see(caller))?;
        let now = control.now();
        // Whatever the signature says, a stale login signs nothing.
        caller.stepped_up(ticket.value.requirement.step_up_seconds, now)?;
        check(&ticket.value, person).map_err(Into::into)?;
        let standing = Standing::read(control, tx)?;
        let user = standing.person(person).ok_or_else(|| Error::not_found("user"))?;
        standing.check(user, &ticket.value).map_err(Error::NotEligible)?;
        let name = user.name.clone();
        let roster = standing.roster.ok_or(ChainError::Empty)?;
        Ok(Self { ticket, person, name, roster, now })
    }
}

impl Control {
    /// Records that a signature was refused, with `why`.
    pub(super) fn record_refused(&self, caller: &Caller, id: TicketId, why: Value) -> Result<(), Error> {
        let principal = caller.principal.clone();
        self.write(move |control, tx| {
            let event = super::event(Kind::TicketReviewRefused, control, &principal, id);
            Ok(tx.commit(event.with(why.clone()))?)
        })
    }
}
