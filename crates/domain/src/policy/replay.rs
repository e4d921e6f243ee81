//! What a replay of recorded decisions found.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::outcome::Outcome;
use crate::policy::question::Question;
use crate::time::Instant;

/// All recorded decisions, asked again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct ReplayReport {
    /// What it is a result of; when one of these moves, it is stale.
    pub basis: Basis,
    /// How much of the log it speaks of.
    pub coverage: Coverage,
    /// How many decisions would be as they were.
    pub same: u32,
    /// How many would not, by kind of change, the most dangerous first.
    pub flips: Vec<FlipGroup>,
    /// Who is met, most flips first, at most 100 of each list.
    pub principals: Vec<Share>,
    /// Which actions.
    pub actions: Vec<Share>,
    /// Which resources.
    pub resources: Vec<Share>,
    /// Which environments.
    pub environments: Vec<Share>,
    /// Decisions whose answer is not what the policies in force say now.
    pub drift: Drift,
    /// How many decisions there were in each span of time, oldest first, with how many flipped.
    pub timeline: Vec<Tally>,
}

/// What a result was computed from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Basis {
    /// The set that was asked.
    pub draft: Digest,
    /// The set in force.
    pub live: Digest,
    /// The engine, for example `cedar-policy/4.14`.
    pub engine: String,
    /// Index in the ledger of the first decision that was looked at.
    pub first_index: Option<u32>,
    /// Of the last.
    pub last_index: Option<u32>,
    /// When the first decision was made.
    pub from: Option<Instant>,
    /// When the last was.
    pub until: Option<Instant>,
}

/// How much of the log a replay speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Coverage {
    /// Decisions in the range.
    pub recorded: u32,
    /// How many could be asked again.
    pub replayed: u32,
    /// Why the others could not.
    pub skipped: Vec<Skipped>,
}

/// Decisions that could not be asked again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Skipped {
    /// Why.
    pub reason: SkipReason,
    /// How many.
    pub count: u32,
    /// One of them in words.
    pub example: String,
}

/// Why a decision could not be asked again.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, specta::Type, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// The entry cannot be read: cut off, or not a decision of this product.
    Unreadable,
    /// The draft's schema does not have its action, environment or kind of resource.
    NotInSchema,
    /// The question does not say all that the schema needs.
    Incomplete,
}

/// A change of answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Flip {
    /// The answer by the set in force.
    pub from: Outcome,
    /// The answer by the draft.
    pub to: Outcome,
}

/// Decisions that change in the same way. A change of the requirement alone has the same answer on both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct FlipGroup {
    /// How.
    pub flip: Flip,
    /// How many.
    pub count: u32,
    /// Whether it lets more happen, or with fewer approvers.
    pub widens: bool,
    /// The first time.
    pub first: Instant,
    /// The last.
    pub last: Instant,
    /// Some of them, of different kinds, at most 20.
    pub samples: Vec<FlipSample>,
}

/// A decision that would be another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct FlipSample {
    /// The decision's id, `dec_…`.
    pub decision: String,
    /// Its index in the ledger.
    pub index: Option<u32>,
    /// How many decisions are of its kind.
    pub alike: u32,
    /// What was asked.
    pub question: Question,
    /// What changes, as one sentence.
    pub sentence: String,
    /// The policies that determined the answer before.
    pub before: Vec<String>,
    /// Those that determine it by the draft.
    pub after: Vec<String>,
    /// How many approvers before, if any were asked for.
    pub approvers_before: Option<u32>,
    /// How many by the draft.
    pub approvers_after: Option<u32>,
}

/// How much of the change meets one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Share {
    /// A principal, an action, a resource or an environment.
    pub name: String,
    /// Decisions that flip.
    pub flips: u32,
    /// Of those, how many let more happen.
    pub widening: u32,
    /// Decisions in all.
    pub decisions: u32,
}

/// Decisions that were recorded with another answer than the set in force gives now: policies, accounts or pipelines were
/// changed since, or the record is not what was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Drift {
    /// Answered by an older set, and otherwise than the set in force answers.
    pub by_older_sets: u32,
    /// Answered by the very set in force, and otherwise than it answers: a finding of its own.
    pub unexplained: u32,
    /// Ids of decisions that are unexplained, at most 20.
    pub examples: Vec<String>,
}

/// How many in a span of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Tally {
    /// Where the span begins; it ends where the next begins.
    pub from: Instant,
    /// Decisions.
    pub decisions: u32,
    /// Of those, how many flip.
    pub flips: u32,
    /// Of those, how many let more happen.
    pub widening: u32,
}

/// How far a long work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename = "WorkProgress")]
pub struct Progress {
    /// Done.
    pub done: u32,
    /// In all, if that is known.
    pub total: Option<u32>,
}
