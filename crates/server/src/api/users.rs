//! `/api/v1/users` and below.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use contract::Page;
use contract::access::{CreateUser, User};
use contract::accounts::Because;
use contract::context::ChangePassword;
use contract::credentials::FreshSecret;
use control::Caller;
use control::password::Password;
use control::people::NewPerson;
use domain::id::UserId;

use crate::api::PathId;
use crate::app::{App, Authenticated};
use crate::body::StrictJson;
use crate::once::IdempotencyKey;
use crate::problem::Refusal;

pub(crate) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Page<User>>, Refusal> {
    let people = app.run(move |control| control.people(&caller)).await?;
    let items = people.into_iter().map(|(user, on_roster)| shown(user, on_roster)).collect();
    Ok(Json(Page { items, next: None }))
}

pub(crate) async fn create(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    StrictJson(request): StrictJson<CreateUser>,
) -> Result<impl IntoResponse, Refusal> {
    let caller = key.of(caller, "user", &request)?;
    let CreateUser { email, name, teams, scopes } = request;
    let person = NewPerson { email, name, teams, scopes };
    let (id, secret) = app.run(move |control| control.create_person(&caller, person)).await?;
    let fresh = FreshSecret {
        id: id.to_string(),
        secret: secret.reveal().to_owned(),
        message: "Give this first password to the person by a safe way. It is not shown again.".into(),
        expires_at: None,
        credential: None,
        account: None,
    };
    Ok((StatusCode::CREATED, Json(fresh)))
}

pub(crate) async fn disable(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<UserId>,
    StrictJson(request): StrictJson<Because>,
) -> Result<Json<User>, Refusal> {
    set_active(&app, caller, id, false, request).await
}

pub(crate) async fn enable(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<UserId>,
    StrictJson(request): StrictJson<Because>,
) -> Result<Json<User>, Refusal> {
    set_active(&app, caller, id, true, request).await
}

async fn set_active(
    app: &App,
    caller: Caller,
    id: UserId,
    active: bool,
    because: Because,
) -> Result<Json<User>, Refusal> {
    let known = app.run(move |control| {
        let user = control.set_person_active(&caller, id, active, because.reason.as_deref())?;
        Ok((user, control.is_on_roster(id)?))
    });
    let (user, on_roster) = known.await?;
    Ok(Json(shown(user, on_roster)))
}

pub(crate) async fn change_password(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    StrictJson(request): StrictJson<ChangePassword>,
) -> Result<StatusCode, Refusal> {
    let (current, new) = (Password::new(request.current), Password::new(request.new));
    app.run(move |control| control.change_password(&caller, &current, &new)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(user: domain::account::User, on_roster: bool) -> User {
    User {
        id: user.id,
        email: user.email,
        name: user.name,
        teams: user.teams,
        scopes: user.scopes,
        active: user.active,
        on_roster,
        created_at: user.created_at,
    }
}
