//! `/api/v1/auth/…` and below: who may authenticate, and with what.

pub(crate) mod api_keys;
pub(crate) mod context;
pub(crate) mod service_accounts;
pub(crate) mod service_tokens;

use axum::Json;
use axum::http::StatusCode;
use contract::credentials::{Credential, FreshSecret, RotateCredential};
use control::credentials::Replacement;
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

/// What happened to the old one.
fn rotated(old: &domain::credential::Credential, now: Instant) -> String {
    let left = if now.is_before(old.expires_at) { old.expires_at.seconds_since(now) } else { 0 };
    match left {
        0 => format!("New token created. Old token '{}' has ended.", old.identifier),
        _ => format!("New token created. Old token '{}' valid until {}.", old.identifier, old.expires_at),
    }
}

fn replacement(request: RotateCredential) -> Replacement {
    let RotateCredential { overlap_seconds: overlap, expires_in_seconds: lifetime, scopes } = request;
    Replacement { overlap, lifetime, scopes }
}
