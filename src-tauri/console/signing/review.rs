//! Signing a review of a ticket.

use contract::Code;
use contract::approvals::Ticket;
use domain::binding::Binding;
use domain::key::ReviewKey;
use domain::reveal::reveal_text;
use domain::review::{Review, Verdict};
use domain::ticket::State;

use super::{Payload, signer};
use crate::console::Console;
use crate::console::link::Link;
use crate::ipc::Failure;
use crate::ipc::signing::{SignReview, SigningOutcome, SigningSubject, Tone};
use crate::{exact, sentence};

impl Console {
    /// Takes a person through an answer to a ticket: a fresh login if it takes one, then the signing window.
    pub(crate) async fn sign_review(&self, request: SignReview) -> Result<SigningOutcome, Failure> {
        let _one_at_a_time = self.one_signing()?;
        let link = self.link()?;
        let ticket = link.api.ticket(request.ticket).await?;
        if ticket.state != State::Pending {
            return Ok(SigningOutcome::DecidedMeanwhile { sentence: sentence::of_ticket(&ticket) });
        }
        let (roster_version, key) = self.listed_key(&link).await?;
        let who = self.step_up(&link, ticket.requirement.step_up_seconds).await?;
        let approver = who.principal.user().ok_or_else(|| Failure::new("not_a_person", "only people review"))?;

        let reason = request.reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        if request.verdict == Verdict::Deny && reason.is_none() {
            return Err(Failure::new("reason", "a denial needs a reason; the requester gets it word for word"));
        }
        let once = ticket.requirement.execution_ttl_seconds;
        let lifetime = ticket.binding.budget.map_or(once, |budget| budget.window_seconds);
        let review = Review {
            ticket: ticket.id,
            binding_digest: ticket.binding.digests().binding_digest,
            verdict: request.verdict,
            approver,
            roster_version,
            policy_set: ticket.policy_set,
            quorum: ticket.requirement.quorum,
            groups: ticket.requirement.groups.clone(),
            reason,
            nonce: ticket.binding.nonce.clone(),
            iat: self.now().seconds(),
            exp: ticket.approval_expires_at.plus(lifetime).plus(1).seconds(),
        };
        let last = self.last_like(&link, &ticket).await;
        let subject = subject(&ticket, &review, last.as_ref(), &who.name, &key);
        if !subject.exact.digests_agree {
            let problem = "the control plane's digests are not those of what it sent; nothing can be signed";
            return Err(Failure::new("digests_differ", problem));
        }
        self.ask(link, subject, Payload::Review(Box::new(review))).await
    }

    pub(super) async fn send_review(
        &self,
        link: &Link,
        key: &ReviewKey,
        review: &Review,
    ) -> Result<SigningOutcome, Failure> {
        match link.api.cast_review(review.ticket, review.sign(key)).await {
            Ok(_) => Ok(SigningOutcome::Signed),
            Err(error) if matches!(error.code(), Some(Code::Settled | Code::AlreadyReviewed)) => {
                Ok(SigningOutcome::DecidedMeanwhile { sentence: error.to_string() })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The last action of the same kind that was approved and run, to mark what differs. Not finding one is no failure.
    pub(crate) async fn last_like(&self, link: &Link, ticket: &Ticket) -> Option<Binding> {
        let action = &ticket.binding.action;
        let closed = link.api.inbox(&[("view", "closed"), ("env", &action.env)]).await.ok()?;
        let same = closed.items.into_iter().find(|row| {
            matches!(row.state, State::Consumed { .. })
                && row.requester == ticket.binding.subject_id
                && row.action == action.action
                && row.resources.iter().map(String::as_str).eq(action.resources.iter())
        })?;
        link.api.ticket(same.id).await.ok().map(|last| last.binding)
    }
}

fn subject(ticket: &Ticket, review: &Review, last: Option<&Binding>, name: &str, key: &ReviewKey) -> SigningSubject {
    let (deed, _) = sentence::deed(&ticket.binding.action);
    let effect = reveal_text(&format!("{} {deed}", ticket.requester_name));
    let (verb, tone, sentence) = match review.verdict {
        Verdict::Approve => {
            let budget = ticket.binding.budget;
            let often =
                budget.map_or_else(|| "once".to_owned(), |budget| format!("{} of the approval", budget.in_words()));
            ("Approve", Tone::Approve, format!("You let {effect}, exactly as it stands here, {often}."))
        }
        Verdict::Deny => ("Deny", Tone::Deny, format!("You refuse to let {effect}. This settles the ticket.")),
    };
    let (signer, key_id) = signer(name, key);
    let mut exact = exact::of_ticket(ticket, Some(review), last);
    if let Some(reason) = &review.reason {
        exact.readable.push(exact::row("Your reason", [reason]));
    }
    let (says, found) = (Some(exact::says(ticket)), ticket.found.clone());
    SigningSubject { verb: verb.to_owned(), tone, sentence, exact, says, found, signer, key_id }
}
