//! An approval ticket: one exact action waiting for consent, and every way its state may change.
//!
//! Transitions take the ticket and give the next one, or say why not. The invariants: the requester and everyone it
//! stands for never count; a person counts once; the first denial settles it; an approved ticket is spent once, or as
//! often as its signed budget says, by its requester, for the bound action, in time, while enough of its approvers still
//! stand.

use serde::{Deserialize, Serialize};

use crate::after_review::SignedAfterReview;
use crate::binding::{Action, Binding};
use crate::budget::{Use, UseNumber};
use crate::digest::Digest;
use crate::id::{DecisionId, TaskId, TicketId, UserId};
use crate::outcome::{Reason, Requirement};
use crate::principal::Principal;
use crate::review::{Verdict, VerifiedReview};
use crate::time::Instant;

pub use error::{CancelError, ConsumeError, ReviewError, RevokeError};
pub use progress::{GroupProgress, Progress};

mod afterwards;
mod error;
mod progress;
#[cfg(test)]
mod tests;

/// How many presentations that do not fit end a ticket.
pub const MISSES_ALLOWED: u32 = 5;

/// What the requester says, in its own words. Shown apart, labelled, and not covered by the binding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Statement {
    /// One line.
    pub title: Option<String>,
    /// Some more.
    pub description: Option<String>,
}

/// Where a ticket stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum State {
    /// Waits for reviews.
    Pending,
    /// Enough people agreed; may be consumed until then.
    Approved {
        /// When the quorum was reached.
        at: Instant,
        /// Until when it may be consumed.
        execution_expires_at: Instant,
    },
    /// One person said no.
    Denied {
        /// When.
        at: Instant,
        /// Who.
        by: UserId,
        /// Why, word for word.
        reason: String,
    },
    /// Taken back by its requester, revoked by a reviewer, or ended because what it was for is no more or after too many
    /// presentations that did not fit.
    Cancelled {
        /// When.
        at: Instant,
        /// Why.
        reason: String,
        /// The person who revoked the approval, if that is what ended it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<UserId>,
    },
    /// One of its two clocks ran out.
    Expired {
        /// When the clock ran out.
        at: Instant,
    },
    /// Spent: for a standing approval, its last use.
    Consumed {
        /// When.
        at: Instant,
        /// The task that came of it.
        task: TaskId,
    },
}

impl State {
    /// The stable name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved { .. } => "approved",
            Self::Denied { .. } => "denied",
            Self::Cancelled { .. } => "cancelled",
            Self::Expired { .. } => "expired",
            Self::Consumed { .. } => "consumed",
        }
    }

    /// The names of those to which something can still happen.
    pub const OPEN: &[&'static str] = &["pending", "approved"];
    /// And of the others.
    pub const CLOSED: &[&'static str] = &["denied", "cancelled", "expired", "consumed"];

    /// Whether something can still happen to it.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Pending | Self::Approved { .. })
    }
}

/// A review that was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CastReview {
    /// Who.
    pub approver: UserId,
    /// Their name when they answered.
    pub name: String,
    /// The answer.
    pub verdict: Verdict,
    /// Why, if they said.
    pub reason: Option<String>,
    /// The groups they counted for.
    pub groups: Vec<String>,
    /// When the control plane took it.
    pub at: Instant,
    /// The signed text.
    pub jws: String,
}

/// An approval ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// The exact action.
    pub binding: Binding,
    /// The requester's name when it asked.
    pub requester_name: String,
    /// People who never count: the requester, whoever it acts for, whoever owns it or made the credential it used.
    pub never_counts: Vec<UserId>,
    /// What it takes.
    pub requirement: Requirement,
    /// Why it takes that.
    pub reasons: Vec<Reason>,
    /// The policy set that said so.
    pub policy_set: Digest,
    /// The decision that asked for approval.
    pub decision: DecisionId,
    /// What the requester says.
    pub statement: Statement,
    /// What the control plane found before it opened the ticket, a sentence each: of a policy set that is to be published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<String>,
    /// When it was opened.
    pub opened_at: Instant,
    /// Until when reviews are taken.
    pub approval_expires_at: Instant,
    /// The reviews, oldest first.
    pub reviews: Vec<CastReview>,
    /// The uses of a standing approval, oldest first; of an ordinary ticket none, for its state tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<Use>,
    /// What was found when it was looked at afterwards, if it ran as an emergency and somebody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_review: Option<SignedAfterReview>,
    /// How often its requester presented something else.
    pub misses: u32,
    /// Where it stands.
    pub state: State,
}

impl Ticket {
    /// The ticket as it is at `now`: a clock that ran out has run out whether or not anyone has looked.
    #[must_use]
    pub fn at(mut self, now: Instant) -> Self {
        let deadline = match self.state {
            State::Pending => self.approval_expires_at,
            State::Approved { execution_expires_at, .. } => execution_expires_at,
            _ => return self,
        };
        if !now.is_before(deadline) {
            self.state = State::Expired { at: deadline };
        }
        self
    }

    /// Counts a review. `name` is how the approver is called now.
    ///
    /// Whether policy lets this person review is asked by the use case before; what holds for everyone stands here.
    pub fn review(self, review: &VerifiedReview, name: &str, now: Instant) -> Result<Self, ReviewError> {
        let mut ticket = self.at(now);
        let signed = review.review();
        if ticket.state != State::Pending {
            return Err(ReviewError::Settled { state: ticket.state.name() });
        }
        ticket.check_reviewer(signed.approver)?;
        let bound = [
            ("ticket", signed.ticket == ticket.id),
            ("binding_digest", signed.binding_digest == ticket.binding.digests().binding_digest),
            ("policy_set", signed.policy_set == ticket.policy_set),
            ("nonce", signed.nonce == ticket.binding.nonce),
            ("quorum", signed.quorum == ticket.requirement.quorum),
            ("groups", signed.groups == ticket.requirement.groups),
        ];
        if let Some((field, _)) = bound.into_iter().find(|(_, same)| !same) {
            return Err(ReviewError::OtherTicket { field });
        }
        let reason = signed.reason.clone().filter(|reason| !reason.trim().is_empty());
        if signed.verdict == Verdict::Deny && reason.is_none() {
            return Err(ReviewError::NoReason);
        }
        ticket.reviews.push(CastReview {
            approver: signed.approver,
            name: name.to_owned(),
            verdict: signed.verdict,
            reason: reason.clone(),
            groups: review.groups().to_vec(),
            at: now,
            jws: review.jws().to_owned(),
        });
        if let (Verdict::Deny, Some(reason)) = (signed.verdict, reason) {
            ticket.state = State::Denied { at: now, by: signed.approver, reason };
        } else if ticket.progress(|_| true).met {
            let execution_expires_at = now.plus(ticket.execution_seconds());
            ticket.state = State::Approved { at: now, execution_expires_at };
        }
        Ok(ticket)
    }

    /// Whether a person may still answer at all, with the reason if not.
    pub fn check_reviewer(&self, user: UserId) -> Result<(), ReviewError> {
        if self.never_counts.contains(&user) {
            return Err(ReviewError::OwnTicket);
        }
        if self.reviews.iter().any(|cast| cast.approver == user) {
            return Err(ReviewError::Again);
        }
        Ok(())
    }

    /// How far the approval is, counting only approvers who still `stand`. Each person counts once.
    #[must_use]
    pub fn progress(&self, stands: impl Fn(&CastReview) -> bool) -> Progress {
        let approvals = self.reviews.iter().filter(|cast| cast.verdict == Verdict::Approve);
        let counted = approvals.filter(|cast| !self.never_counts.contains(&cast.approver) && stands(cast));
        Progress::of(&self.requirement, counted.map(|cast| (cast.approver, cast.groups.as_slice())))
    }

    /// How long it may be used once it is approved, in seconds.
    #[must_use]
    pub fn execution_seconds(&self) -> u32 {
        self.binding.budget.map_or(self.requirement.execution_ttl_seconds, |budget| budget.window_seconds)
    }

    /// How many of its uses are spent, if it is a standing approval: the number of the last one.
    #[must_use]
    pub fn used(&self) -> Option<UseNumber> {
        let budget = self.binding.budget?;
        Some(UseNumber { number: u32::try_from(self.uses.len()).unwrap_or(u32::MAX), of: budget.uses })
    }

    /// Takes it back.
    pub fn cancel(self, by: &Principal, reason: &str, now: Instant) -> Result<Self, CancelError> {
        if self.binding.subject_id != *by {
            return Err(CancelError::NotRequester);
        }
        self.call_off(reason, now)
    }

    /// Ends it because what it was for is no more, whoever asked for it.
    pub fn call_off(self, reason: &str, now: Instant) -> Result<Self, CancelError> {
        let mut ticket = self.at(now);
        if !ticket.state.is_open() {
            return Err(CancelError::Settled { state: ticket.state.name() });
        }
        ticket.state = State::Cancelled { at: now, reason: reason.to_owned(), by: None };
        Ok(ticket)
    }

    /// Withdraws the approval: what is not spent of it never will be.
    ///
    /// Whether this person may is asked by the use case before.
    pub fn revoke(self, by: UserId, reason: &str, now: Instant) -> Result<Self, RevokeError> {
        let mut ticket = self.at(now);
        match ticket.state {
            State::Approved { .. } => {}
            State::Pending => return Err(RevokeError::Pending),
            ref other => return Err(RevokeError::Settled { state: other.name() }),
        }
        if reason.trim().is_empty() {
            return Err(RevokeError::NoReason);
        }
        ticket.state = State::Cancelled { at: now, reason: reason.to_owned(), by: Some(by) };
        Ok(ticket)
    }

    /// Spends it, or one use of it. `stands` tells of each review whether its approver would still be let review now.
    pub fn consume(
        self,
        by: &Principal,
        presented: &Action,
        task: TaskId,
        now: Instant,
        stands: impl Fn(&CastReview) -> bool,
    ) -> Result<Self, ConsumeError> {
        let mut ticket = self.at(now);
        match &ticket.state {
            State::Approved { .. } => {}
            State::Consumed { at, task } => {
                return Err(ConsumeError::AlreadyConsumed { at: *at, task: *task });
            }
            other => {
                return Err(ConsumeError::NotApproved { state: other.name() });
            }
        }
        if let Some(field) = ticket.binding.mismatch(by, presented) {
            return Err(ConsumeError::Mismatch { field });
        }
        let progress = ticket.progress(stands);
        if !progress.met {
            return Err(ConsumeError::ApproversFell { progress });
        }
        if ticket.binding.budget.is_some() {
            ticket.uses.push(Use { at: now, task });
        }
        if ticket.used().is_none_or(|used| used.number >= used.of) {
            ticket.state = State::Consumed { at: now, task };
        }
        Ok(ticket)
    }

    /// Counts a presentation by its requester that did not fit; the last one that is allowed ends the ticket.
    #[must_use]
    pub fn missed(mut self, now: Instant) -> Self {
        self.misses += 1;
        if self.misses >= MISSES_ALLOWED && self.state.is_open() {
            let reason = format!("{MISSES_ALLOWED} presentations did not fit the approved action");
            self.state = State::Cancelled { at: now, reason, by: None };
        }
        self
    }
}
