//! Policy sets: in force, as versions, as drafts; and what is asked about them without effect.
//!
//! Replay and comparison answer as JSON Lines (`application/x-ndjson`), one [`Step`] a line: progress, then the report or a
//! problem. Closing the connection ends the work.

use domain::id::TicketId;
use domain::outcome::{Outcome, Reason, Requirement};
use domain::policy::{Case, Declared, Finding, KnownResource, PolicyProblem, Progress, Question, SuiteReport};
use domain::principal::Principal;
use domain::{Digest, Instant};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

/// A row of `GET /api/v1/policies/drafts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct PolicyDraftSummary {
    /// Its id, `drf_…`.
    pub id: String,
    /// What it is for.
    pub title: String,
    /// The digest of its texts.
    pub digest: Digest,
    /// The version that it was made from.
    pub base_version: u32,
    /// Whether another version came into force since.
    pub stale: bool,
    /// The version that it brings back, if that is what it is for.
    pub restores: Option<u32>,
    /// Who made it.
    pub created_by: Principal,
    /// When.
    pub created_at: Instant,
    /// When it was last changed.
    pub changed_at: Instant,
    /// A ticket that waits for its publication, if one was opened for its digest as it is now.
    pub ticket: Option<TicketId>,
}

/// `GET /api/v1/policies/drafts/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct PolicyDraft {
    /// What the list says of it.
    #[serde(flatten)]
    pub summary: PolicyDraftSummary,
    /// Its texts.
    pub texts: PolicyTexts,
    /// Its cases.
    pub cases: Vec<Case>,
}

/// `POST /api/v1/policies/drafts`: what is not said is as in the set in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CreateDraft {
    /// What it is for.
    pub title: String,
    /// The texts.
    pub texts: Option<PolicyTexts>,
    /// The cases.
    pub cases: Option<Vec<Case>>,
    /// Instead of both: those of this version, to bring it back.
    pub restores: Option<u32>,
}

/// `PUT /api/v1/policies/drafts/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceDraft {
    /// What it is for.
    pub title: String,
    /// The texts.
    pub texts: PolicyTexts,
    /// The cases.
    #[serde(default)]
    pub cases: Vec<Case>,
    /// The version that it is to be held against from now on; what it was before, if absent. Whoever says a newer one has
    /// looked at what changed meanwhile.
    #[serde(default)]
    pub base_version: Option<u32>,
}

/// `POST /api/v1/policies/drafts/{id}/publish`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishDraft {
    /// The digest of what is to be published: if the draft is another by now, nothing is.
    pub digest: Digest,
    /// The approved ticket, once there is one.
    #[serde(default)]
    pub ticket: Option<TicketId>,
    /// That invariants which no solver could prove are taken on trust; the entry says so.
    #[serde(default)]
    pub accept_unproved: bool,
}

/// What became of a publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Publication {
    /// It is in force.
    Published {
        /// As this version.
        version: u32,
        /// Whose digest is this.
        digest: Digest,
    },
    /// It waits for an approval: repeat the request with the ticket once it is approved.
    ApprovalRequired {
        /// The ticket that was opened.
        ticket: TicketId,
        /// What it takes.
        requirement: Requirement,
        /// Why.
        reasons: Vec<Reason>,
    },
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
}

/// A question as a person or a program puts it together. What is not said is completed by the control plane: rights of a known
/// principal, restrictions of a known pipeline, the time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulatedQuestion {
    /// Who would ask: `user:…` or `service_account:…`.
    pub principal: String,
    /// Its teams, instead of those that it has.
    #[serde(default)]
    pub teams: Option<Vec<String>>,
    /// Its scopes, instead of those that it has.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// Its workspaces, instead of those that it has.
    #[serde(default)]
    pub workspaces: Option<Vec<String>>,
    /// For example `pipelines:execute`.
    pub action: String,
    /// Each as `kind:name`.
    pub resources: Vec<String>,
    /// For example `prod`.
    pub env: String,
    /// What it would say about the request.
    #[serde(default)]
    pub context: Declared,
    /// What restricts the resources, instead of what is known of them.
    #[serde(default)]
    pub known: BTreeMap<String, KnownResource>,
    /// When.
    #[serde(default)]
    pub now: Option<Instant>,
    /// How many people would have approved it; absent means that nobody was asked.
    #[serde(default)]
    pub approvers: Option<u32>,
    /// The groups that would be represented among them.
    #[serde(default)]
    pub groups: Vec<String>,
}

/// `POST /api/v1/policies/simulate`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Simulate {
    /// The set that is asked.
    #[serde(default)]
    pub subject: Subject,
    /// What.
    pub question: SimulatedQuestion,
}

/// The answer to a question without effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Simulation {
    /// The question as it was completed.
    pub question: Question,
    /// The answer.
    pub outcome: Outcome,
    /// On what ground: `permitted`, `approval_needed`, `not_permitted`, `forbid_failed`, `forbidden`.
    pub ground: String,
    /// The policies that determined it.
    pub reasons: Vec<Reason>,
    /// What an approval takes, if one is required.
    pub requirement: Option<Requirement>,
    /// What each policy of the set does with this question, in the order of the text.
    pub policies: Vec<PolicyEffect>,
    /// The set that answered.
    pub policy_set: Digest,
}

/// What one policy does with a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct PolicyEffect {
    /// Its `@id`.
    pub policy: String,
    /// Its title.
    pub title: String,
    /// `permit`, `forbid` or `guard`.
    pub effect: String,
    /// What it does.
    pub standing: Standing,
    /// Whether it determined the answer.
    pub determining: bool,
    /// In words, and the error if it failed.
    pub sentence: String,
}

/// What a policy does with a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Principal, action or resource are not what it is about.
    OutOfScope,
    /// It is about them, and its conditions do not hold, or an approval lifts it.
    NotApplying,
    /// It applies.
    Applying,
    /// It cannot be evaluated.
    Failing,
}

/// `POST /api/v1/policies/access`: who can do this, or what this principal can do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AskAccess {
    /// The set that is asked.
    pub subject: Subject,
    /// Only this principal; everybody that is known, if absent.
    pub principal: Option<String>,
    /// Only this action.
    pub action: Option<String>,
    /// Only this resource, as `kind:name`; those that are known, and one of each kind that nobody restricted, if absent.
    pub resource: Option<String>,
    /// Only this environment.
    pub env: Option<String>,
}

/// Who can do what: a row for each principal, action, resource and environment for which the answer is not `deny`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct AccessReport {
    /// At most 5,000.
    pub rows: Vec<AccessRow>,
    /// How many combinations were asked.
    pub asked: u32,
    /// Whether there are more rows.
    pub cut: bool,
    /// The set that answered.
    pub policy_set: Digest,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct AccessRow {
    /// Who.
    pub principal: String,
    /// How it is called.
    pub name: String,
    /// What.
    pub action: String,
    /// On what; `kind:*` stands for those of a kind that nobody restricted.
    pub resource: String,
    /// Where.
    pub env: String,
    /// The answer.
    pub outcome: Outcome,
    /// How many approvers, if it needs an approval.
    pub approvers: Option<u32>,
    /// The policies that determined it.
    pub because: Vec<String>,
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

/// `POST /api/v1/policies/replay`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Replay {
    /// The set that is asked again; the set in force, with another grant, if `grant` is given.
    pub subject: Subject,
    /// Only decisions since then.
    pub from: Option<Instant>,
    /// Only decisions before.
    pub until: Option<Instant>,
    /// Asks as if a principal held this and nothing more.
    pub grant: Option<NarrowerGrant>,
}

/// What a principal would hold instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NarrowerGrant {
    /// `service_account:…` or `user:…`.
    pub principal: String,
    /// Its scopes.
    pub scopes: Vec<String>,
    /// Its workspaces; as they were, if absent.
    #[serde(default)]
    pub workspaces: Option<Vec<String>>,
}

/// `POST /api/v1/policies/compare`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Compare {
    /// What is held against the set in force.
    pub subject: Subject,
}

/// A line of a long answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[schemars(rename = "{T}Step")]
#[serde(rename_all = "snake_case")]
pub enum Step<T> {
    /// It goes on.
    Progress(Progress),
    /// It is done; the last line.
    Report(Box<T>),
    /// It failed; the last line.
    Failed(String),
}

/// What `…/test` answers.
pub type Tested = SuiteReport;
