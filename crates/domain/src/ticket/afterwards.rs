//! Looking at an emergency once it is over.

use super::{ReviewError, State, Ticket};
use crate::after_review::{AfterReviewError, FOUND_MAX, SignedAfterReview, VerifiedAfterReview};
use crate::id::{TaskId, UserId};
use crate::time::Instant;

impl Ticket {
    /// Whether it ran as an emergency that nobody has looked at since.
    #[must_use]
    pub fn awaits_after_review(&self) -> bool {
        self.check_after_review().is_ok()
    }

    fn check_after_review(&self) -> Result<TaskId, AfterReviewError> {
        if self.binding.action.emergency().is_none() {
            return Err(AfterReviewError::NoEmergency);
        }
        let State::Consumed { task, .. } = self.state else {
            return Err(AfterReviewError::NotSpent { state: self.state.name() });
        };
        match &self.after_review {
            Some(signed) => Err(AfterReviewError::Done { by: signed.name.clone() }),
            None => Ok(task),
        }
    }

    /// Whether a person may look at it afterwards, with the reason if not: whoever had no part in it.
    pub fn check_after_reviewer(&self, user: UserId) -> Result<(), AfterReviewError> {
        self.check_after_review()?;
        self.check_reviewer(user).map_err(|refusal| match refusal {
            ReviewError::Again => AfterReviewError::Approver,
            _ => AfterReviewError::OwnTicket,
        })
    }

    /// Takes an after-review. `name` is how the reviewer is called now.
    ///
    /// Whether policy lets this person review is asked by the use case before.
    pub fn review_afterwards(
        self,
        review: &VerifiedAfterReview,
        name: &str,
        now: Instant,
    ) -> Result<Self, AfterReviewError> {
        let task = self.check_after_review()?;
        let signed = review.content();
        self.check_after_reviewer(signed.reviewer)?;
        let bound = [
            ("ticket", signed.ticket == self.id),
            ("binding_digest", signed.binding_digest == self.binding.digests().binding_digest),
            ("task", signed.task == task),
        ];
        if let Some((field, _)) = bound.into_iter().find(|(_, same)| !same) {
            return Err(AfterReviewError::OtherTicket { field });
        }
        if signed.found.trim().is_empty() || signed.found.chars().count() > FOUND_MAX {
            return Err(AfterReviewError::Words);
        }
        let after_review = Some(SignedAfterReview {
            reviewer: signed.reviewer,
            name: name.to_owned(),
            finding: signed.finding,
            found: signed.found.clone(),
            at: now,
            jws: review.jws().to_owned(),
        });
        Ok(Self { after_review, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Digest;
    use crate::after_review::{AfterFinding, AfterReview};
    use crate::binding::BREAK_GLASS;
    use crate::review::{ReviewRefusal, Verdict, VerifiedReview};
    use crate::testing::{NOW, key, review, roster, subject, ticket, user};

    /// Asked for by 9, approved by 1, spent.
    fn spent(as_emergency: bool) -> Ticket {
        let mut ticket = ticket(1, &[]);
        if as_emergency {
            ticket.binding.action.context.insert(BREAK_GLASS.into(), "the database burns".into());
        }
        let signed = review(&ticket, 1, Verdict::Approve).sign(&key(1));
        let approval = VerifiedReview::check(&signed, &roster(&[1, 2, 9], 1), NOW).unwrap();
        let approved = ticket.review(&approval, "Person 1", NOW).unwrap();
        let action = approved.binding.action.clone();
        approved.consume(&subject(), &action, task(), NOW, |_| true).unwrap()
    }

    fn task() -> TaskId {
        "tsk_01HZY3V5W2M4Q6S8T0XABCDEFG".parse().unwrap()
    }

    fn looked(ticket: &Ticket, n: u8) -> AfterReview {
        AfterReview {
            ticket: ticket.id,
            binding_digest: ticket.binding.digests().binding_digest,
            task: task(),
            finding: AfterFinding::Justified,
            found: "The disk was full; it was grown.".into(),
            reviewer: user(n),
            roster_version: 1,
            iat: NOW.seconds(),
            exp: NOW.plus(600).seconds(),
        }
    }

    fn take(ticket: Ticket, n: u8, content: &AfterReview) -> Result<Ticket, AfterReviewError> {
        let signed = VerifiedAfterReview::check(&content.sign(&key(n)), &roster(&[1, 2, 9], 1), NOW).unwrap();
        ticket.review_afterwards(&signed, "Person 2", NOW)
    }

    #[test]
    fn an_emergency_waits_from_its_consumption_until_somebody_signs() {
        let ticket = spent(true);
        assert!(ticket.awaits_after_review());
        let done = take(ticket.clone(), 2, &looked(&ticket, 2)).unwrap();
        assert!(!done.awaits_after_review());
        let kept = done.after_review.as_ref().unwrap();
        assert_eq!((kept.name.as_str(), kept.finding), ("Person 2", AfterFinding::Justified));
        let again = take(done.clone(), 2, &looked(&done, 2)).unwrap_err();
        assert_eq!(again, AfterReviewError::Done { by: "Person 2".into() });
    }

    #[test]
    fn what_was_ordinary_or_never_ran_has_none() {
        let ordinary = spent(false);
        assert!(!ordinary.awaits_after_review());
        assert_eq!(take(ordinary.clone(), 2, &looked(&ordinary, 2)).unwrap_err(), AfterReviewError::NoEmergency);
        let mut waiting = ticket(1, &[]);
        waiting.binding.action.context.insert(BREAK_GLASS.into(), "fire".into());
        let early = take(waiting.clone(), 2, &looked(&waiting, 2)).unwrap_err();
        assert_eq!(early, AfterReviewError::NotSpent { state: "pending" });
    }

    #[test]
    fn neither_who_asked_nor_who_approved_looks_at_it_afterwards() {
        let ticket = spent(true);
        assert_eq!(take(ticket.clone(), 9, &looked(&ticket, 9)).unwrap_err(), AfterReviewError::OwnTicket);
        assert_eq!(take(ticket.clone(), 1, &looked(&ticket, 1)).unwrap_err(), AfterReviewError::Approver);
    }

    #[test]
    fn it_is_about_this_ticket_its_action_and_its_task_and_says_something() {
        let ticket = spent(true);
        let good = looked(&ticket, 2);
        for (field, other) in [
            ("ticket", AfterReview { ticket: "tkt_01HZY3V5W2M4Q6S8T0XABCDEFG".parse().unwrap(), ..good.clone() }),
            ("binding_digest", AfterReview { binding_digest: Digest::of_content(b"other"), ..good.clone() }),
            ("task", AfterReview { task: "tsk_01HZY3V5W2M4Q6S8T0XABCDEFH".parse().unwrap(), ..good.clone() }),
        ] {
            assert_eq!(take(ticket.clone(), 2, &other).unwrap_err(), AfterReviewError::OtherTicket { field });
        }
        for found in [" \n".to_owned(), "ü".repeat(FOUND_MAX + 1)] {
            let silent = AfterReview { found, ..good.clone() };
            assert_eq!(take(ticket.clone(), 2, &silent).unwrap_err(), AfterReviewError::Words);
        }
        let long = AfterReview { found: "ü".repeat(FOUND_MAX), ..good };
        assert!(take(ticket, 2, &long).is_ok());
    }

    #[test]
    fn a_forged_borrowed_stale_or_otherwise_typed_signature_is_refused() {
        let ticket = spent(true);
        let good = looked(&ticket, 2);
        let roster = roster(&[1, 2], 1);
        let check = |jws: &str, now| VerifiedAfterReview::check(jws, &roster, now);
        assert!(matches!(check(&good.sign(&key(5)), NOW), Err(ReviewRefusal::Signature(_))));
        assert!(matches!(check(&good.sign(&key(1)), NOW), Err(ReviewRefusal::ForeignKey { .. })));
        assert!(matches!(check(&good.sign(&key(2)), NOW.plus(600)), Err(ReviewRefusal::OutOfTime { .. })));
        let verdict = review(&ticket, 2, Verdict::Approve).sign(&key(2));
        assert!(check(&verdict, NOW).is_err(), "a review is no after-review");
        assert!(VerifiedReview::check(&good.sign(&key(2)), &roster, NOW).is_err(), "nor the other way round");
    }
}
