//! One question without effect, and who can do what.

use domain::outcome::{Outcome, Reason, Requirement};
use domain::policy::{Declared, KnownResource, Question};
use domain::{Digest, Instant};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::Subject;

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
    /// Validation plugins that a decision would ask as well; a simulation asks none.
    #[serde(default)]
    pub plugins: Vec<String>,
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
