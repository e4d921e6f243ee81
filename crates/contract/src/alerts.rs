//! Alerts and the rules that raise them.

use domain::alert::{AlertState, Rule, RuleSetting, Severity};
use serde::{Deserialize, Serialize};

/// The query of `GET /api/v1/alerts`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlertFilter {
    /// Only those in this state.
    pub state: Option<AlertState>,
    /// Only those of this rule.
    pub rule: Option<Rule>,
    /// Only those this urgent.
    pub severity: Option<Severity>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}

/// `POST /api/v1/alerts/{id}/acknowledge` and `…/resolve`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HandleAlert {
    /// What there is to say about it, for whoever looks later; at most 1000 characters.
    pub note: Option<String>,
}

/// `/api/v1/alert-rules`: all of them when they are read; those to be changed when they are put.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlertRules {
    /// The rules.
    pub rules: Vec<RuleSetting>,
}
