//! Test cases of a policy set: a question in short form with the answer that is expected.
//!
//! The same form in files (`tests/*.yaml`, `tests/*.json`), with a draft, and over HTTP. What a case does not say has a
//! default, so that a case is as long as what it is about.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;
use crate::policy::question::{Declared, KnownResource};
use crate::time::Instant;

mod asking;

pub use asking::{Asked, CaseError};

/// One question with its expected answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[serde(rename = "PolicyCase")]
pub struct Case {
    /// What it shows, as a sentence; unique in its suite.
    pub name: String,
    /// Who asks: `user:…` or `service_account:…`.
    pub principal: String,
    /// Teams of the principal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<String>,
    /// What it may do; absent means the scope that the action needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// Where it may act; empty means everywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workspaces: Vec<String>,
    /// The person that it belongs to, as `user:…`, if it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// For example `pipelines:execute`.
    pub action: String,
    /// Each as `kind:name`.
    pub resources: Vec<String>,
    /// For example `prod`.
    pub env: String,
    /// What the client says about the request.
    #[serde(default, skip_serializing_if = "Declared::is_empty")]
    pub context: Declared,
    /// What the control plane would know of the resources.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub known: BTreeMap<String, KnownResource>,
    /// The ticket that is reviewed: then the action is `approve`, on one resource `ticket:…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<CaseTicket>,
    /// The clock; absent means noon of 1 January 2026, UTC, a Thursday.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Instant>,
    /// An approval, granted at `now`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<CaseApproval>,
    /// What the answer must be.
    pub expect: Expectation,
}

/// An approval in a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseApproval {
    /// Distinct people who agreed.
    pub approvers: u32,
    /// Groups that are represented among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// How long ago it was granted, in seconds; it lasts fifteen minutes.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub granted_seconds_ago: u32,
    /// When it was granted, exactly, instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted_at: Option<Instant>,
    /// Until when it may be used, instead of fifteen minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Instant>,
}

/// What a reviewed ticket is about, in a case. Its environment is that of the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[serde(rename = "PolicyCaseTicket")]
pub struct CaseTicket {
    /// Who asked: `user:…` or `service_account:…`.
    pub requester: String,
    /// For whom it asked, and who owns the account that asked, in the same form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on_behalf_of: Vec<String>,
    /// What would be done.
    pub action: String,
    /// To what.
    pub resources: Vec<String>,
}

/// What the answer must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// The answer.
    pub outcome: Outcome,
    /// Policies that must be among its reasons, by `@id`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<String>,
    /// How many approvers it must ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approvers: Option<u32>,
    /// The groups it must ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
}

/// What became of one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename = "PolicyCaseResult")]
pub struct CaseResult {
    /// The case.
    pub name: String,
    /// Whether the answer is as expected.
    pub passed: bool,
    /// The answer, if the question could be asked.
    pub outcome: Option<Outcome>,
    /// The policies that determined it.
    pub because: Vec<String>,
    /// What is not as expected, or why it could not be asked; a sentence each, none if it passed.
    pub complaints: Vec<String>,
}

/// What became of all cases of a suite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename = "PolicySuiteReport")]
pub struct SuiteReport {
    /// In the order of the suite.
    pub results: Vec<CaseResult>,
    /// How many are as expected.
    pub passed: u32,
    /// How many are not.
    pub failed: u32,
    /// Policies, by `@id`, that determined the answer of no case: nothing would notice if they were gone.
    pub untouched: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a field by reference")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}
