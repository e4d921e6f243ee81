//! Withdrawing an approval: whoever may review can end what others approved, until it is spent.
//!
//! It takes no signature and no fresh login, for it only makes less happen.

use domain::event::Kind;
use domain::id::TicketId;
use serde_json::json;

use crate::authenticate::Caller;
use crate::standing::REVIEW;
use crate::{Control, Error};

impl Control {
    /// Withdraws the approval of a ticket; what is not spent of it never will be.
    pub fn revoke_ticket(&self, caller: &Caller, id: TicketId, reason: &str) -> Result<(), Error> {
        let person = caller.person()?;
        caller.require(REVIEW)?;
        let (caller, reason) = (caller.clone(), reason.to_owned());
        self.write(move |control, mut tx| {
            let found = super::visible(&mut tx, id, super::may_see(&caller))?;
            let revoked = found.value.revoke(person, &reason, control.now())?;
            store::tickets::update(&mut tx, &revoked, found.revision)?;
            let event = super::event(Kind::TicketRevoked, control, &caller.principal, id);
            Ok(tx.commit(event.with(super::with_uses(json!({ "reason": reason }), &revoked)))?)
        })
    }
}
