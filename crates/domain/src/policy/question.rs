//! What the engine is asked. A question is complete: its JSON is what a decision entry records, and all that a replay
//! needs beside the policy set.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::Instant;

/// The action of bringing a policy set into force.
pub const PUBLISH: &str = "policies:publish";

/// The action of reviewing a ticket.
pub const APPROVE: &str = "approve";

/// The scope that an action needs: that of its own name, but for publishing and reviewing.
#[must_use]
pub fn scope_of(action: &str) -> &str {
    match action {
        PUBLISH => "policies:write",
        APPROVE => "approvals:review",
        action => action,
    }
}

/// May this principal do this action to these resources, in this environment, now?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Who asks.
    pub principal: Principal,
    /// For example `pipelines:execute`.
    pub action: String,
    /// Each as `kind:name`, for example `pipeline:billing/nightly`; at least one.
    pub resources: Vec<String>,
    /// For example `prod`.
    pub env: String,
    /// What the client says about the request.
    #[serde(default)]
    pub context: Declared,
    /// The clock that counts.
    pub now: Instant,
    /// An approval granted for exactly this request. Only the host builds it; never taken from a client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// What the host knows of the resources, by their text. Never taken from a client.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub known: BTreeMap<String, KnownResource>,
}

/// What restricts a resource, as the control plane has it. A resource of which nothing is known has no entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KnownResource {
    /// The service accounts that may run it; none, if the list is empty; any that otherwise may, if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_accounts: Option<Vec<String>>,
    /// How long it may run, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_duration_seconds: Option<u32>,
    /// The account that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The accounts that its owner trusts to act on it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trusted: Vec<String>,
    /// The workspace that it is in, where that is not the first part of its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// Of a policy set: whether it was found to allow something that the set in force does not. Absent if nobody looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub widens: Option<bool>,
}

/// Who acts, with the rights that count for this request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename = "QuestionPrincipal")]
pub struct Principal {
    /// Person or program.
    pub kind: PrincipalKind,
    /// Unique among its kind, for ever: `usr_01HZ…` or `billing-ci`.
    pub id: String,
    /// How it is called; no policy reads it.
    pub name: String,
    /// Teams it belongs to.
    pub teams: Vec<String>,
    /// What its credential and its owner both allow now.
    pub scopes: Vec<String>,
    /// Where it may act; empty means everywhere.
    pub workspaces: Vec<String>,
    /// The person that it belongs to, as `user:…`, if it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// The kinds of principal.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, specta::Type, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PrincipalKind {
    /// A person.
    User,
    /// A program.
    ServiceAccount,
}

/// What the client declares about its request; what it does not say stays absent. `ip` and `known_network` are what the
/// control plane saw, and never taken from a client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename = "QuestionContext")]
pub struct Declared {
    /// Where the work runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_mode: Option<ExecutionMode>,
    /// What started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_context: Option<ExecutionContext>,
    /// Where the request came from: an IPv4 or IPv6 address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// Whether that is in a network that its account names; absent if it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_network: Option<bool>,
    /// Asked for as an emergency, with why, in 1 to 500 characters; policy says what that changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<String>,
}

/// Where the work runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExecutionMode {
    /// On the machine that asks.
    Local,
    /// Partly there.
    Hybrid,
    /// Elsewhere.
    Remote,
}

/// What started the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExecutionContext {
    /// A person at a terminal.
    Cli,
    /// A schedule or a build.
    Automated,
    /// A call from another system.
    Remote,
}

/// A granted approval. For whom and for what it was granted the engine fills in from the question that carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename = "QuestionApproval")]
pub struct Approval {
    /// Distinct people who agreed and count, by reviews whose signatures were verified.
    pub approvers: u32,
    /// Groups that are represented among them.
    pub groups: Vec<String>,
    /// When the quorum was reached.
    pub granted_at: Instant,
    /// Until when it may be used.
    pub expires_at: Instant,
    /// The ticket that it is of, `tkt_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

/// Who would review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reviewer {
    /// The principal, with the rights that count for this request.
    pub principal: Principal,
    /// The clock that counts.
    pub now: Instant,
}

/// What policy may know of a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketFacts {
    /// Its id, `tkt_01HZ…`.
    pub id: String,
    /// Who asked: `user:usr_01HZ…` or `service_account:billing-ci`.
    pub requester: String,
    /// For whom it asked, and who owns the account that asked, in the same form.
    pub on_behalf_of: Vec<String>,
    /// What would be done.
    pub action: String,
    /// To what.
    pub resources: Vec<String>,
    /// Where.
    pub env: String,
}

impl Question {
    /// How long what is asked for may run by its resources: the shortest of their limits, in seconds.
    #[must_use]
    pub fn max_duration_seconds(&self) -> Option<u32> {
        self.known.values().filter_map(|known| known.max_duration_seconds).min()
    }
}

impl Declared {
    /// Whether the client said nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Principal {
    /// As tickets and policies write it: `user:usr_01HZ…` or `service_account:billing-ci`.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("{}:{}", self.kind.name(), self.id)
    }
}

impl PrincipalKind {
    /// The stable name: `user`, `service_account`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ServiceAccount => "service_account",
        }
    }
}

impl ExecutionMode {
    /// The stable name: `local`, `hybrid`, `remote`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Hybrid => "hybrid",
            Self::Remote => "remote",
        }
    }
}

impl ExecutionContext {
    /// The stable name: `cli`, `automated`, `remote`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cli => "cli",
            Self::Automated => "automated",
            Self::Remote => "remote",
        }
    }
}
