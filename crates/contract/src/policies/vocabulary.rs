//! The names that questions can have, for forms and for completion.

use domain::Digest;
use domain::policy::vocabulary::Outline;
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
    /// Its actions, environments, types and groups.
    pub outline: Outline,
    /// Principals that are known here; none for who may not see the accounts.
    pub principals: Vec<PrincipalName>,
    /// Their teams.
    pub teams: Vec<String>,
    /// Pipelines that are restricted; none for who may not see pipelines.
    pub pipelines: Vec<String>,
    /// Whether one of these lists has more than 1,000 and was cut.
    pub cut: bool,
}

/// A principal that is known here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct PrincipalName {
    /// `user:…` or `service_account:…`.
    pub principal: String,
    /// What it is called.
    pub name: String,
}
