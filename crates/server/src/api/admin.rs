//! `/api/admin/service-tokens` and below: service tokens for the Orcheo CLI, over the same use cases as
//! `/api/v1/auth/service-tokens`.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use contract::Code;
use contract::orcheo::{CreateServiceToken, RevokeServiceToken, RotateServiceToken, ServiceToken, ServiceTokens};
use control::credentials::{ForWhom, Lifetime, NewCredential, Replacement, Which};
use domain::credential::{CredentialKind, CredentialState};
use serde::de::DeserializeOwned;

use crate::api::PathText;
use crate::api::auth::MESSAGE;
use crate::app::{App, Authenticated};
use crate::body::StrictJson;
use crate::once::IdempotencyKey;
use crate::problem::Refusal;

const KIND: CredentialKind = CredentialKind::ServiceToken;

pub(crate) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<Json<ServiceTokens>, Refusal> {
    let (all, now) = app.run(move |control| Ok((control.credentials(&caller, KIND)?, control.now()))).await?;
    let names: HashMap<_, _> = all.iter().map(|credential| (credential.id, credential.identifier.clone())).collect();
    let works = [CredentialState::Active, CredentialState::Overlapping];
    let active = all.into_iter().filter(|credential| works.contains(&credential.state(now)));
    let tokens: Vec<_> = active
        .map(|credential| {
            let successor = credential.rotated_to.and_then(|id| names.get(&id).cloned());
            ServiceToken::of(credential, successor)
        })
        .collect();
    Ok(Json(ServiceTokens { total: tokens.len(), tokens }))
}

pub(crate) async fn create(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    Body(request): Body<CreateServiceToken>,
) -> Result<impl IntoResponse, Refusal> {
    let caller = key.of(caller, "service token of the administration", &request)?;
    let CreateServiceToken { identifier, scopes, workspace_ids, expires_in_seconds } = request;
    let new = NewCredential {
        kind: KIND,
        holder: ForWhom::OwnAccount,
        identifier,
        label: String::new(),
        scopes,
        workspaces: workspace_ids.unwrap_or_default(),
        networks: Vec::new(),
        lifetime: Lifetime::seconds(lifetime(expires_in_seconds)),
    };
    let (secret, credential) = app.run(move |control| control.create_credential(&caller, new)).await?;
    let token = ServiceToken {
        secret: Some(secret.reveal().to_owned()),
        message: Some(MESSAGE.to_owned()),
        ..ServiceToken::of(credential, None)
    };
    Ok((StatusCode::CREATED, Json(token)))
}

pub(crate) async fn get(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathText(which): PathText,
) -> Result<Json<ServiceToken>, Refusal> {
    let which = Which::parse(&which);
    let token = app.run(move |control| {
        let credential = control.credential_of(&caller, KIND, &which)?;
        let successor = credential.rotated_to.map(|id| control.credential_of(&caller, KIND, &Which::Id(id)));
        Ok(ServiceToken::of(credential, successor.transpose()?.map(|successor| successor.identifier)))
    });
    Ok(Json(token.await?))
}

pub(crate) async fn rotate(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathText(which): PathText,
    key: IdempotencyKey,
    Body(request): Body<RotateServiceToken>,
) -> Result<Json<ServiceToken>, Refusal> {
    let caller = key.of(caller, "rotation by the administration", &(&which, &request))?;
    let RotateServiceToken { overlap_seconds, expires_in_seconds } = request;
    // What is no length at all is beyond the longest one, so it is refused with its field and its bounds.
    let overlap = overlap_seconds.map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX));
    let replacement = Replacement { overlap, lifetime: lifetime(expires_in_seconds), scopes: None };
    let which = Which::parse(&which);
    let (secret, old, new) =
        app.run(move |control| control.rotate_credential(&caller, KIND, &which, replacement)).await?;
    let left = old.rotated_at.map_or(0, |at| old.expires_at.seconds_since(at));
    let became = if left == 0 { "has ended".to_owned() } else { format!("valid for {left}s") };
    Ok(Json(ServiceToken {
        secret: Some(secret.reveal().to_owned()),
        message: Some(format!("New token created. Old token '{}' {became}.", old.identifier)),
        ..ServiceToken::of(new, None)
    }))
}

pub(crate) async fn revoke(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathText(which): PathText,
    Body(request): Body<RevokeServiceToken>,
) -> Result<StatusCode, Refusal> {
    let which = Which::parse(&which);
    app.run(move |control| {
        if request.reason.trim().is_empty() {
            return Err(control::Error::Invalid { field: "reason", problem: "say why it ends".into() });
        }
        control.revoke_with_replaced(&caller, KIND, &which, &request.reason)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is no length of time is none that a credential can have, so it is refused with its field and its bounds.
fn lifetime(seconds: Option<i64>) -> Option<u32> {
    seconds.map(|seconds| u32::try_from(seconds).unwrap_or(0))
}

/// A JSON body. One that cannot be read is refused as a value that cannot be used (422), as Orcheo does.
pub(crate) struct Body<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let StrictJson(body) =
            StrictJson::from_request(request, state).await.map_err(|refusal| match refusal.code() {
                Code::MediaType | Code::RequestMalformed => Refusal::new(Code::Unprocessable, refusal.detail()),
                _ => refusal,
            })?;
        Ok(Self(body))
    }
}
