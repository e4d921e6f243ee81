//! Service tokens, API keys, and the scopes that they may have.
//!
//! Both kinds are made, replaced and ended alike, so one set of calls serves both. Deliberately absent: repeating a call
//! that makes a secret; only whoever gave it an idempotency key knows that it is the same.

use std::fmt;
use std::str::FromStr;

use contract::Page;
use contract::access::{AddScope, ScopeEntry};
use contract::credentials::{
    CreateApiKey, CreateServiceToken, Credential, FreshSecret, RevokeCredential, RevokedCredentials, RotateCredential,
};
use domain::credential::CredentialKind;
use domain::id::CredentialId;
use reqwest::{Method, RequestBuilder};
use serde::Serialize;

use crate::ClientError;
use crate::api::{Api, PATIENCE};

/// A credential to be made.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum NewCredential {
    /// A service account's.
    ServiceToken(CreateServiceToken),
    /// A service account's, or the caller's own.
    ApiKey(CreateApiKey),
}

/// The id of a credential, or the name that it is managed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialName(String);

/// A text that names no credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither an id nor a name of a credential; both have letters, digits, `.`, `_` and `-` only")]
pub struct BadCredentialName(String);

impl FromStr for CredentialName {
    type Err = BadCredentialName;

    fn from_str(text: &str) -> Result<Self, BadCredentialName> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        // In a path, `.` and `..` would name something else.
        let steps = text.bytes().all(|byte| byte == b'.') && text.len() < 3;
        if steps || text.len() > 100 || !text.bytes().all(plain) {
            return Err(BadCredentialName(text.chars().take(100).collect()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl From<CredentialId> for CredentialName {
    fn from(id: CredentialId) -> Self {
        Self(id.to_string())
    }
}

impl fmt::Display for CredentialName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl NewCredential {
    const fn kind(&self) -> CredentialKind {
        match self {
            Self::ServiceToken(_) => CredentialKind::ServiceToken,
            Self::ApiKey(_) => CredentialKind::ApiKey,
        }
    }
}

impl Api {
    /// `GET /api/v1/auth/service-tokens` or `…/api-keys`: newest first.
    pub async fn credentials(&self, kind: CredentialKind) -> Result<Vec<Credential>, ClientError> {
        self.get::<Page<Credential>>(place(kind)).await.map(|page| page.items)
    }

    /// `GET …/{id}`.
    pub async fn credential(&self, kind: CredentialKind, which: &CredentialName) -> Result<Credential, ClientError> {
        self.get(&format!("{}/{which}", place(kind))).await
    }

    /// `POST /api/v1/auth/service-tokens` or `…/api-keys`, with the idempotency key, if there is one.
    pub async fn create_credential(&self, new: &NewCredential, key: Option<&str>) -> Result<FreshSecret, ClientError> {
        self.post_once(place(new.kind()), new, key).await
    }

    /// `POST …/{id}/rotate`, with the idempotency key, if there is one.
    pub async fn rotate_credential(
        &self,
        kind: CredentialKind,
        which: &CredentialName,
        request: &RotateCredential,
        key: Option<&str>,
    ) -> Result<FreshSecret, ClientError> {
        self.post_once(&format!("{}/{which}/rotate", place(kind)), request, key).await
    }

    /// `POST …/{id}/revoke`.
    pub async fn revoke_credential(
        &self,
        kind: CredentialKind,
        which: &CredentialName,
        request: &RevokeCredential,
    ) -> Result<RevokedCredentials, ClientError> {
        self.post(&format!("{}/{which}/revoke", place(kind)), request).await
    }

    /// `POST /api/v1/auth/service-tokens`.
    pub async fn create_service_token(&self, request: &CreateServiceToken) -> Result<FreshSecret, ClientError> {
        self.post(place(CredentialKind::ServiceToken), request).await
    }

    /// `POST /api/v1/auth/service-tokens/{id}/revoke`.
    pub async fn revoke_service_token(&self, id: CredentialId) -> Result<(), ClientError> {
        let request = RevokeCredential::default();
        self.revoke_credential(CredentialKind::ServiceToken, &id.into(), &request).await.map(drop)
    }

    /// `GET /api/v1/scopes`.
    pub async fn scopes(&self) -> Result<Vec<ScopeEntry>, ClientError> {
        self.get::<Page<ScopeEntry>>("/api/v1/scopes").await.map(|page| page.items)
    }

    /// `POST /api/v1/scopes`.
    pub async fn add_scope(&self, request: &AddScope) -> Result<ScopeEntry, ClientError> {
        self.post("/api/v1/scopes", request).await
    }

    /// With the idempotency key, if there is one.
    pub(super) async fn post_once(
        &self,
        path: &str,
        body: &impl Serialize,
        key: Option<&str>,
    ) -> Result<FreshSecret, ClientError> {
        let build = |call: RequestBuilder| match key {
            Some(key) => call.header("idempotency-key", key).json(body),
            None => call.json(body),
        };
        self.call(Method::POST, path, PATIENCE, build).await
    }
}

const fn place(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::ServiceToken => "/api/v1/auth/service-tokens",
        CredentialKind::ApiKey => "/api/v1/auth/api-keys",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_lead_to_another_path() {
        for name in ["ci", "my-ci_token.2", "crd_01HZY3V5W2M4Q6S8T0XABCDEFG", "...", &"x".repeat(100)] {
            assert!(name.parse::<CredentialName>().is_ok(), "{name}");
        }
        for bad in ["", ".", "..", "a/b", "a?b", "a#b", "a%2fb", "ü", "a b", &"x".repeat(101)] {
            assert!(bad.parse::<CredentialName>().is_err(), "{bad}");
        }
    }
}
