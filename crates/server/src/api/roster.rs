//! `/api/v1/roster` and below.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use contract::Page;
use contract::roster::{Enrol, Enrolled, Enrolment, RosterVersions};
use domain::roster::SignedRoster;

use crate::app::{App, Authenticated};
use crate::body::StrictJson;
use crate::problem::Refusal;

pub(crate) async fn get(
    State(app): State<App>,
    Authenticated(_): Authenticated,
) -> Result<Json<RosterVersions>, Refusal> {
    app.run(|control| Ok(Json(RosterVersions { versions: control.roster()? }))).await
}

pub(crate) async fn publish(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    StrictJson(signed): StrictJson<SignedRoster>,
) -> Result<Json<RosterVersions>, Refusal> {
    app.run(move |control| {
        control.publish_roster(&caller, &signed)?;
        Ok(Json(RosterVersions { versions: control.roster()? }))
    })
    .await
}

pub(crate) async fn enrol(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    StrictJson(request): StrictJson<Enrol>,
) -> Result<impl IntoResponse, Refusal> {
    let Enrol { device, key, proof } = request;
    let id = app.run(move |control| control.enrol(&caller, &device, key, &proof)).await?;
    Ok((StatusCode::CREATED, Json(Enrolled { id })))
}

pub(crate) async fn enrolments(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Page<Enrolment>>, Refusal> {
    let waiting = app.run(move |control| control.enrolments(&caller)).await?;
    let items = waiting
        .into_iter()
        .map(|known| Enrolment {
            id: known.id,
            user: known.user,
            name: known.name,
            device: known.device,
            key_id: known.key.id(),
            key: known.key,
            groups: known.groups,
            requested_at: known.requested_at,
            roster_version: known.roster_version,
        })
        .collect();
    Ok(Json(Page { items, next: None }))
}
