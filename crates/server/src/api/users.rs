//! `/api/v1/users`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use contract::Page;
use contract::access::{CreateUser, User};
use contract::credentials::FreshSecret;
use control::people::NewPerson;

use crate::app::{App, Authenticated};
use crate::body::StrictJson;
use crate::once::IdempotencyKey;
use crate::problem::Refusal;

pub(crate) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Page<User>>, Refusal> {
    let people = app.run(move |control| control.people(&caller)).await?;
    let items = people
        .into_iter()
        .map(|(user, on_roster)| User {
            id: user.id,
            email: user.email,
            name: user.name,
            teams: user.teams,
            scopes: user.scopes,
            active: user.active,
            on_roster,
            created_at: user.created_at,
        })
        .collect();
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
