//! What the engine answers.

use domain::Digest;
use domain::outcome::{Outcome, Reason, Requirement};
use serde::{Deserialize, Serialize};

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// What may happen.
    pub outcome: Outcome,
    /// On what ground: the stable code of the answer.
    pub ground: Ground,
    /// The policies that determined it, in the order of the text; empty if no policy permits.
    pub reasons: Vec<Reason>,
    /// What an approval needs: present when the outcome is `require_approval`, and only then.
    pub requirement: Option<Requirement>,
    /// Policies that could not be evaluated, in the order of the text.
    pub errors: Vec<EvaluationError>,
    /// The policy set that answered.
    pub policy_set: Digest,
}

/// On what ground an answer stands; the later, the stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// A permit applies and nothing stands against it.
    Permitted,
    /// A guard stands that an approval would lift.
    ApprovalNeeded,
    /// No permit applies.
    NotPermitted,
    /// A forbid could not be evaluated, and so counts as forbidding.
    ForbidFailed,
    /// A forbid applies.
    Forbidden,
    /// A validation plugin denies it. The host says so, never the engine.
    PluginDenied,
    /// A validation plugin could not say that it has nothing against it. The host says so, never the engine.
    PluginFailed,
}

/// A policy that could not be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationError {
    /// Its `@id`.
    pub policy: String,
    /// What went wrong.
    pub message: String,
}

/// Whether somebody may review a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewAnswer {
    /// Whether they may.
    pub allowed: bool,
    /// On what ground.
    pub ground: Ground,
    /// The policies that determined it, in the order of the text; empty if no policy permits.
    pub reasons: Vec<Reason>,
    /// Policies that could not be evaluated, in the order of the text.
    pub errors: Vec<EvaluationError>,
    /// The policy set that answered.
    pub policy_set: Digest,
}

/// A policy as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyInfo {
    /// Its `@id`.
    pub id: String,
    /// Its `@title`, or its id.
    pub title: String,
    /// Its `@description`.
    pub description: Option<String>,
    /// What it does.
    pub effect: Effect,
    /// What a guard's approval needs, with defaults filled in; present for guards only.
    pub requirement: Option<Requirement>,
    /// The line that it begins on, from 1.
    pub line: u32,
    /// Its text, from its first annotation on.
    pub text: String,
}

/// What a policy does when it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Makes something possible.
    Permit,
    /// Forbids it, whatever permits say.
    Forbid,
    /// Forbids it until it is approved.
    Guard,
}

impl Ground {
    /// The outcome that it means.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Permitted => Outcome::Allow,
            Self::ApprovalNeeded => Outcome::RequireApproval,
            Self::NotPermitted | Self::ForbidFailed | Self::Forbidden | Self::PluginDenied | Self::PluginFailed => {
                Outcome::Deny
            }
        }
    }

    /// The stable code: `permitted`, `approval_needed`, `not_permitted`, `forbid_failed`, `forbidden`, `plugin_denied`, `plugin_failed`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Permitted => "permitted",
            Self::ApprovalNeeded => "approval_needed",
            Self::NotPermitted => "not_permitted",
            Self::ForbidFailed => "forbid_failed",
            Self::Forbidden => "forbidden",
            Self::PluginDenied => "plugin_denied",
            Self::PluginFailed => "plugin_failed",
        }
    }

    /// What it means, as one sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Permitted => "a policy permits it and none forbids it",
            Self::ApprovalNeeded => "it needs an approval",
            Self::NotPermitted => "no policy permits it",
            Self::ForbidFailed => "a policy that could forbid it cannot be evaluated",
            Self::Forbidden => "a policy forbids it",
            Self::PluginDenied => "a validation plugin denies it",
            Self::PluginFailed => "a validation plugin failed, which denies it",
        }
    }
}
