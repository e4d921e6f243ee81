//! Tasks: what happened after execution began. A task never stands for an approval.

use serde::{Deserialize, Serialize};

use crate::Digest;
use crate::budget::UseNumber;
use crate::id::{DecisionId, TaskId, TicketId};
use crate::principal::Principal;
use crate::time::Instant;

/// How a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// It was started and nothing more is known.
    Running,
    /// It ended with exit code 0.
    Succeeded,
    /// It ended otherwise.
    Failed,
    /// It should have ended and has not said so.
    Unknown,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// The ticket that was spent, if one was.
    pub ticket: Option<TicketId>,
    /// Which use of the ticket, if that is a standing approval.
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    pub use_number: Option<UseNumber>,
    /// The decision that let it run.
    pub decision: DecisionId,
    /// Who runs it.
    pub principal: Principal,
    /// Where.
    pub env: String,
    /// What.
    pub action: String,
    /// Since when.
    pub started_at: Instant,
    /// Until when it should have ended.
    pub deadline: Option<Instant>,
    /// How it stands.
    pub state: TaskState,
    /// Its exit code, if it ended by itself.
    pub exit_code: Option<i32>,
    /// The signal that ended it, if one did.
    pub signal: Option<i32>,
    /// When it ended.
    pub finished_at: Option<Instant>,
    /// SHA-256 of its output, if the runner kept one.
    pub output_digest: Option<Digest>,
}

/// How execution ended, as its runner tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Exit code, if it ended by itself.
    pub exit_code: Option<i32>,
    /// The signal that ended it, if one did.
    pub signal: Option<i32>,
    /// SHA-256 of its output, if the runner kept one.
    pub output_digest: Option<Digest>,
}

/// Why a task does not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the task has ended already")]
pub struct AlreadyEnded;

impl Task {
    /// Records its end. A task whose runner was thought lost may still tell how it ended.
    pub fn finish(mut self, ending: Ending, now: Instant) -> Result<Self, AlreadyEnded> {
        if !matches!(self.state, TaskState::Running | TaskState::Unknown) {
            return Err(AlreadyEnded);
        }
        self.state = if ending.exit_code == Some(0) { TaskState::Succeeded } else { TaskState::Failed };
        self.exit_code = ending.exit_code;
        self.signal = ending.signal;
        self.output_digest = ending.output_digest;
        self.finished_at = Some(now);
        Ok(self)
    }

    /// The task as it is at `now`: past its deadline without a word, nobody knows.
    #[must_use]
    pub fn at(mut self, now: Instant) -> Self {
        if self.state == TaskState::Running && self.deadline.is_some_and(|deadline| !now.is_before(deadline)) {
            self.state = TaskState::Unknown;
        }
        self
    }
}
