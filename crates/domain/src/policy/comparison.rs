//! What can be proved of two policy sets over all possible requests.

use serde::{Deserialize, Serialize};

use crate::outcome::{Outcome, Reason};
use crate::policy::finding::Finding;
use crate::policy::question::{Question, TicketFacts};
use crate::policy::replay::Basis;

/// A draft held against the set in force, over all possible requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Comparison {
    /// What it is a result of.
    pub basis: Basis,
    /// The solver that proved it, or why there is none.
    pub solver: Solver,
    /// Each aspect in each direction.
    pub proofs: Vec<Proof>,
    /// Policies that the draft adds, by `@id`.
    pub added: Vec<String>,
    /// Takes away.
    pub removed: Vec<String>,
    /// Changes.
    pub changed: Vec<String>,
    /// What is odd about the draft's policies.
    pub findings: Vec<Finding>,
    /// How long it took, in milliseconds.
    pub took_ms: u32,
}

/// The solver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Solver {
    /// Its name and version, if one was found.
    pub name: Option<String>,
    /// Why nothing can be proved, and how to get one.
    pub problem: Option<String>,
}

/// What is compared.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, specta::Type, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// What can happen at all, approved or not.
    Ceiling,
    /// What can happen without an approval.
    Unattended,
    /// With how few approvers.
    Approvers,
}

/// In which direction.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, specta::Type, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The draft lets more happen, or with less.
    Widens,
    /// It lets less happen, or with more.
    Narrows,
}

/// The answer to one question about all possible requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Proof {
    /// What is compared.
    pub aspect: Aspect,
    /// In which direction.
    pub direction: Direction,
    /// What was found.
    pub proved: Proved,
    /// The same, as one sentence.
    pub sentence: String,
    /// A request for which it is so, for each kind of request at most one; none unless refuted.
    pub counterexamples: Vec<Counterexample>,
    /// How many kinds of request were looked at: combinations of principal type, action and resource type.
    pub kinds: u32,
    /// Kinds for which nothing is known, as `ServiceAccount pipelines:execute Pipeline`, with why.
    pub unknown: Vec<String>,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Proved {
    /// It is so for no request: proved.
    Never,
    /// There is a request for which it is so.
    Sometimes,
    /// The solver reached a limit, died, or is not there. Never to be taken for `never`.
    Unknown,
}

/// A concrete request, asked of both sets by the ordinary engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Counterexample {
    /// The request. A review is told as the action `approve` on `ticket:…`, which cannot be asked in this form.
    pub question: Question,
    /// The ticket, if the request is a review of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketFacts>,
    /// What the set in force answers.
    pub live: Outcome,
    /// Why.
    pub live_reasons: Vec<Reason>,
    /// What the draft answers.
    pub draft: Outcome,
    /// Why.
    pub draft_reasons: Vec<Reason>,
    /// Both in words.
    pub sentence: String,
}

/// Whether a set keeps one of its invariants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct InvariantResult {
    /// The `@id` of the invariant.
    pub id: String,
    /// Its `@title`, or its id.
    pub title: String,
    /// The line that it begins on, from 1.
    pub line: u32,
    /// Whether the policies allow what it forbids: `never` if it holds, `sometimes` if it is broken.
    pub proved: Proved,
    /// The same, as one sentence.
    pub sentence: String,
    /// Requests that the policies allow and the invariant forbids, for each kind of request at most one.
    pub broken_by: Vec<Breach>,
    /// How many kinds of request it is about.
    pub kinds: u32,
    /// Kinds for which nothing is known, with why.
    pub unknown: Vec<String>,
}

/// A request that a set allows and an invariant forbids, asked of the ordinary engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Breach {
    /// The request. A review is told as the action `approve` on `ticket:…`, which cannot be asked in this form.
    pub question: Question,
    /// The ticket, if the request is a review of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketFacts>,
    /// The policies that allow it.
    pub reasons: Vec<Reason>,
    /// The request in words.
    pub sentence: String,
}
