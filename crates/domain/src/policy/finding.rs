//! What is odd about a policy that compiles: a lint, found by reading, or proved over every possible request.

use serde::{Deserialize, Serialize};

/// Something that whoever publishes the set should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Finding {
    /// The `@id` of the policy.
    pub policy: String,
    /// What.
    pub kind: FindingKind,
    /// The line that the policy begins on, from 1.
    pub line: u32,
    /// What it means, as one sentence.
    pub sentence: String,
    /// Whether a solver proved it; otherwise it was seen in the text.
    pub proved: bool,
    /// Whether the set should not be published with it.
    pub grave: bool,
}

/// The kinds of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// No request matches it.
    NeverMatches,
    /// Every request that its scope takes matches it.
    AlwaysMatches,
    /// Some request makes its evaluation fail.
    CanFail,
    /// A guard that fewer approvers lift than it says.
    LiftedByFewer,
    /// A guard that as many approvers as it says do not lift.
    NotLifted,
    /// Nothing in its scope or its condition narrows principal, action or resource, so that it is evaluated for every request.
    Unscoped,
    /// Another policy does all that it does.
    Redundant,
    /// No scope of the catalogue has the name of this action, so that `context.scope` never fits.
    UnknownScope,
}
