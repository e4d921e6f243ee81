//! `/api/v1/auth/service-tokens`, `/api/v1/auth/api-keys` and below: what is the same for both.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use contract::Page;
use contract::credentials::{Credential, RevokeCredential, RevokedCredentials, RotateCredential};
use control::credentials::{Replacement, Which};
use domain::Instant;
use domain::credential::CredentialKind;

use super::fresh;
use crate::api::PathText;
use crate::app::{App, Authenticated};
use crate::body::StrictJson;
use crate::once::IdempotencyKey;
use crate::problem::Refusal;

/// A kind of credential, as a type that a handler is made for.
pub(crate) trait Kind {
    /// The kind.
    const KIND: CredentialKind;
    /// What a rotation is called where it must not be taken for another request.
    const ROTATION: &'static str;
}

pub(crate) async fn list<K: Kind>(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Page<Credential>>, Refusal> {
    let known = app.run(move |control| Ok((control.credentials(&caller, K::KIND)?, control.now()))).await?;
    let (credentials, now) = known;
    let items = credentials.into_iter().map(|credential| Credential::of(credential, now)).collect();
    Ok(Json(Page { items, next: None }))
}

pub(crate) async fn get<K: Kind>(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathText(which): PathText,
) -> Result<Json<Credential>, Refusal> {
    let which = Which::parse(&which);
    let known = app.run(move |control| Ok((control.credential_of(&caller, K::KIND, &which)?, control.now())));
    let (credential, now) = known.await?;
    Ok(Json(Credential::of(credential, now)))
}

pub(crate) async fn rotate<K: Kind>(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathText(which): PathText,
    key: IdempotencyKey,
    StrictJson(request): StrictJson<RotateCredential>,
) -> Result<impl IntoResponse, Refusal> {
    let caller = key.of(caller, K::ROTATION, &(&which, &request))?;
    let (which, replacement) = (Which::parse(&which), replacement(request));
    let done =
        app.run(move |control| Ok((control.rotate_credential(&caller, K::KIND, &which, replacement)?, control.now())));
    let ((secret, old, new), now) = done.await?;
    Ok(fresh(&secret, new, now, rotated(&old, now)))
}

pub(crate) async fn revoke<K: Kind>(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathText(which): PathText,
    StrictJson(request): StrictJson<RevokeCredential>,
) -> Result<Json<RevokedCredentials>, Refusal> {
    let RevokeCredential { reason, family } = request;
    let which = Which::parse(&which);
    let ended =
        app.run(move |control| control.revoke_credential(&caller, K::KIND, &which, reason.as_deref(), family)).await?;
    Ok(Json(RevokedCredentials { revoked: ended }))
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
