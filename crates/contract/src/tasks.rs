//! Tasks: what happened after execution began.

use domain::Digest;
use domain::id::DecisionId;
pub use domain::task::{Task, TaskState};
use serde::{Deserialize, Serialize};

/// `POST /api/v1/tasks`: execution begins after the decision was `allow`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartTask {
    /// The decision that allowed it.
    pub decision: DecisionId,
}

/// `POST /api/v1/tasks/{id}/finish`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FinishTask {
    /// Exit code, if it ended by itself.
    #[serde(default)]
    pub exit_code: Option<i32>,
    /// The signal that ended it, if one did.
    #[serde(default)]
    pub signal: Option<i32>,
    /// SHA-256 of its output.
    #[serde(default)]
    pub output_digest: Option<Digest>,
}

/// The query of `GET /api/v1/tasks`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskFilter {
    /// The `next` of the page before.
    pub cursor: Option<String>,
}

/// A task that ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Finished {
    /// Which.
    pub task: domain::id::TaskId,
}
