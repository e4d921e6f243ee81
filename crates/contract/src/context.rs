//! Who a request comes from, told to whoever sent it; and logging in with a password.

use domain::Instant;
use domain::principal::Principal;
use domain::scope::Scopes;
use serde::{Deserialize, Serialize};

/// `POST /api/v1/auth/login`.
#[derive(Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Who.
    pub email: String,
    /// Their password.
    pub password: String,
}

/// What a login gives. There is no refresh token, and it never stands for a fresh login.
#[derive(Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LoggedIn {
    /// The access token.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds.
    pub expires_in: u32,
    /// Space-separated.
    pub scope: String,
}

/// What kind of caller it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdentityType {
    /// A person.
    User,
    /// A program.
    Service,
    /// An OAuth client that acts for itself, in the words of the issuer of its token.
    Client,
    /// Nobody in particular, where nobody is asked.
    Anonymous,
}

/// `GET /api/v1/auth/test`: what the control plane makes of the credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct AuthContext {
    /// Whether a credential came and holds.
    pub authenticated: bool,
    /// Who.
    pub subject: Principal,
    /// What kind of caller.
    pub identity_type: IdentityType,
    /// What the credential reaches, now.
    pub scopes: Scopes,
    /// Where it may act; empty means everywhere.
    pub workspace_ids: Vec<String>,
    /// The id of the credential, of the session, or of the JWT in its issuer's words.
    pub token_id: Option<String>,
    /// When it ends by itself.
    pub expires_at: Option<Instant>,
}

/// `GET /api/v1/auth/validate`. A credential that does not hold is answered with 401.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Validity {
    /// True.
    pub valid: bool,
    /// Whose it is.
    pub subject: Principal,
    /// When it ends by itself.
    pub expires_at: Option<Instant>,
}

/// One thing that a caller may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Permission {
    /// The scope's canonical name.
    pub name: String,
    /// What else it is called.
    pub aliases: Vec<String>,
    /// What it lets its holder do.
    pub description: String,
}

/// `GET /api/v1/auth/permissions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Permissions {
    /// All that the caller may do, now.
    pub permissions: Vec<Permission>,
}

/// `POST /api/v1/users/me/password`.
#[derive(Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password until now.
    pub current: String,
    /// The password from now on.
    pub new: String,
}
