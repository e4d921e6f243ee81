//! Status surfaces: whether things work, never what they hold.

use std::collections::BTreeMap;

use domain::Instant;
use serde::{Deserialize, Serialize};

/// How a part stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// It is there but not set up yet.
    Placeholder,
    /// It works.
    Ready,
    /// It works in part; the reasons say how.
    Degraded,
}

/// `GET /api/v1/authn/status` and `/authz/status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Status {
    /// How it stands.
    pub status: Health,
    /// Why it is not `ready`.
    pub reasons: Vec<String>,
}

/// `GET /readyz`: 200 if everything holds, 503 if not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Readiness {
    /// `ready` or `degraded`.
    pub status: Health,
    /// What was looked at, by name.
    pub checks: BTreeMap<String, Check>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Check {
    /// Whether it holds.
    pub ok: bool,
    /// Why it does not.
    pub reason: Option<String>,
}

/// `GET /api/v1/system/info`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct SystemInfo {
    /// `countersign`.
    pub name: String,
    /// Of the control plane.
    pub version: String,
    /// How it stands as a whole.
    pub status: Health,
    /// Why it is not `ready`.
    pub reasons: Vec<String>,
    /// The control plane's clock.
    pub now: Instant,
    /// The name of its ledger.
    pub ledger_origin: String,
}

/// A message on `GET /api/v1/events`: something changed, ask for it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Changed {
    /// The audit kind, for example `ticket.opened`.
    pub kind: String,
    /// The id of what changed, if there is one.
    pub about: Option<String>,
}
