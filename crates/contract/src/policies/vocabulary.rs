//! The names that questions can have, for forms and for completion.

use domain::Digest;
use domain::policy::PrincipalKind;
use serde::{Deserialize, Serialize};

use super::Subject;

/// `POST /api/v1/policies/vocabulary`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AskVocabulary {
    /// The set whose names they are.
    pub subject: Subject,
}

/// The names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Vocabulary {
    /// The set whose names they are.
    pub policy_set: Digest,
    /// The actions that can be asked.
    pub actions: Vec<ActionName>,
    /// The environments.
    pub environments: Vec<String>,
    /// Principals that are known here; none for who may not see the accounts.
    pub principals: Vec<PrincipalName>,
    /// Their teams.
    pub teams: Vec<String>,
    /// Pipelines that are restricted; none for who may not see pipelines.
    pub pipelines: Vec<String>,
    /// Whether one of these lists has more than 1,000 and was cut.
    pub cut: bool,
}

/// An action with what it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct ActionName {
    /// For example `pipelines:execute`.
    pub name: String,
    /// The scope that it needs.
    pub scope: String,
    /// The kinds of principal that can ask for it.
    pub principals: Vec<PrincipalKind>,
    /// The kinds of resource, as they stand before the colon.
    pub resources: Vec<String>,
}

/// A principal that is known here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct PrincipalName {
    /// `user:…` or `service_account:…`.
    pub principal: String,
    /// What it is called.
    pub name: String,
}
