//! Looking at an emergency afterwards, as the console does.

use client::ClientError;
use contract::approvals::Ticket;
use domain::Clock as _;
use domain::after_review::{AfterFinding, AfterReview};
use domain::ambient::SystemClock;

use crate::plane::Approver;

impl Approver {
    /// What this person would sign of a ticket that was spent.
    ///
    /// # Panics
    /// If nothing came of the ticket.
    pub async fn looked(&self, ticket: &Ticket, finding: AfterFinding, found: &str) -> AfterReview {
        let who = self.api.who_am_i().await.expect("signed in");
        let now = SystemClock.now();
        AfterReview {
            ticket: ticket.id,
            binding_digest: ticket.binding.digests().binding_digest,
            task: ticket.task.as_ref().expect("it was spent").id,
            finding,
            found: found.to_owned(),
            reviewer: who.principal.user().expect("a person"),
            roster_version: 1,
            iat: now.seconds(),
            exp: now.plus(600).seconds(),
        }
    }

    /// Signs it and hands it in.
    ///
    /// # Errors
    /// What the control plane refuses.
    pub async fn hand_in(&self, review: &AfterReview) -> Result<Ticket, ClientError> {
        self.api.review_afterwards(review.ticket, review.sign(&self.key)).await
    }
}
