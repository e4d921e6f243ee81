//! Counting a signed review.

use domain::event::Kind;
use domain::id::TicketId;
use domain::review::VerifiedReview;
use domain::roster::ChainError;
use serde_json::json;

use crate::authenticate::Caller;
use crate::standing::{REVIEW, Standing};
use crate::{Control, Error};

impl Control {
    /// Counts the caller's signed review. A refusal is recorded too.
    pub fn review_ticket(&self, caller: &Caller, id: TicketId, jws: &str) -> Result<(), Error> {
        let done = self.try_review(caller, id, jws);
        if let Err(refusal @ (Error::Review(_) | Error::ReviewRefused(_) | Error::NotEligible(_))) = &done {
            let (principal, why) = (caller.principal.clone(), refusal.to_string());
            self.write(move |control, tx| {
                let event = super::event(Kind::TicketReviewRefused, control, &principal, id);
                Ok(tx.commit(event.with(json!({ "reason": why })))?)
            })?;
        }
        done
    }

    fn try_review(&self, caller: &Caller, id: TicketId, jws: &str) -> Result<(), Error> {
        let person = caller.person()?;
        caller.require(REVIEW)?;
        let (caller, jws) = (caller.clone(), jws.to_owned());
        self.write(move |control, mut tx| {
            let found = super::visible(&mut tx, id, super::may_see(&caller))?;
            let ticket = found.value;
            let now = control.now();
            // Whatever the signature says, a stale login approves nothing.
            caller.stepped_up(ticket.requirement.step_up_seconds, now)?;
            ticket.check_reviewer(person)?;
            let standing = Standing::read(control, &mut tx)?;
            let user = standing.person(person).ok_or_else(|| Error::not_found("user"))?;
            standing.check(user, &ticket).map_err(Error::NotEligible)?;
            let roster = standing.roster.as_ref().ok_or(ChainError::Empty)?;
            let review = VerifiedReview::check(&jws, roster, now)?;
            if review.review().approver != person {
                return Err(Error::NotEligible("the review is signed by somebody else than who sends it".into()));
            }
            let reviewed = ticket.review(&review, &user.name, now)?;
            store::tickets::update(&mut tx, &reviewed, found.revision)?;
            let data = json!({
                "verdict": review.review().verdict,
                "reason": review.review().reason,
                "key": review.key(),
                "jws": jws,
                "state": reviewed.state,
                "progress": reviewed.progress(|_| true),
            });
            Ok(tx.commit(super::event(Kind::TicketReviewed, control, &caller.principal, id).with(data))?)
        })
    }
}
