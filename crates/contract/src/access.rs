//! People, service accounts and their credentials.

use domain::Instant;
use domain::account::AccountName;
use domain::id::{CredentialId, SessionId, UserId};
use domain::principal::Principal;
use domain::scope::Scopes;
use serde::{Deserialize, Serialize};

/// Who the caller is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
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
    #[schemars(with = "Scopes")]
    pub scopes: Vec<String>,
}

/// A service account with its credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct ServiceAccount {
    /// Its name and id.
    pub name: AccountName,
    /// What it is for.
    pub description: String,
    /// The team that answers for it.
    pub team: String,
    /// The person it belongs to, if one.
    pub owner: Option<UserId>,
    /// What it may do.
    pub scopes: Scopes,
    /// Where it may act.
    pub workspaces: Vec<String>,
    /// Whether its credentials authenticate.
    pub active: bool,
    /// Whether it came with the samples.
    pub sample: bool,
    /// Since when.
    pub created_at: Instant,
    /// Its credentials, newest first.
    pub credentials: Vec<Credential>,
}

/// A credential, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Credential {
    /// Its id.
    pub id: CredentialId,
    /// Whose.
    pub account: AccountName,
    /// What it is for.
    pub label: String,
    /// What it reaches, at most.
    pub scopes: Scopes,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Instant,
    /// Until when.
    pub expires_at: Instant,
    /// When it was ended.
    pub revoked_at: Option<Instant>,
    /// When it was last used.
    pub last_used_at: Option<Instant>,
}

/// `POST /api/v1/auth/service-tokens`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateServiceToken {
    /// For which account.
    pub account: String,
    /// What for, one line.
    pub label: String,
    /// What it reaches; all that the account has, if absent.
    #[serde(default)]
    #[schemars(with = "Option<Scopes>")]
    pub scopes: Option<Vec<String>>,
    /// How long it lives, in seconds; 30 days, if absent.
    #[serde(default)]
    pub expires_in_seconds: Option<u32>,
}

/// A fresh secret: the one type that carries one. It is shown once and cannot be asked for again.
#[derive(Clone, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct FreshSecret {
    /// What it belongs to: a credential's id, or a user's.
    pub id: String,
    /// The secret.
    pub secret: String,
    /// What to do with it.
    pub message: String,
    /// Until when it works.
    pub expires_at: Option<Instant>,
}

impl std::fmt::Debug for FreshSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FreshSecret({})", self.id)
    }
}

/// A credential that was ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Revoked {
    /// Which.
    pub id: CredentialId,
}
