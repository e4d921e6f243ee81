//! Taking the signed after-review of an emergency: by whoever may review and had no part in it.

use domain::after_review::VerifiedAfterReview;
use domain::event::Kind;
use domain::id::TicketId;
use domain::roster::ChainError;
use serde_json::json;

use crate::authenticate::Caller;
use crate::standing::{REVIEW, Standing};
use crate::{Control, Error};

impl Control {
    /// Takes the caller's signed after-review. A refusal is recorded too.
    pub fn review_ticket_afterwards(&self, caller: &Caller, id: TicketId, jws: &str) -> Result<(), Error> {
        let done = self.try_after_review(caller, id, jws);
        if let Err(refusal @ (Error::AfterReview(_) | Error::ReviewRefused(_) | Error::NotEligible(_))) = &done {
            let (principal, why) = (caller.principal.clone(), refusal.to_string());
            self.write(move |control, tx| {
                let event = super::event(Kind::TicketReviewRefused, control, &principal, id);
                Ok(tx.commit(event.with(json!({ "reason": why, "after": true })))?)
            })?;
        }
        done
    }

    fn try_after_review(&self, caller: &Caller, id: TicketId, jws: &str) -> Result<(), Error> {
        let person = caller.person()?;
        caller.require(REVIEW)?;
        let (caller, jws) = (caller.clone(), jws.to_owned());
        self.write(move |control, mut tx| {
            let found = super::visible(&mut tx, id, super::may_see(&caller))?;
            let ticket = found.value;
            let now = control.now();
            caller.stepped_up(ticket.requirement.step_up_seconds, now)?;
            ticket.check_after_reviewer(person)?;
            let standing = Standing::read(control, &mut tx)?;
            let user = standing.person(person).ok_or_else(|| Error::not_found("user"))?;
            standing.check(user, &ticket).map_err(Error::NotEligible)?;
            let roster = standing.roster.as_ref().ok_or(ChainError::Empty)?;
            let review = VerifiedAfterReview::check(&jws, roster, now)?;
            if review.content().reviewer != person {
                return Err(Error::NotEligible("the after-review is signed by somebody else than who sends it".into()));
            }
            let reviewed = ticket.review_afterwards(&review, &user.name, now)?;
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
