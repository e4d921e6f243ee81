//! `/api/v1/auth/service-accounts`, `/api/v1/auth/service-tokens` and below.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use contract::Page;
use contract::access::{CreateServiceToken, Credential, FreshSecret, Revoked, ServiceAccount};
use control::credentials::NewToken;
use domain::id::CredentialId;

use crate::api::PathId;
use crate::app::{App, Authenticated};
use crate::body::StrictJson;
use crate::problem::Refusal;

pub(crate) async fn accounts(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Page<ServiceAccount>>, Refusal> {
    let accounts = app.run(move |control| control.accounts(&caller)).await?;
    let items = accounts
        .into_iter()
        .map(|(account, credentials)| ServiceAccount {
            name: account.name,
            description: account.description,
            team: account.team,
            owner: account.owner,
            scopes: account.scopes,
            workspaces: account.workspaces,
            active: account.active,
            sample: account.sample,
            created_at: account.created_at,
            credentials: credentials.into_iter().map(credential).collect(),
        })
        .collect();
    Ok(Json(Page { items, next: None }))
}

fn credential(known: domain::account::Credential) -> Credential {
    Credential {
        id: known.id,
        account: known.account,
        label: known.label,
        scopes: known.scopes,
        created_by: known.created_by,
        created_at: known.created_at,
        expires_at: known.expires_at,
        revoked_at: known.revoked_at,
        last_used_at: known.last_used_at,
    }
}

pub(crate) async fn create_token(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    StrictJson(request): StrictJson<CreateServiceToken>,
) -> Result<impl IntoResponse, Refusal> {
    let CreateServiceToken { account, label, scopes, expires_in_seconds } = request;
    let token = NewToken { account, label, scopes, expires_in_seconds };
    let (secret, credential) = app.run(move |control| control.create_token(&caller, token)).await?;
    let fresh = FreshSecret {
        id: credential.id.to_string(),
        secret: secret.reveal().to_owned(),
        message: "Store this token securely. It will not be shown again.".into(),
        expires_at: Some(credential.expires_at),
    };
    Ok((StatusCode::CREATED, Json(fresh)))
}

pub(crate) async fn revoke_token(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<CredentialId>,
) -> Result<Json<Revoked>, Refusal> {
    app.run(move |control| control.revoke_token_of_account(&caller, id)).await?;
    Ok(Json(Revoked { id }))
}
