//! Taking the signed after-review of an emergency: by whoever may review and had no part in it.

use domain::after_review::VerifiedAfterReview;
use domain::event::Kind;
use domain::id::TicketId;
use domain::ticket::Ticket;
use serde_json::json;

use crate::authenticate::Caller;
use crate::tickets::signing::Signing;
use crate::{Control, Error};

impl Control {
    /// Takes the caller's signed after-review. A refusal is recorded too.
    pub fn review_ticket_afterwards(&self, caller: &Caller, id: TicketId, jws: &str) -> Result<(), Error> {
        let done = self.try_after_review(caller, id, jws);
        if let Err(refusal @ (Error::AfterReview(_) | Error::ReviewRefused(_) | Error::NotEligible(_))) = &done {
            self.record_refused(caller, id, json!({ "reason": refusal.to_string(), "after": true }))?;
        }
        done
    }

    fn try_after_review(&self, caller: &Caller, id: TicketId, jws: &str) -> Result<(), Error> {
        let (caller, jws) = (caller.clone(), jws.to_owned());
        self.write(move |control, mut tx| {
            let signing = Signing::read(control, &mut tx, &caller, id, Ticket::check_after_reviewer)?;
            let Signing { ticket: found, person, name, roster, now } = signing;
            let review = VerifiedAfterReview::check(&jws, &roster, now)?;
            if review.content().reviewer != person {
                return Err(Error::NotEligible("the after-review is signed by somebody else than who sends it".into()));
            }
            let reviewed = found.value.review_afterwards(&review, &name, now)?;
            store::tickets::update(&mut tx, &reviewed, found.revision)?;
            let data = json!({
                "finding": review.content().finding,
                "found": review.content().found,
                "task": review.content().task,
                "key": review.key(),
                "jws": jws,
            });
            Ok(tx.commit(super::event(Kind::TicketAfterReviewed, control, &caller.principal, id).with(data))?)
        })
    }
}
