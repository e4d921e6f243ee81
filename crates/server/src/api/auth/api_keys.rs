//! `/api/v1/auth/api-keys` and below.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use contract::credentials::{CreateApiKey, Credential, RevokeCredential, RevokedCredentials, RotateCredential};
use contract::{Code, Page};
use control::credentials::{ForWhom, Lifetime, NewCredential, Which};
use domain::credential::CredentialKind;

use super::{MESSAGE, fresh, replacement, rotated};
use crate::api::PathText;
use crate::app::{App, Authenticated};
use crate::body::StrictJson;
use crate::once::IdempotencyKey;
use crate::problem::Refusal;

const KIND: CredentialKind = CredentialKind::ApiKey;

pub(crate) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Page<Credential>>, Refusal> {
    let known = app.run(move |control| Ok((control.credentials(&caller, KIND)?, control.now()))).await?;
    let (credentials, now) = known;
    let items = credentials.into_iter().map(|credential| Credential::of(credential, now)).collect();
    Ok(Json(Page { items, next: None }))
}

pub(crate) async fn create(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    StrictJson(request): StrictJson<CreateApiKey>,
) -> Result<impl IntoResponse, Refusal> {
    let caller = key.of(caller, "API key", &request)?;
    let CreateApiKey { name, account, identifier, scopes, workspaces, networks, expires_at, expires_in_seconds } =
        request;
    let lifetime = match (expires_at, expires_in_seconds) {
        (Some(_), Some(_)) => {
            return Err(Refusal::new(Code::Unprocessable, "give either `expires_at` or `expires_in_seconds`"));
        }
        (Some(end), None) => Lifetime::Until(end),
        (None, seconds) => Lifetime::seconds(seconds),
    };
    let holder = account.map_or(ForWhom::Caller, ForWhom::Account);
    let new = NewCredential { kind: KIND, holder, identifier, label: name, scopes, workspaces, networks, lifetime };
    let made = app.run(move |control| Ok((control.create_credential(&caller, new)?, control.now())));
    let ((secret, credential), now) = made.await?;
    Ok(fresh(&secret, credential, now, MESSAGE.into()))
}

pub(crate) async fn get(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathText(which): PathText,
) -> Result<Json<Credential>, Refusal> {
    let which = Which::parse(&which);
    let known = app.run(move |control| Ok((control.credential_of(&caller, KIND, &which)?, control.now())));
    let (credential, now) = known.await?;
    Ok(Json(Credential::of(credential, now)))
}

pub(crate) async fn rotate(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathText(which): PathText,
    key: IdempotencyKey,
    StrictJson(request): StrictJson<RotateCredential>,
) -> Result<impl IntoResponse, Refusal> {
    let caller = key.of(caller, "rotation of an API key", &(&which, &request))?;
    let (which, replacement) = (Which::parse(&which), replacement(request));
    let done =
        app.run(move |control| Ok((control.rotate_credential(&caller, KIND, &which, replacement)?, control.now())));
    let ((secret, old, new), now) = done.await?;
    Ok(fresh(&secret, new, now, rotated(&old, now)))
}

pub(crate) async fn revoke(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathText(which): PathText,
    StrictJson(request): StrictJson<RevokeCredential>,
) -> Result<Json<RevokedCredentials>, Refusal> {
    let RevokeCredential { reason, family } = request;
    let which = Which::parse(&which);
    let ended =
        app.run(move |control| control.revoke_credential(&caller, KIND, &which, reason.as_deref(), family)).await?;
    Ok(Json(RevokedCredentials { revoked: ended }))
}
