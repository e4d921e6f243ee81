//! People, service accounts and their credentials.

use domain::Instant;
use domain::account::AccountName;
use domain::credential::{CredentialKind, CredentialState};
use domain::id::{CredentialId, SessionId, UserId};
use domain::network::Network;
use domain::principal::Principal;
use domain::scope::Scopes;
use serde::{Deserialize, Serialize};

/// Who the caller is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct WhoAmI {
    /// The principal.
    pub principal: Principal,
    /// What they are called.
    pub name: String,
    /// Their e-mail address, if a person.
    pub email: Option<String>,
    /// Their teams.
    pub teams: Vec<String>,
    /// What this credential reaches, now.
    pub scopes: Scopes,
    /// When the person last authenticated.
    pub authenticated_at: Option<Instant>,
    /// The session, if there is one.
    pub session: Option<SessionId>,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their e-mail address.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Their teams.
    pub teams: Vec<String>,
    /// What they may do.
    pub scopes: Scopes,
    /// Whether they can sign in.
    pub active: bool,
    /// Whether they have a key on the roster.
    pub on_roster: bool,
    /// Since when.
    pub created_at: Instant,
}

/// `POST /api/v1/users`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(deny_unknown_fields)]
pub struct CreateUser {
    /// What they sign in with.
    pub email: String,
    /// How they are called.
    pub name: String,
    /// Their teams.
    #[serde(default)]
    pub teams: Vec<String>,
    /// What they may do; nothing beyond what the caller may.
    pub scopes: Vec<String>,
}

/// A service account with its credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct ServiceAccount {
    /// Its name and id.
    pub name: AccountName,
    /// How people call it; empty if they use its name.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// The team that answers for it.
    pub team: String,
    /// The person it belongs to, if one.
    pub owner: Option<UserId>,
    /// What it may do.
    pub scopes: Scopes,
    /// Where it may act; empty means everywhere.
    pub workspaces: Vec<String>,
    /// Where its credentials may be used from; empty means anywhere.
    pub networks: Vec<Network>,
    /// Accounts that may act on what belongs to this one.
    pub trusts: Vec<AccountName>,
    /// When its credentials stop authenticating.
    pub expires_at: Option<Instant>,
    /// Whether its credentials authenticate.
    pub active: bool,
    /// Whether it came with the samples.
    pub sample: bool,
    /// Since when.
    pub created_at: Instant,
    /// Its credentials, newest first.
    pub credentials: Vec<Credential>,
}

impl ServiceAccount {
    /// The account with its credentials as they stand at that instant.
    #[must_use]
    pub fn of(
        account: domain::account::ServiceAccount,
        credentials: Vec<domain::credential::Credential>,
        now: Instant,
    ) -> Self {
        Self {
            name: account.name,
            title: account.title,
            description: account.description,
            team: account.team,
            owner: account.owner,
            scopes: account.scopes,
            workspaces: account.workspaces,
            networks: account.networks,
            trusts: account.trusts,
            expires_at: account.expires_at,
            active: account.active,
            sample: account.sample,
            created_at: account.created_at,
            credentials: credentials.into_iter().map(|credential| Credential::of(credential, now)).collect(),
        }
    }
}

/// A credential, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(deny_unknown_fields, default)]
pub struct CreateServiceToken {
    /// For which account; for one of its own that is made with it, if absent.
    pub account: Option<String>,
    /// The name to manage it by; drawn, if absent.
    pub identifier: Option<String>,
    /// What for, one line.
    pub label: String,
    /// What it reaches; all that the account has, if absent.
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(deny_unknown_fields, default)]
pub struct CreateApiKey {
    /// What for, one line.
    pub name: String,
    /// For which service account; for the caller, if absent.
    pub account: Option<String>,
    /// The name to manage it by; drawn, if absent.
    pub identifier: Option<String>,
    /// What it reaches; all that its holder has, if absent.
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(deny_unknown_fields, default)]
pub struct RotateCredential {
    /// How long the old one goes on, in seconds; 300, if absent; 0 ends it at once.
    pub overlap_seconds: Option<u32>,
    /// How long the new one lives, in seconds; as long as the old one would have, if absent.
    pub expires_in_seconds: Option<u32>,
    /// What the new one reaches; what the old one does, if absent.
    pub scopes: Option<Vec<String>>,
}

/// `POST …/revoke`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(deny_unknown_fields, default)]
pub struct RevokeCredential {
    /// Why, for the audit trail and for whoever looks at the credential.
    pub reason: Option<String>,
    /// Whether all that replaced each other end with it.
    pub family: bool,
}

/// What ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct RevokedCredentials {
    /// Those that had not ended before.
    pub revoked: Vec<CredentialId>,
}

/// A scope of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct ScopeEntry {
    /// Its canonical name.
    pub name: String,
    /// What else it is called.
    pub aliases: Vec<String>,
    /// What it lets its holder do.
    pub description: String,
}

/// `POST /api/v1/scopes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(deny_unknown_fields)]
pub struct AddScope {
    /// Its name, of two parts or more: `shop:refund`.
    pub name: String,
    /// What it lets its holder do.
    pub description: String,
}

/// A fresh secret: the one type that carries one. It is shown once and cannot be asked for again.
#[derive(Clone, Serialize, Deserialize, specta::Type)]
pub struct FreshSecret {
    /// What it belongs to: a credential's id, or a user's.
    pub id: String,
    /// The secret.
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
