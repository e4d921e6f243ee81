//! How far an approval is: people and groups, each person once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::outcome::Requirement;

/// One group that must be met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupProgress {
    /// Its name.
    pub group: String,
    /// Whether one of the approvers belongs to it.
    pub met: bool,
}

/// Approvals had and needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// Distinct people who approved.
    pub approved: u32,
    /// Distinct people needed.
    pub quorum: u32,
    /// The groups, in the requirement's order.
    pub groups: Vec<GroupProgress>,
    /// Whether nothing is missing.
    pub met: bool,
}

impl Progress {
    /// Counts approvers against a requirement.
    pub fn of<'a>(requirement: &Requirement, approvers: impl Iterator<Item = (UserId, &'a [String])>) -> Self {
        let people: BTreeMap<UserId, &[String]> = approvers.collect();
        let approved = u32::try_from(people.len()).unwrap_or(u32::MAX);
        let groups: Vec<_> = requirement
            .groups
            .iter()
            .map(|group| GroupProgress { group: group.clone(), met: people.values().any(|of| of.contains(group)) })
            .collect();
        // A requirement of nobody is not met by nobody: an approval always has an approver.
        let quorum = requirement.quorum.max(1);
        let met = approved >= quorum && groups.iter().all(|group| group.met);
        Self { approved, quorum, groups, met }
    }
}
