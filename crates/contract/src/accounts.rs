//! Making and changing service accounts, and what becomes of people.

use domain::Instant;
use domain::scope::Scopes;
use serde::{Deserialize, Serialize};

use crate::access::ServiceAccount;
use crate::policies::NarrowerGrant;

/// `POST /api/v1/auth/service-accounts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAccount {
    /// Its name: 1 to 63 lower-case letters, digits and inner hyphens; or a title, from which the name is made.
    pub name: String,
    /// What it is for, one line.
    #[serde(default)]
    pub description: String,
    /// What it may do; nothing beyond what the caller may.
    #[schemars(with = "Scopes")]
    #[serde(alias = "permissions")]
    pub scopes: Vec<String>,
    /// Where its credentials may be used from, as networks; anywhere, if empty.
    #[serde(default, alias = "ipWhitelist", alias = "ip_allowlist")]
    pub networks: Vec<String>,
    /// Where it may act; everywhere, if empty.
    #[serde(default, alias = "workspace_ids")]
    pub workspaces: Vec<String>,
    /// The team that answers for it; the caller's first, if absent.
    pub team: Option<String>,
    /// When its credentials stop authenticating.
    #[serde(alias = "expiresAt")]
    pub expires_at: Option<Instant>,
    /// Whether an API key is made with it, which needs the scope `admin:tokens:write`.
    #[serde(default = "yes")]
    pub issue_key: bool,
}

/// `PUT /api/v1/auth/service-accounts/{name}`: all that can be changed of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceAccount {
    /// How people call it.
    #[serde(default)]
    pub title: String,
    /// What it is for, one line.
    #[serde(default)]
    pub description: String,
    /// The team that answers for it; as it was, if absent.
    pub team: Option<String>,
    /// What it may do; nothing more than before that the caller may not.
    #[schemars(with = "Scopes")]
    #[serde(alias = "permissions")]
    pub scopes: Vec<String>,
    /// Where it may act; everywhere, if empty.
    #[serde(alias = "workspace_ids")]
    pub workspaces: Vec<String>,
    /// Where its credentials may be used from, as networks; anywhere, if empty.
    #[serde(alias = "ipWhitelist", alias = "ip_allowlist")]
    pub networks: Vec<String>,
    /// Accounts that may act on what belongs to this one.
    pub trusts: Vec<String>,
    /// When its credentials stop authenticating; never, if absent.
    #[serde(alias = "expiresAt")]
    pub expires_at: Option<Instant>,
}

impl ReplaceAccount {
    /// The account as it is, holding no more than a narrower grant says.
    #[must_use]
    pub fn narrowed(account: &ServiceAccount, grant: &NarrowerGrant) -> Self {
        Self {
            title: account.title.clone(),
            description: account.description.clone(),
            team: Some(account.team.clone()),
            scopes: grant.scopes.clone(),
            workspaces: grant.workspaces.clone().unwrap_or_else(|| account.workspaces.clone()),
            networks: account.networks.iter().map(ToString::to_string).collect(),
            trusts: account.trusts.iter().map(ToString::to_string).collect(),
            expires_at: account.expires_at,
        }
    }
}

/// `POST …/disable` and `POST …/enable`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Because {
    /// Why, for the audit trail.
    pub reason: Option<String>,
}

/// `POST …/trust` and `POST …/untrust`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// The account that may, or may no longer, act on what belongs to this one.
    pub account: String,
}

const fn yes() -> bool {
    true
}
