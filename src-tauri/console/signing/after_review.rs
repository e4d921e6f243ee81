//! Signing the after-review of an emergency.

use contract::Code;
use contract::approvals::{AfterReviewState, Ticket};
use domain::after_review::{AfterFinding, AfterReview, FOUND_MAX};
use domain::key::ReviewKey;
use domain::reveal::reveal_text;

use super::{Payload, signer};
use crate::console::Console;
use crate::console::link::Link;
use crate::ipc::Failure;
use crate::ipc::signing::{SignAfterReview, SigningOutcome, SigningSubject, Tone};
use crate::{exact, sentence};

/// How long a signed after-review can be handed in, in seconds.
const LASTS: u32 = 3600;

impl Console {
    /// Takes a person through an after-review: a fresh login if it takes one, then the signing window.
    pub(crate) async fn sign_after_review(&self, request: SignAfterReview) -> Result<SigningOutcome, Failure> {
        let _one_at_a_time = self.one_signing()?;
        let found = request.found.trim().to_owned();
        if found.is_empty() || found.chars().count() > FOUND_MAX {
            return Err(Failure::new("found", format!("say in 1 to {FOUND_MAX} characters what was found")));
        }
        let link = self.link()?;
        let ticket = link.api.ticket(request.ticket).await?;
        if !matches!(ticket.after_review, Some(AfterReviewState::Open)) {
            return Ok(SigningOutcome::DecidedMeanwhile { sentence: sentence::of_ticket(&ticket) });
        }
        let task = ticket.task.as_ref().map(|task| task.id);
        let task = task.ok_or_else(|| Failure::new("no_task", "the control plane does not say what ran"))?;
        let (roster_version, key) = self.listed_key(&link).await?;
        let who = self.step_up(&link, ticket.requirement.step_up_seconds).await?;
        let reviewer = who.principal.user().ok_or_else(|| Failure::new("not_a_person", "only people review"))?;
        let now = self.now();
        let review = AfterReview {
            ticket: ticket.id,
            binding_digest: ticket.binding.digests().binding_digest,
            task,
            finding: request.finding,
            found,
            reviewer,
            roster_version,
            iat: now.seconds(),
            exp: now.plus(LASTS).seconds(),
        };
        let subject = subject(&ticket, &review, &who.name, &key);
        if !subject.exact.digests_agree {
            let problem = "the control plane's digests are not those of what it sent; nothing can be signed";
            return Err(Failure::new("digests_differ", problem));
        }
        self.ask(link, subject, Payload::AfterReview(Box::new(review))).await
    }

    pub(super) async fn send_after_review(
        &self,
        link: &Link,
        key: &ReviewKey,
        review: &AfterReview,
    ) -> Result<SigningOutcome, Failure> {
        match link.api.review_afterwards(review.ticket, review.sign(key)).await {
            Ok(_) => Ok(SigningOutcome::Signed),
            Err(error) if error.code() == Some(Code::Settled) => {
                Ok(SigningOutcome::DecidedMeanwhile { sentence: error.to_string() })
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn subject(ticket: &Ticket, review: &AfterReview, name: &str, key: &ReviewKey) -> SigningSubject {
    let action = &ticket.binding.action;
    let ran = reveal_text(&format!("{} ran {} in {}", ticket.requester_name, action.action, action.env));
    let (word, tone) = match review.finding {
        AfterFinding::Justified => ("right", Tone::Approve),
        AfterFinding::Unjustified => ("not right", Tone::Deny),
    };
    let (signer, key_id) = signer(name, key);
    let mut exact = exact::of_ticket(ticket, Some(review), None);
    exact.readable.push(exact::row("Task", [review.task.to_string()]));
    exact.readable.push(exact::row("Finding", [review.finding.name()]));
    exact.readable.push(exact::row("What you found", review.found.lines()));
    SigningSubject {
        verb: "Close the after-review".to_owned(),
        tone,
        sentence: format!("{ran} as an emergency, and you say that this was {word}. It changes nothing that ran."),
        exact,
        says: Some(exact::says(ticket)),
        found: ticket.found.clone(),
        signer,
        key_id,
    }
}
