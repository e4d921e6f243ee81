//! People, service accounts, and the scopes that they may have.

use domain::Instant;
use domain::account::AccountName;
use domain::id::{CredentialId, SessionId, UserId};
use domain::network::Network;
use domain::principal::Principal;
use domain::scope::Scopes;
use serde::{Deserialize, Serialize};

use crate::credentials::Credential;

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
    /// The service token or API key, if it is one.
    pub credential: Option<CredentialId>,
    /// Where they may act; empty means everywhere.
    pub workspaces: Vec<String>,
    /// When the credential ends by itself, if it does; a session's is renewed.
    pub expires_at: Option<Instant>,
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

/// A scope of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct ScopeEntry {
    /// Its canonical name.
    pub name: String,
    /// What else it is called.
    pub aliases: Vec<String>,
    /// What it lets its holder do.
    pub description: String,
}

/// `POST /api/v1/scopes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddScope {
    /// Its name, of two parts or more: `shop:refund`.
    pub name: String,
    /// What it lets its holder do.
    pub description: String,
}
