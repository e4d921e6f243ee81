//! Many decisions at once.

use domain::binding::Action;
use serde::{Deserialize, Serialize};

use crate::Problem;
use crate::approvals::Decision;

/// `POST /api/v1/authz/decisions/batch`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideBatch {
    /// 1 to 100 actions. One that has the right form and cannot be asked has a problem of its own.
    pub actions: Vec<Action>,
}

/// What came of them, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct BatchAnswers {
    /// One for each.
    pub answers: Vec<BatchAnswer>,
}

/// What came of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchAnswer {
    /// The answer.
    Decision(Decision),
    /// It could not be asked.
    Problem(Box<Problem>),
}
