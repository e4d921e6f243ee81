//! What the policy engine answers, as the rest of the product keeps it: outcome, reasons, requirement.
//!
//! The engine itself is in the `policy` crate; a ticket carries the requirement that it was opened under.

use serde::{Deserialize, Serialize};

use crate::budget::Budget;

/// The three answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It may run.
    Allow,
    /// It may not run.
    Deny,
    /// It may run once the requirement is met.
    RequireApproval,
}

impl Outcome {
    /// The stable name: `allow`, `deny`, `require_approval`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::RequireApproval => "require_approval",
        }
    }
}

/// What an approval needs: the strictest of the guards that stand.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// How many distinct people must approve; at least 1.
    pub quorum: u32,
    /// Groups of which each must be met by at least one approver, sorted.
    pub groups: Vec<String>,
    /// How old an approver's authentication may be, in seconds.
    pub step_up_seconds: u32,
    /// How long the ticket may wait for reviews, in seconds.
    pub approval_ttl_seconds: u32,
    /// How long an approved ticket may wait for execution, in seconds.
    pub execution_ttl_seconds: u32,
    /// How long the execution itself may take, in seconds, if limited.
    pub max_duration_seconds: Option<u32>,
    /// The largest budget that may be asked for; absent: it is approved for one use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Budget>,
}

/// A policy that determined an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The policy's `@id`.
    pub policy: String,
    /// The policy's `@title`, or its id.
    pub title: String,
    /// What it means here, as one sentence.
    pub sentence: String,
}
