//! `/api/v1/pipelines` and below.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use contract::Page;
use contract::pipelines::RestrictPipeline;
use control::pipelines::Restriction;
use domain::pipeline::Pipeline;

use crate::api::PathText;
use crate::app::{App, Authenticated};
use crate::body::StrictJson;
use crate::problem::Refusal;
use crate::revision::{IfMatch, tag};

pub(crate) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Page<Pipeline>>, Refusal> {
    let items = app.run(move |control| control.pipelines(&caller)).await?;
    Ok(Json(Page { items, next: None }))
}

pub(crate) async fn get(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathText(name): PathText,
) -> Result<impl IntoResponse, Refusal> {
    let known = app.run(move |control| control.pipeline(&caller, &name)).await?;
    Ok((tag(known.revision), Json(known.value)))
}

pub(crate) async fn restrict(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathText(name): PathText,
    IfMatch(expected): IfMatch,
    StrictJson(request): StrictJson<RestrictPipeline>,
) -> Result<impl IntoResponse, Refusal> {
    let RestrictPipeline { allowed_accounts, max_duration_seconds, owner, workspace } = request;
    let new = Restriction { allowed_accounts, max_duration_seconds, owner, workspace };
    let (known, fresh) = app.run(move |control| control.restrict_pipeline(&caller, &name, new, expected)).await?;
    let status = if fresh { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, tag(known.revision), Json(known.value)))
}
