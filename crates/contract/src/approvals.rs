//! Decisions and approval tickets.

use domain::after_review::SignedAfterReview;
use domain::binding::{Action, Binding, BindingDigests};
use domain::budget::{Budget, Use, UseNumber};
use domain::id::{DecisionId, TaskId, TicketId, UserId};
use domain::outcome::{Outcome, Reason, Requirement};
use domain::principal::Principal;
use domain::ticket::{CastReview, Progress, State, Statement};
use domain::{Digest, Instant};
use serde::{Deserialize, Serialize};

use crate::tasks::Task;

/// The policy engine's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Decision {
    /// Its id; the audit trail has its whole input.
    pub id: DecisionId,
    /// The answer.
    pub outcome: Outcome,
    /// The policies that determined it.
    pub reasons: Vec<Reason>,
    /// What an approval takes, if one is required.
    pub requirement: Option<Requirement>,
    /// The policy set that answered.
    pub policy_set: Digest,
}

/// `POST /api/v1/approvals`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenTicket {
    /// What is to run.
    pub action: Action,
    /// What the requester says about it.
    #[serde(default)]
    pub statement: Statement,
    /// How often and within which time it may run, if a standing approval is asked for; absent: once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// If sent, must be the hash of `action.resources`.
    #[serde(default)]
    pub resource_hash: Option<Digest>,
    /// If sent, must be the hash of `action.command`.
    #[serde(default)]
    pub command_hash: Option<Digest>,
}

/// One row of the inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct TicketSummary {
    /// Its id.
    pub id: TicketId,
    /// Where it stands.
    pub state: State,
    /// Who asks.
    pub requester: Principal,
    /// What the requester is called.
    pub requester_name: String,
    /// Where.
    pub env: String,
    /// What.
    pub action: String,
    /// On what.
    pub resources: Vec<String>,
    /// What the requester calls it.
    pub title: Option<String>,
    /// Since when.
    pub opened_at: Instant,
    /// Until when it waits for what comes next.
    pub deadline: Instant,
    /// How far.
    pub progress: Progress,
    /// How many of its uses are spent, if it is a standing approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<UseNumber>,
    /// Whether the reader can decide it now.
    pub mine_to_decide: bool,
}

/// Something a reader may or may not do, and why not. The reason is for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Offer {
    /// `approve`, `deny`, `cancel`, `revoke`, `after_review`.
    pub name: String,
    /// Whether it would be taken now.
    pub allowed: bool,
    /// Why not.
    pub reason: Option<String>,
}

/// A step of a ticket's life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct TimelineStep {
    /// When.
    pub at: Instant,
    /// The audit kind, for example `ticket.opened`.
    pub kind: String,
    /// One sentence.
    pub sentence: String,
}

/// Somebody who could still approve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Candidate {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// The groups they count for.
    pub groups: Vec<String>,
}

/// A ticket with everything a page about it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// Where it stands.
    pub state: State,
    /// The exact action.
    pub binding: Binding,
    /// The control plane's digests of it. Whoever signs computes them again.
    pub digests: BindingDigests,
    /// What the requester is called.
    pub requester_name: String,
    /// What the requester says.
    pub statement: Statement,
    /// What the control plane found before it opened the ticket, a sentence each; not part of what is signed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<String>,
    /// What it takes.
    pub requirement: Requirement,
    /// Why it takes that.
    pub reasons: Vec<Reason>,
    /// The policy set that said so.
    pub policy_set: Digest,
    /// The decision that asked for approval.
    pub decision: DecisionId,
    /// When it was opened.
    pub opened_at: Instant,
    /// Until when reviews are taken.
    pub approval_expires_at: Instant,
    /// The reviews.
    pub reviews: Vec<CastReview>,
    /// How far.
    pub progress: Progress,
    /// Who could still approve.
    pub candidates: Vec<Candidate>,
    /// What happened, oldest first.
    pub timeline: Vec<TimelineStep>,
    /// The uses of a standing approval, oldest first; none of an ordinary ticket.
    #[serde(default)]
    pub uses: Vec<Use>,
    /// What came of it: of a standing approval, of its last use.
    pub task: Option<Task>,
    /// Where the after-review of an emergency stands; absent of anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_review: Option<AfterReviewState>,
    /// What the reader may do.
    pub actions: Vec<Offer>,
}

/// `POST /api/v1/approvals/{id}/reviews`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CastReviewRequest {
    /// The signed review, a compact JWS.
    pub jws: String,
}

/// Where an after-review stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum AfterReviewState {
    /// It ran, and nobody has looked at it since.
    Open,
    /// Somebody has.
    Signed(SignedAfterReview),
}

/// `POST /api/v1/approvals/{id}/after-review`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AfterReviewRequest {
    /// The signed after-review, a compact JWS.
    pub jws: String,
}

/// `POST /api/v1/approvals/{id}/consume`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Consume {
    /// What is about to run, presented again.
    pub action: Action,
}

/// A spent ticket, or one use of a standing approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Consumed {
    /// The task that records what runs now.
    pub task: TaskId,
    /// Until when it should have ended, if policy limits it.
    pub deadline: Option<Instant>,
    /// The same from its start, in seconds: what a runner measures by its own clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_duration_seconds: Option<u32>,
    /// Which use this is, if it is one of a standing approval.
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    pub use_number: Option<UseNumber>,
}

/// `POST /api/v1/approvals/{id}/revoke`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    /// Why; the requester gets it word for word.
    pub reason: String,
}

/// `POST /api/v1/approvals/{id}/cancel`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    /// Why.
    pub reason: String,
}

/// How many tickets stand where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct TicketCounts {
    /// Waiting for reviews.
    pub pending: u32,
    /// Waiting for the reader's review.
    pub mine: u32,
    /// Everything else.
    pub closed: u32,
    /// Emergencies that nobody has looked at since.
    #[serde(default)]
    pub after_review: u32,
}

/// The inbox: a page of it and the counts beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Inbox {
    /// The page.
    pub items: Vec<TicketSummary>,
    /// Give this as `cursor` to get the next page.
    pub next: Option<String>,
    /// The counts.
    pub counts: TicketCounts,
}

/// Which part of the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InboxView {
    /// What the reader can decide now.
    Mine,
    /// What waits for reviews.
    Pending,
    /// Everything else.
    Closed,
    /// Emergencies that nobody has looked at since.
    AfterReview,
}

/// The query of `GET /api/v1/approvals`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InboxFilter {
    /// Which part; what waits for reviews, if absent.
    pub view: Option<InboxView>,
    /// Only of this environment.
    pub env: Option<String>,
    /// Only what has this text in it.
    pub text: Option<String>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}

/// The query of `GET /api/v1/approvals/{id}/wait`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaitFor {
    /// The state that the caller knows, for example `pending`.
    pub state: String,
}
