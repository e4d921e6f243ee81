//! What an approved ticket gives its requester, and how an executor checks it offline.
//!
//! The control plane is only a courier: nothing it says is believed unless an approver's signature covers it. The
//! executor computes the binding from what it is about to run, never from what it was sent.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::binding::{Action, Binding, Nonce};
use crate::budget::Budget;
use crate::digest::Digest;
use crate::id::{TicketId, UserId};
use crate::outcome::Requirement;
use crate::principal::Principal;
use crate::review::{CLOCK_SKEW_SECONDS, ReviewRefusal, Verdict, VerifiedReview};
use crate::roster::{Chain, ChainError, Pin, SignedRoster};
use crate::ticket::Progress;
use crate::time::Instant;

#[cfg(test)]
mod tests;

/// The reviews of an approved ticket and what is needed to check them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Which ticket.
    pub ticket: TicketId,
    /// The nonce that goes into the binding.
    pub nonce: Nonce,
    /// The budget that goes into the binding, if it is a standing approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// What the control plane says it takes. The approvers' signed view can only raise it.
    pub requirement: Requirement,
    /// The policy set that the ticket was opened under.
    pub policy_set: Digest,
    /// Until when it may be consumed.
    pub execution_expires_at: Instant,
    /// The approvals, each a compact JWS.
    pub reviews: Vec<String>,
    /// The roster from version 1 on.
    pub roster: Vec<SignedRoster>,
}

/// A grant that holds: who approved, and the roster version to pin from now on.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The approvers, by id and name.
    pub approvers: Vec<(UserId, String)>,
    /// The newest roster version of the grant.
    pub pin: Pin,
    /// The bound digest.
    pub binding_digest: Digest,
    /// Until when it may be used, by what the control plane says and by the window that was signed.
    pub until: Instant,
}

/// Why a grant does not hold.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// The roster is not the trusted one.
    #[error(transparent)]
    Roster(#[from] ChainError),
    /// A review does not count.
    #[error("review {index} does not count: {error}")]
    Review {
        /// Which one, from 1.
        index: usize,
        /// Why.
        error: ReviewRefusal,
    },
    /// A review is about something else.
    #[error("review {index} was signed for something else: its `{field}` differs")]
    OtherAction {
        /// Which one, from 1.
        index: usize,
        /// The first field that differs.
        field: &'static str,
    },
    /// Too few people, or a group is missing.
    #[error("{} of {} people approved{}", .0.approved, .0.quorum, missing(.0))]
    TooFew(Progress),
    /// The time to execute is over.
    #[error("the grant could be used until {0}")]
    Late(Instant),
}

fn missing(progress: &Progress) -> String {
    let names: Vec<_> = progress.groups.iter().filter(|group| !group.met).map(|group| group.group.as_str()).collect();
    if names.is_empty() { String::new() } else { format!(", nobody of {}", names.join(", ")) }
}

/// What the executor itself knows and demands.
#[derive(Clone, Copy, Debug)]
pub struct Demand<'a> {
    /// Who it is.
    pub subject_id: &'a Principal,
    /// What it is about to run.
    pub action: &'a Action,
    /// The roster version it trusts.
    pub pin: Pin,
    /// The fewest approvers it accepts, whatever the control plane says.
    pub minimum_approvals: u32,
}

impl Grant {
    /// Checks the grant against what is about to run, without asking anyone.
    pub fn verify(&self, demand: &Demand<'_>, now: Instant) -> Result<Verified, GrantError> {
        let chain = Chain::verify(&self.roster)?;
        chain.check_pin(demand.pin)?;
        if !now.is_before(self.execution_expires_at) {
            return Err(GrantError::Late(self.execution_expires_at));
        }
        let binding = Binding {
            subject_id: demand.subject_id.clone(),
            action: demand.action.clone(),
            nonce: self.nonce.clone(),
            budget: self.budget,
        };
        let binding_digest = binding.digests().binding_digest;
        let roster = chain.latest();

        let mut approvals = Vec::new();
        for (index, jws) in self.reviews.iter().enumerate() {
            let index = index + 1;
            let verified =
                VerifiedReview::check(jws, roster, now).map_err(|error| GrantError::Review { index, error })?;
            let signed = verified.review();
            let same = [
                ("ticket", signed.ticket == self.ticket),
                ("binding_digest", signed.binding_digest == binding_digest),
                ("nonce", signed.nonce == self.nonce),
                ("policy_set", signed.policy_set == self.policy_set),
                ("verdict", signed.verdict == Verdict::Approve),
            ];
            if let Some((field, _)) = same.into_iter().find(|(_, same)| !same) {
                return Err(GrantError::OtherAction { index, field });
            }
            approvals.push(verified);
        }

        let progress = Progress::of(
            &self.strictest(&approvals, demand.minimum_approvals),
            approvals
                .iter()
                .filter(|approval| demand.subject_id.user() != Some(approval.review().approver))
                .map(|approval| (approval.review().approver, approval.groups())),
        );
        if !progress.met {
            return Err(GrantError::TooFew(progress));
        }
        let until = self.until(&approvals);
        if !now.is_before(until) {
            return Err(GrantError::Late(until));
        }
        let people: BTreeSet<_> = approvals.iter().map(|approval| approval.review().approver).collect();
        let name = |id| roster.keys.iter().find(|key| key.owner == id).map(|key| key.name.clone()).unwrap_or_default();
        Ok(Verified {
            approvers: people.into_iter().map(|id| (id, name(id))).collect(),
            pin: chain.pin(),
            binding_digest,
            until,
        })
    }

    /// The end of its time. That of a budget begins with the last signature, whatever the control plane says.
    fn until(&self, approvals: &[VerifiedReview]) -> Instant {
        let last = approvals.iter().map(|approval| approval.review().iat).max();
        let signed = last
            .zip(self.budget)
            .map(|(last, budget)| Instant::from_seconds(last).plus(budget.window_seconds).plus(CLOCK_SKEW_SECONDS));
        signed.map_or(self.execution_expires_at, |signed| signed.min(self.execution_expires_at))
    }

    /// What the server says, what each approver signed that it takes, and what the executor demands: the most of all.
    fn strictest(&self, approvals: &[VerifiedReview], minimum: u32) -> Requirement {
        let mut requirement = self.requirement.clone();
        let mut groups: BTreeSet<String> = requirement.groups.into_iter().collect();
        for approval in approvals {
            requirement.quorum = requirement.quorum.max(approval.review().quorum);
            groups.extend(approval.review().groups.iter().cloned());
        }
        requirement.quorum = requirement.quorum.max(minimum);
        requirement.groups = groups.into_iter().collect();
        requirement
    }
}
