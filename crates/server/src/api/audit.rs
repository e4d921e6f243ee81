//! `/api/v1/audit` and below.

use axum::Json;
use axum::extract::State;
use contract::Page;
use contract::audit::{AuditEntry, Checkpoint, ConsistencyOf, InclusionOf, TrailFilter};
use control::Caller;
use domain::event::Kind;
use store::entries::EntryFilter;

use crate::api::{PAGE, cursor};
use crate::app::{App, Authenticated};
use crate::body::StrictQuery;
use crate::problem::Refusal;

pub(crate) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    StrictQuery(query): StrictQuery<TrailFilter>,
) -> Result<Json<Page<AuditEntry>>, Refusal> {
    page(&app, caller, query, &[]).await
}

pub(crate) async fn authentication(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    StrictQuery(query): StrictQuery<TrailFilter>,
) -> Result<Json<Page<AuditEntry>>, Refusal> {
    page(&app, caller, query, Kind::AUTHENTICATION).await
}

async fn page(
    app: &App,
    caller: Caller,
    query: TrailFilter,
    kinds: &'static [Kind],
) -> Result<Json<Page<AuditEntry>>, Refusal> {
    let filter = EntryFilter {
        kind: query.kind,
        kinds,
        principal: query.principal,
        about: query.about,
        text: query.text,
        before: cursor(query.cursor.as_deref())?,
        after: None,
        limit: PAGE * 2,
    };
    let page = app.run(move |control| control.trail(&caller, &filter)).await?;
    let items = page
        .entries
        .into_iter()
        .map(|recorded| AuditEntry {
            index: recorded.index,
            leaf: String::from_utf8_lossy(&recorded.leaf).into_owned(),
        })
        .collect();
    Ok(Json(Page { items, next: page.next.map(|index| index.to_string()) }))
}

pub(crate) async fn checkpoint(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Checkpoint>, Refusal> {
    let (checkpoint, verifier) = app.run(move |control| control.checkpoint(&caller)).await?;
    Ok(Json(Checkpoint { note: checkpoint.note, verifier }))
}

pub(crate) async fn inclusion(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    StrictQuery(query): StrictQuery<InclusionOf>,
) -> Result<Json<ledger::InclusionProof>, Refusal> {
    let proof = app.run(move |control| control.inclusion(&caller, query.index, query.size)).await?;
    Ok(Json(proof))
}

pub(crate) async fn consistency(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    StrictQuery(query): StrictQuery<ConsistencyOf>,
) -> Result<Json<ledger::ConsistencyProof>, Refusal> {
    let proof = app.run(move |control| control.consistency(&caller, query.from, query.to)).await?;
    Ok(Json(proof))
}
