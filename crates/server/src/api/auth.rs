//! `/api/v1/auth/…` and below: who may authenticate, and with what.

pub(crate) mod api_keys;
pub(crate) mod context;
pub(crate) mod credentials;
pub(crate) mod service_accounts;
pub(crate) mod service_tokens;
pub(crate) mod usage;

use axum::Json;
use axum::http::StatusCode;
use contract::credentials::{Credential, FreshSecret};
use domain::Instant;
use domain::secret::Secret;

/// What is answered when a secret was made.
pub(crate) const MESSAGE: &str = "Store this token securely. It will not be shown again.";

/// The answer that carries a fresh secret.
fn fresh(
    secret: &Secret,
    credential: domain::credential::Credential,
    now: Instant,
    message: String,
) -> (StatusCode, Json<FreshSecret>) {
    let fresh = FreshSecret {
        id: credential.id.to_string(),
        secret: secret.reveal().to_owned(),
        message,
        expires_at: Some(credential.expires_at),
        credential: Some(Credential::of(credential, now)),
        account: None,
    };
    (StatusCode::CREATED, Json(fresh))
}
