//! `/api/v1/tasks` and below.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use contract::Page;
use contract::tasks::{FinishTask, Finished, StartTask, Task, TaskFilter};
use domain::id::TaskId;
use domain::task::Ending;

use crate::api::approvals::begun;
use crate::api::{PAGE, PathId, cursor};
use crate::app::{App, Authenticated};
use crate::body::{StrictJson, StrictQuery};
use crate::once::IdempotencyKey;
use crate::problem::Refusal;

pub(crate) async fn start(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    StrictJson(request): StrictJson<StartTask>,
) -> Result<impl IntoResponse, Refusal> {
    let caller = key.of(caller, "task", &request)?;
    let task = app.run(move |control| control.start_task(&caller, request.decision)).await?;
    Ok((StatusCode::CREATED, Json(begun(task))))
}

pub(crate) async fn finish(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<TaskId>,
    StrictJson(request): StrictJson<FinishTask>,
) -> Result<Json<Finished>, Refusal> {
    let FinishTask { exit_code, signal, output_digest } = request;
    let ending = Ending { exit_code, signal, output_digest };
    app.run(move |control| control.finish_task(&caller, id, ending)).await?;
    Ok(Json(Finished { task: id }))
}

pub(crate) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    StrictQuery(query): StrictQuery<TaskFilter>,
) -> Result<Json<Page<Task>>, Refusal> {
    let before = cursor(query.cursor.as_deref())?;
    let (items, next) = app.run(move |control| control.tasks(&caller, before, PAGE)).await?;
    Ok(Json(Page { items, next: next.map(|id| id.to_string()) }))
}
