//! What an account was given, held against what it used: least privilege as far as the audit trail can tell.

use domain::Instant;
use domain::account::AccountName;
use domain::id::CredentialId;
use domain::scope::Scopes;
use serde::{Deserialize, Serialize};

use crate::policies::NarrowerGrant;

/// The query of `GET /api/v1/auth/service-accounts/{name}/usage`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UsageFilter {
    /// How far back, 1 to 366; 90 if absent.
    pub days: Option<u32>,
}

/// What an account used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct AccountUsage {
    /// The account.
    pub account: AccountName,
    /// Since when its trail was looked at: so many days ago, or since it was made.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
    /// Whether all of that can be read; otherwise nothing is told to be unused.
    pub complete: bool,
    /// How many decisions it asked for.
    pub decisions: u32,
    /// Each scope that it was given.
    pub scopes: Vec<ScopeUse>,
    /// The resources that it asked about, at most 200, and all pipelines that let it by name; most often first.
    pub resources: Vec<ReachUse>,
    /// The environments, most often first.
    pub environments: Vec<Used>,
    /// The workspaces that it was let act in and those that it is bound to, most often first.
    pub workspaces: Vec<ReachUse>,
    /// Its credentials that still work, newest first.
    pub credentials: Vec<CredentialUse>,
    /// A narrower grant, if one would do for all that it used.
    pub proposal: Option<UsageProposal>,
}

/// A scope that was given, and its use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct ScopeUse {
    /// As it was given.
    pub scope: String,
    /// Whether it was used.
    pub use_of: UseStanding,
    /// How often.
    pub times: u32,
    /// When last.
    pub last_used_at: Option<Instant>,
    /// The same in words.
    pub sentence: String,
}

/// A resource or a workspace that is granted by name, or was used, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct ReachUse {
    /// A resource as `kind:name`, or a workspace.
    pub name: String,
    /// Whether it is granted by this very name: the pipeline names the account, or the account is bound to the workspace.
    pub granted: bool,
    /// Whether it was used.
    pub use_of: UseStanding,
    /// How often.
    pub times: u32,
    /// When last.
    pub last_used_at: Option<Instant>,
}

/// Whether something that is granted was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UseStanding {
    /// It was.
    Used,
    /// It was not: its use would have left an entry.
    Unused,
    /// Nobody can tell: its use leaves no entry, or entries cannot be read.
    Unknown,
}

/// Something that was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Used {
    /// What.
    pub name: String,
    /// How often.
    pub times: u32,
    /// When last.
    pub last_used_at: Instant,
}

/// A credential of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct CredentialUse {
    /// Its id.
    pub id: CredentialId,
    /// Its identifier.
    pub identifier: String,
    /// What it is for.
    pub label: String,
    /// What it gives, of what the account has.
    pub scopes: Scopes,
    /// When it was last used.
    pub last_used_at: Option<Instant>,
    /// Whether it never was.
    pub never_used: bool,
}

/// What would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct UsageProposal {
    /// What the account would hold; fit for a replay, and for `PUT /api/v1/auth/service-accounts/{name}`.
    pub grant: NarrowerGrant,
    /// The scopes that it takes away.
    pub removes: Vec<String>,
    /// Why, a sentence for each thing that it takes away.
    pub because: Vec<String>,
}
