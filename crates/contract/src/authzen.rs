//! OpenID AuthZEN Authorization API 1.0: what a policy enforcement point asks, and what it is told.
//!
//! Names and forms are the standard's. Members that it does not define are passed over, as it asks; what of `context` and
//! `properties` means something here is in docs/AUTHZEN.md.

use std::collections::BTreeMap;

use domain::Digest;
use domain::id::DecisionId;
use domain::outcome::{Outcome, Reason, Requirement};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most evaluations in one request.
pub const MOST: usize = 100;

/// The principal (§5.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "AuthzenSubject")]
pub struct Subject {
    /// `user` or `service_account`.
    pub r#type: String,
    /// Its id: of a person also the e-mail address.
    pub id: String,
    /// More of it.
    #[serde(default)]
    pub properties: BTreeMap<String, Value>,
}

/// What is acted on (§5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "AuthzenResource")]
pub struct Resource {
    /// The kind, for example `pipeline`.
    pub r#type: String,
    /// The name, for example `billing/nightly`.
    pub id: String,
    /// More of it.
    #[serde(default)]
    pub properties: BTreeMap<String, Value>,
}

/// What is done (§5.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "AuthzenAction")]
pub struct Action {
    /// For example `pipelines:execute`.
    pub name: String,
    /// More of it.
    #[serde(default)]
    pub properties: BTreeMap<String, Value>,
}

/// `POST /access/v1/evaluation` (§6.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "AuthzenEvaluation")]
pub struct Evaluation {
    /// Who.
    pub subject: Subject,
    /// What.
    pub action: Action,
    /// On what.
    pub resource: Resource,
    /// Under which circumstances; `env` is needed.
    #[serde(default)]
    pub context: BTreeMap<String, Value>,
}

/// An evaluation of many: what it does not say is as the request says for all (§7.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "AuthzenPart")]
#[serde(default)]
pub struct Part {
    /// Who.
    pub subject: Option<Subject>,
    /// What.
    pub action: Option<Action>,
    /// On what.
    pub resource: Option<Resource>,
    /// Under which circumstances.
    pub context: Option<BTreeMap<String, Value>>,
}

/// `POST /access/v1/evaluations` (§7.1). Without `evaluations`, or with none, it is one evaluation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "AuthzenEvaluations")]
#[serde(default)]
pub struct Evaluations {
    /// Who, for each evaluation that does not say it.
    pub subject: Option<Subject>,
    /// What, likewise.
    pub action: Option<Action>,
    /// On what, likewise.
    pub resource: Option<Resource>,
    /// Under which circumstances, likewise.
    pub context: Option<BTreeMap<String, Value>>,
    /// The evaluations, 100 at most.
    pub evaluations: Vec<Part>,
    /// How they are evaluated.
    pub options: Options,
}

/// How evaluations are evaluated (§7.1.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "AuthzenOptions")]
#[serde(default)]
pub struct Options {
    /// Which of them.
    pub evaluations_semantic: Semantic,
}

/// Which evaluations are answered (§7.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "AuthzenSemantic")]
#[serde(rename_all = "snake_case")]
pub enum Semantic {
    /// All.
    #[default]
    ExecuteAll,
    /// Up to the first that is denied.
    DenyOnFirstDeny,
    /// Up to the first that is permitted.
    PermitOnFirstPermit,
}

/// The answer to an evaluation (§6.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "AuthzenDecision")]
pub struct Decision {
    /// Whether it may go forward now: only if the outcome is `allow`.
    pub decision: bool,
    /// More of it.
    pub context: Context,
}

/// What an answer says beyond yes and no: an answer of policy, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "AuthzenContext")]
#[serde(untagged)]
pub enum Context {
    /// An answer of policy.
    Answer {
        /// The decision's id in the audit trail; none if it was asked for somebody else, which is a simulation.
        id: Option<DecisionId>,
        /// The answer, of which there are three.
        outcome: Outcome,
        /// The policies that determined it.
        reasons: Vec<Reason>,
        /// What an approval takes, if one is required.
        requirement: Option<Requirement>,
        /// The policy set that answered.
        policy_set: Digest,
    },
    /// It could not be evaluated (§7.2.1).
    Error {
        /// Why.
        error: Failure,
    },
}

/// Why an evaluation of many could not be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "AuthzenFailure")]
pub struct Failure {
    /// The HTTP status that it would have had alone.
    pub status: u16,
    /// What is wrong, and what would help.
    pub message: String,
}

/// The answers to many, in the order of the request (§7.2); the answer itself, where one was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "AuthzenDecisions")]
#[serde(untagged)]
pub enum Decisions {
    /// Of many.
    Many {
        /// The answers; fewer than were asked for, if the semantic ends them.
        evaluations: Vec<Decision>,
    },
    /// Of one.
    One(Decision),
}

/// `GET /.well-known/authzen-configuration` (§9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "AuthzenConfiguration")]
pub struct Configuration {
    /// The identifier of this policy decision point: its address.
    pub policy_decision_point: String,
    /// Where one evaluation is asked for.
    pub access_evaluation_endpoint: String,
    /// Where many are.
    pub access_evaluations_endpoint: String,
}
