//! Service tokens and API keys, and the one type that carries a fresh secret.

use domain::Instant;
use domain::credential::{CredentialKind, CredentialState};
use domain::id::{CredentialId, UserId};
use domain::network::Network;
use domain::principal::Principal;
use domain::scope::Scopes;
use serde::{Deserialize, Serialize};

use crate::access::ServiceAccount;

/// A credential, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Credential {
    /// Its id.
    pub id: CredentialId,
    /// Its kind.
    pub kind: CredentialKind,
    /// The name that it is managed by.
    pub identifier: String,
    /// Whose.
    pub holder: Principal,
    /// What it is for.
    pub label: String,
    /// What it reaches, at most.
    pub scopes: Scopes,
    /// Where it may act; empty means wherever its holder may.
    pub workspaces: Vec<String>,
    /// Where it may be used from; empty means anywhere its holder may be.
    pub networks: Vec<Network>,
    /// How it stands.
    pub state: CredentialState,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Instant,
    /// Until when.
    pub expires_at: Instant,
    /// The first of those that replaced each other.
    pub family: CredentialId,
    /// The one that it replaces.
    pub rotated_from: Option<CredentialId>,
    /// The one that replaces it.
    pub rotated_to: Option<CredentialId>,
    /// When it was replaced.
    pub rotated_at: Option<Instant>,
    /// When it was ended.
    pub revoked_at: Option<Instant>,
    /// Why.
    pub revocation_reason: Option<String>,
    /// When it was last used; seconds behind.
    pub last_used_at: Option<Instant>,
    /// How often it was used; seconds behind.
    #[specta(type = u32)]
    pub use_count: u64,
}

impl Credential {
    /// The credential as it stands at that instant.
    #[must_use]
    pub fn of(known: domain::credential::Credential, now: Instant) -> Self {
        Self {
            state: known.state(now),
            id: known.id,
            kind: known.kind,
            identifier: known.identifier,
            holder: known.holder,
            label: known.label,
            scopes: known.scopes,
            workspaces: known.workspaces,
            networks: known.networks,
            created_by: known.created_by,
            created_at: known.created_at,
            expires_at: known.expires_at,
            family: known.family,
            rotated_from: known.rotated_from,
            rotated_to: known.rotated_to,
            rotated_at: known.rotated_at,
            revoked_at: known.revoked_at,
            revocation_reason: known.revocation_reason,
            last_used_at: known.last_used_at,
            use_count: known.use_count,
        }
    }
}

/// `POST /api/v1/auth/service-tokens`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CreateServiceToken {
    /// For which account; for one of its own that is made with it, if absent.
    pub account: Option<String>,
    /// The name to manage it by; drawn, if absent.
    pub identifier: Option<String>,
    /// What for, one line.
    pub label: String,
    /// What it reaches; all that the account has, if absent.
    #[schemars(with = "Option<Scopes>")]
    pub scopes: Option<Vec<String>>,
    /// Where it may act; wherever the account may, if empty.
    #[serde(alias = "workspace_ids")]
    pub workspaces: Vec<String>,
    /// Where it may be used from, as networks; anywhere the account may be, if empty.
    pub networks: Vec<String>,
    /// How long it lives, in seconds; as long as the operator set, if absent.
    pub expires_in_seconds: Option<u32>,
}

/// `POST /api/v1/auth/api-keys`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CreateApiKey {
    /// What for, one line.
    pub name: String,
    /// For which service account; for the caller, if absent.
    pub account: Option<String>,
    /// The name to manage it by; drawn, if absent.
    pub identifier: Option<String>,
    /// What it reaches; all that its holder has, if absent.
    #[schemars(with = "Option<Scopes>")]
    #[serde(alias = "permissions")]
    pub scopes: Option<Vec<String>>,
    /// Where it may act; wherever its holder may, if empty.
    #[serde(alias = "workspace_ids")]
    pub workspaces: Vec<String>,
    /// Where it may be used from, as networks; anywhere its holder may be, if empty.
    #[serde(alias = "ipWhitelist", alias = "ip_allowlist")]
    pub networks: Vec<String>,
    /// When it ends.
    #[serde(alias = "expiresAt")]
    pub expires_at: Option<Instant>,
    /// How long it lives, in seconds; as long as the operator set, if absent too.
    pub expires_in_seconds: Option<u32>,
}

/// `POST …/rotate`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RotateCredential {
    /// How long the old one goes on, in seconds; 300, if absent; 0 ends it at once.
    pub overlap_seconds: Option<u32>,
    /// How long the new one lives, in seconds; as long as the old one would have, if absent.
    pub expires_in_seconds: Option<u32>,
    /// What the new one reaches; what the old one does, if absent.
    #[schemars(with = "Option<Scopes>")]
    pub scopes: Option<Vec<String>>,
}

/// `POST …/revoke`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RevokeCredential {
    /// Why, for the audit trail and for whoever looks at the credential.
    pub reason: Option<String>,
    /// Whether all that replaced each other end with it.
    pub family: bool,
}

/// What ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct RevokedCredentials {
    /// Those that had not ended before.
    pub revoked: Vec<CredentialId>,
}

/// A fresh secret: the one type that carries one. It is shown once and cannot be asked for again.
#[derive(Clone, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct FreshSecret {
    /// What it belongs to: a credential's id, or a user's; an account's name, if it is not a secret's.
    pub id: String,
    /// The secret; empty if none was asked for.
    pub secret: String,
    /// What to do with it.
    pub message: String,
    /// Until when it works.
    pub expires_at: Option<Instant>,
    /// The credential, if it is one.
    pub credential: Option<Credential>,
    /// The service account that was made with it, if one was.
    pub account: Option<ServiceAccount>,
}

impl std::fmt::Debug for FreshSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FreshSecret({})", self.id)
    }
}
