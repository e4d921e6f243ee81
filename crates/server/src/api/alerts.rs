//! `/api/v1/alerts`, `/api/v1/alert-rules` and below.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use contract::Page;
use contract::alerts::{AlertFilter, AlertRules, HandleAlert};
use control::Caller;
use control::alerts::Handling;
use domain::alert::{Alert, RuleSetting};
use domain::id::AlertId;
use store::Revised;
use store::alerts::Filter;

use crate::api::{PAGE, PathId, cursor};
use crate::app::{App, Authenticated};
use crate::body::{StrictJson, StrictQuery};
use crate::problem::Refusal;
use crate::revision::{IfMatch, tag};

pub(crate) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    StrictQuery(query): StrictQuery<AlertFilter>,
) -> Result<Json<Page<Alert>>, Refusal> {
    let AlertFilter { state, rule, severity, cursor: before } = query;
    let filter = Filter { state, rule, severity, before: cursor(before.as_deref())? };
    let (items, next) = app.run(move |control| control.alerts(&caller, &filter, PAGE)).await?;
    Ok(Json(Page { items, next: next.map(|id| id.to_string()) }))
}

pub(crate) async fn get(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<AlertId>,
) -> Result<Json<Alert>, Refusal> {
    app.run(move |control| control.alert(&caller, id)).await.map(Json)
}

pub(crate) async fn acknowledge(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<AlertId>,
    StrictJson(request): StrictJson<HandleAlert>,
) -> Result<Json<Alert>, Refusal> {
    handle(&app, caller, id, Handling::Acknowledge, request).await
}

pub(crate) async fn resolve(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<AlertId>,
    StrictJson(request): StrictJson<HandleAlert>,
) -> Result<Json<Alert>, Refusal> {
    handle(&app, caller, id, Handling::Resolve, request).await
}

async fn handle(
    app: &App,
    caller: Caller,
    id: AlertId,
    handling: Handling,
    request: HandleAlert,
) -> Result<Json<Alert>, Refusal> {
    app.run(move |control| control.handle_alert(&caller, id, handling, request.note.as_deref())).await.map(Json)
}

pub(crate) async fn rules(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<impl IntoResponse, Refusal> {
    app.run(move |control| control.alert_rules(&caller)).await.map(tagged)
}

pub(crate) async fn set_rules(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    IfMatch(expected): IfMatch,
    StrictJson(request): StrictJson<AlertRules>,
) -> Result<impl IntoResponse, Refusal> {
    app.run(move |control| control.set_alert_rules(&caller, request.rules, expected)).await.map(tagged)
}

/// The rules with the revision of all of them together.
fn tagged(rules: Revised<Vec<RuleSetting>>) -> impl IntoResponse {
    (tag(rules.revision), Json(AlertRules { rules: rules.value }))
}
