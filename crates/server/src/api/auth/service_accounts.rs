//! `/api/v1/auth/service-accounts` and below.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use contract::Page;
use contract::access::ServiceAccount;
use contract::accounts::{Because, CreateAccount, ReplaceAccount, Trust};
use contract::credentials::{Credential, FreshSecret};
use control::accounts::{Known, NewAccount, Replaced};
use control::{Caller, Control, Error};
use domain::Instant;
use domain::account::AccountName;

use super::MESSAGE;
use crate::api::PathText;
use crate::app::{App, Authenticated};
use crate::body::StrictJson;
use crate::once::IdempotencyKey;
use crate::problem::Refusal;
use crate::revision::{IfMatch, tag};

pub(crate) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Page<ServiceAccount>>, Refusal> {
    let (accounts, now) = app.run(move |control| Ok((control.accounts(&caller)?, control.now()))).await?;
    let items = accounts.into_iter().map(|(account, held)| ServiceAccount::of(account, held, now)).collect();
    Ok(Json(Page { items, next: None }))
}

pub(crate) async fn create(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    StrictJson(request): StrictJson<CreateAccount>,
) -> Result<impl IntoResponse, Refusal> {
    let caller = key.of(caller, "service account", &request)?;
    let CreateAccount { name, description, scopes, networks, workspaces, team, expires_at, issue_key } = request;
    // What cannot be a name is a title, and the name is made from it.
    let (name, title) = if name.parse::<AccountName>().is_ok() { (Some(name), String::new()) } else { (None, name) };
    let new = NewAccount { name, title, description, team, scopes, workspaces, networks, expires_at };
    let made = app.run(move |control| Ok((control.create_account(&caller, new, issue_key)?, control.now())));
    let ((known, secret), now) = made.await?;
    let (revision, key) = (known.revision, known.credentials.first().cloned());
    let fresh = FreshSecret {
        id: key.as_ref().map_or_else(|| known.account.name.to_string(), |key| key.id.to_string()),
        secret: secret.as_ref().map(|secret| secret.reveal().to_owned()).unwrap_or_default(),
        message: if secret.is_some() { MESSAGE.into() } else { "The account has no credential yet.".into() },
        expires_at: key.as_ref().map_or(known.account.expires_at, |key| Some(key.expires_at)),
        credential: key.map(|key| Credential::of(key, now)),
        account: Some(shown(known, now)),
    };
    Ok((StatusCode::CREATED, tag(revision), Json(fresh)))
}

pub(crate) async fn get(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathText(name): PathText,
) -> Result<Response, Refusal> {
    answer(&app, move |control| control.account(&caller, &name)).await
}

pub(crate) async fn replace(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathText(name): PathText,
    IfMatch(expected): IfMatch,
    StrictJson(request): StrictJson<ReplaceAccount>,
) -> Result<Response, Refusal> {
    let ReplaceAccount { title, description, team, scopes, workspaces, networks, trusts, expires_at } = request;
    let new = Replaced { title, description, team, scopes, workspaces, networks, trusts, expires_at };
    answer(&app, move |control| control.replace_account(&caller, &name, new, expected)).await
}

pub(crate) async fn disable(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathText(name): PathText,
    StrictJson(request): StrictJson<Because>,
) -> Result<Response, Refusal> {
    set_active(&app, caller, name, false, request).await
}

pub(crate) async fn enable(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathText(name): PathText,
    StrictJson(request): StrictJson<Because>,
) -> Result<Response, Refusal> {
    set_active(&app, caller, name, true, request).await
}

async fn set_active(
    app: &App,
    caller: Caller,
    name: String,
    active: bool,
    because: Because,
) -> Result<Response, Refusal> {
    answer(app, move |control| control.set_account_active(&caller, &name, active, because.reason.as_deref())).await
}

pub(crate) async fn trust(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathText(name): PathText,
    StrictJson(request): StrictJson<Trust>,
) -> Result<Response, Refusal> {
    answer(&app, move |control| control.set_trust(&caller, &name, &request.account, true)).await
}

pub(crate) async fn untrust(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathText(name): PathText,
    StrictJson(request): StrictJson<Trust>,
) -> Result<Response, Refusal> {
    answer(&app, move |control| control.set_trust(&caller, &name, &request.account, false)).await
}

/// An account as it is after that, with its revision.
async fn answer(
    app: &App,
    work: impl FnOnce(&Control) -> Result<Known, Error> + Send + 'static,
) -> Result<Response, Refusal> {
    let (known, now) = app.run(move |control| Ok((work(control)?, control.now()))).await?;
    Ok((tag(known.revision), Json(shown(known, now))).into_response())
}

fn shown(known: Known, now: Instant) -> ServiceAccount {
    ServiceAccount::of(known.account, known.credentials, now)
}
