//! `/api/v1/policies/compare` and `/replay`: what takes a while, told line by line.

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use contract::Code;
use contract::policies::{Compare, NarrowerGrant, Replay};
use control::replays::{Narrower, Range};
use control::{Control, Error};
use serde::Serialize;

use crate::app::{App, Authenticated};
use crate::body::StrictJson;
use crate::long_work::Listening;
use crate::problem::Refusal;

const LINES: &str = "application/x-ndjson";

pub(crate) async fn compare(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    StrictJson(request): StrictJson<Compare>,
) -> Result<Response, Refusal> {
    let subject = super::subject(request.subject);
    // What cannot be compared is refused before the first line.
    let sets = app.run(move |control| control.comparable(&caller, &subject)).await?;
    told(&app, move |control, listening| Ok(control.compare_policies(&sets, listening)))
}

pub(crate) async fn replay(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    StrictJson(request): StrictJson<Replay>,
) -> Result<Response, Refusal> {
    let subject = super::subject(request.subject);
    let range = Range { from: request.from, until: request.until };
    let narrower =
        request.grant.map(|NarrowerGrant { principal, scopes, workspaces }| Narrower { principal, scopes, workspaces });
    let (by, about, asked) = (caller.clone(), subject.clone(), narrower.clone());
    // What cannot be replayed is refused before the first line.
    app.run(move |control| control.replayable(&by, &about, range, asked.as_ref())).await?;
    told(&app, move |control, listening| control.replay(&caller, &subject, range, narrower.as_ref(), listening))
}

/// Begins a work whose answer is lines.
fn told<T: Serialize + Send + 'static>(
    app: &App,
    work: impl FnOnce(&Control, Listening<'_>) -> Result<T, Error> + Send + 'static,
) -> Result<Response, Refusal> {
    let control = app.control.clone();
    let begun = app
        .works
        .begin(move |listening| work(&control, listening).map_err(|error| Refusal::from(error).detail().to_owned()));
    let body: Body = begun.ok_or_else(|| {
        let busy = "as many replays and comparisons run as may run at once; try again in a moment";
        Refusal::new(Code::Unavailable, busy)
    })?;
    Ok(([(header::CONTENT_TYPE, LINES)], body).into_response())
}
