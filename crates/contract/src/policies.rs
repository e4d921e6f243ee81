//! Policy sets: in force, as versions, as drafts; and what is asked about them without effect.

mod drafts;
mod questions;
mod vocabulary;
mod works;

use domain::id::TicketId;
use domain::policy::{Case, Finding, PolicyProblem, SuiteReport};
use domain::principal::Principal;
use domain::{Digest, Instant};
use serde::{Deserialize, Serialize};

pub use drafts::{CreateDraft, DraftsFilter, PolicyDraft, PolicyDraftSummary, Publication, PublishDraft, ReplaceDraft};
pub use questions::{
    AccessReport, AccessRow, AskAccess, PolicyEffect, Simulate, SimulatedQuestion, Simulation, Standing,
};
pub use vocabulary::{AskVocabulary, PrincipalName, Vocabulary};
pub use works::{Compare, NarrowerGrant, Replay, Step};

/// A policy of a set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Policy {
    /// Its `@id`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// One sentence.
    pub description: String,
    /// `permit`, `forbid` or `guard`.
    pub effect: String,
    /// How many approvers lift it, if it is a guard.
    pub quorum: Option<u32>,
    /// The line that it begins on, from 1.
    pub line: u32,
    /// The text.
    pub text: String,
}

/// `GET /api/v1/policies`: the set in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Policies {
    /// Which version is in force.
    pub version: u32,
    /// Its digest.
    pub digest: Digest,
    /// Whether it came with the samples.
    pub sample: bool,
    /// The policies.
    pub policies: Vec<Policy>,
}

/// The texts of a set, in Cedar's own syntax.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyTexts {
    /// Entity types, actions and context.
    pub schema: String,
    /// The policies.
    pub policies: String,
    /// Forbids that every published set must keep, whatever its policies say.
    #[serde(default)]
    pub invariants: String,
}

/// A row of `GET /api/v1/policies/versions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct PolicyVersionSummary {
    /// 1, 2, 3, …; the newest is in force.
    pub version: u32,
    /// The digest of its texts.
    pub digest: Digest,
    /// When it came into force.
    pub published_at: Instant,
    /// Who published it.
    pub published_by: Option<Principal>,
    /// The ticket under which it was published, if one was needed.
    pub ticket: Option<TicketId>,
    /// What it is for, as its draft was called.
    pub title: String,
    /// The version that it brought back, if it did.
    pub restores: Option<u32>,
    /// Whether it came with the product, as a sample.
    pub sample: bool,
}

/// `GET /api/v1/policies/versions/{version}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct PolicyVersion {
    /// What the list says of it.
    #[serde(flatten)]
    pub summary: PolicyVersionSummary,
    /// Its texts.
    pub texts: PolicyTexts,
    /// The cases that it was published with.
    pub cases: Vec<Case>,
}

/// Which set a question is put to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Subject {
    /// The set in force.
    #[default]
    Live,
    /// A version.
    Version(u32),
    /// A draft.
    Draft(String),
    /// These texts, which are stored nowhere.
    Texts(PolicyTexts),
}

/// `POST /api/v1/policies/check`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckPolicies {
    /// The texts.
    pub texts: PolicyTexts,
}

/// What was found in texts. They can be published if there is no problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct CheckedPolicies {
    /// The digest that they would be published under.
    pub digest: Digest,
    /// What is wrong, in the order of the texts, 100 at most.
    pub problems: Vec<PolicyProblem>,
    /// What is odd; empty while something is wrong.
    pub findings: Vec<Finding>,
    /// The policies; empty while something is wrong.
    pub policies: Vec<Policy>,
    /// The ids of what they must keep; empty while something is wrong.
    pub invariants: Vec<String>,
}

/// `POST /api/v1/policies/test`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TestPolicies {
    /// The set that is asked.
    pub subject: Subject,
    /// The cases; those that are stored with it, if absent.
    pub cases: Option<Vec<Case>>,
}

/// What `…/test` answers.
pub type Tested = SuiteReport;
