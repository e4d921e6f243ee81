//! `/api/v1/scopes`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use contract::Page;
use contract::access::{AddScope, ScopeEntry};

use crate::app::App;
use crate::app::Authenticated;
use crate::body::StrictJson;
use crate::once::IdempotencyKey;
use crate::problem::Refusal;

pub(crate) async fn list(State(app): State<App>) -> Result<Json<Page<ScopeEntry>>, Refusal> {
    let catalogue = app.run(control::Control::catalogue).await?;
    let entry = |(name, aliases, description): (&str, &[&str], &str)| ScopeEntry {
        name: name.to_owned(),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        description: description.to_owned(),
    };
    Ok(Json(Page { items: catalogue.entries().map(entry).collect(), next: None }))
}

pub(crate) async fn add(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    StrictJson(request): StrictJson<AddScope>,
) -> Result<(StatusCode, Json<ScopeEntry>), Refusal> {
    let caller = key.of(caller, "scope", &request)?;
    let AddScope { name, description } = request.clone();
    app.run(move |control| control.add_scope(&caller, &name, &description)).await?;
    let AddScope { name, description } = request;
    Ok((StatusCode::CREATED, Json(ScopeEntry { name, aliases: Vec::new(), description })))
}
