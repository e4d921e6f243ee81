//! What takes a while: replay and comparison. They answer as JSON Lines (`application/x-ndjson`), one [`Step`] a line:
//! progress, then the report or a problem. Closing the connection ends the work.

use domain::Instant;
use domain::policy::Progress;
use serde::{Deserialize, Serialize};

use super::Subject;

/// `POST /api/v1/policies/replay`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Replay {
    /// The set that is asked again; the set in force, with another grant, if `grant` is given.
    pub subject: Subject,
    /// Only decisions since then.
    pub from: Option<Instant>,
    /// Only decisions before.
    pub until: Option<Instant>,
    /// Asks as if a principal held this and nothing more.
    pub grant: Option<NarrowerGrant>,
}

/// What a principal would hold instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NarrowerGrant {
    /// `service_account:…` or `user:…`.
    pub principal: String,
    /// Its scopes.
    pub scopes: Vec<String>,
    /// Its workspaces; as they were, if absent.
    #[serde(default)]
    pub workspaces: Option<Vec<String>>,
}

/// `POST /api/v1/policies/compare`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Compare {
    /// What is held against the set in force.
    pub subject: Subject,
}

/// A line of a long answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[schemars(rename = "{T}Step")]
#[serde(rename_all = "snake_case")]
pub enum Step<T> {
    /// It goes on.
    Progress(Progress),
    /// It is done; the last line.
    Report(Box<T>),
    /// It failed; the last line.
    Failed(String),
}
