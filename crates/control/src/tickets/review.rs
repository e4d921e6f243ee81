//! Counting a signed review.

use domain::event::Kind;
use domain::id::TicketId;
use domain::review::VerifiedReview;
use domain::ticket::Ticket;
use serde_json::json;

use crate::authenticate::Caller;
use crate::tickets::signing::Signing;
use crate::{Control, Error};

impl Control {
    /// Counts the caller's signed review. A refusal is recorded too.
    pub fn review_ticket(&self, caller: &Caller, id: TicketId, jws: &str) -> Result<(), Error> {
        let done = self.try_review(caller, id, jws);
        if let Err(refusal @ (Error::Review(_) | Error::ReviewRefused(_) | Error::NotEligible(_))) = &done {
            self.record_refused(caller, id, json!({ "reason": refusal.to_string() }))?;
        }
        done
    }

    fn try_review(&self, caller: &Caller, id: TicketId, jws: &str) -> Result<(), Error> {
        let (caller, jws) = (caller.clone(), jws.to_owned());
        self.write(move |control, mut tx| {
            let signing = Signing::read(control, &mut tx, &caller, id, Ticket::check_reviewer)?;
            let Signing { ticket: found, person, name, roster, now } = signing;
            let review = VerifiedReview::check(&jws, &roster, now)?;
            if review.review().approver != person {
                return Err(Error::NotEligible("the review is signed by somebody else than who sends it".into()));
            }
            let reviewed = found.value.review(&review, &name, now)?;
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
