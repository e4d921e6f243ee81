//! `/api/v1/policies/drafts` and below.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use contract::Page;
use contract::policies::{
    CreateDraft, DraftsFilter, PolicyDraft, PolicyDraftSummary, PolicyTexts, Publication, PublishDraft, ReplaceDraft,
};
use control::Caller;
use control::policies::drafts::{ChangedDraft, DraftRow, DraftView, NewDraft};
use control::policies::publish::{self, Publishing};
use domain::id::DraftId;
use domain::policy::Content;

use crate::api::{PAGE, PathId, cursor};
use crate::app::{App, Authenticated};
use crate::body::{StrictJson, StrictQuery};
use crate::once::IdempotencyKey;
use crate::problem::Refusal;
use crate::revision::{IfMatch, tag};

pub(crate) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    StrictQuery(query): StrictQuery<DraftsFilter>,
) -> Result<Json<Page<PolicyDraftSummary>>, Refusal> {
    let before = cursor(query.cursor.as_deref())?;
    let (rows, next) = app.run(move |control| control.drafts(&caller, before, PAGE)).await?;
    let items = rows.into_iter().map(summary).collect();
    Ok(Json(Page { items, next: next.map(|id| id.to_string()) }))
}

pub(crate) async fn create(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    StrictJson(request): StrictJson<CreateDraft>,
) -> Result<impl IntoResponse, Refusal> {
    let caller = key.of(caller, "policy draft", &request)?;
    let CreateDraft { title, texts, cases, restores } = request;
    let new = NewDraft { title, texts: texts.map(super::source), cases, restores };
    let view = app
        .run(move |control| {
            let id = control.create_draft(&caller, new)?;
            control.draft(&caller, id)
        })
        .await?;
    let location = format!("/api/v1/policies/drafts/{}", view.row.draft.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], shown(view)))
}

pub(crate) async fn get(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<DraftId>,
) -> Result<Shown, Refusal> {
    show(&app, caller, id).await
}

pub(crate) async fn replace(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<DraftId>,
    IfMatch(expected): IfMatch,
    StrictJson(request): StrictJson<ReplaceDraft>,
) -> Result<Shown, Refusal> {
    let ReplaceDraft { title, texts, cases, base_version } = request;
    let new = ChangedDraft { title, texts: super::source(texts), cases, base_version };
    let by = caller.clone();
    app.run(move |control| control.change_draft(&by, id, new, expected)).await?;
    show(&app, caller, id).await
}

pub(crate) async fn discard(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<DraftId>,
    IfMatch(expected): IfMatch,
) -> Result<Shown, Refusal> {
    let by = caller.clone();
    app.run(move |control| control.discard_draft(&by, id, expected)).await?;
    show(&app, caller, id).await
}

pub(crate) async fn publish(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<DraftId>,
    key: IdempotencyKey,
    StrictJson(request): StrictJson<PublishDraft>,
) -> Result<Response, Refusal> {
    let caller = key.of(caller, "policy publication", &(id, &request))?;
    let PublishDraft { digest, ticket, accept_unproved } = request;
    let wanted = Publishing { digest, ticket, accept_unproved };
    Ok(match app.run(move |control| control.publish_draft(&caller, id, wanted)).await? {
        publish::Publication::Published { version, digest } => {
            Json(Publication::Published { version, digest }).into_response()
        }
        publish::Publication::ApprovalRequired { ticket, requirement, reasons } => {
            let location = [(header::LOCATION, format!("/api/v1/approvals/{ticket}"))];
            let waits = Publication::ApprovalRequired { ticket, requirement, reasons };
            (StatusCode::ACCEPTED, location, Json(waits)).into_response()
        }
    })
}

async fn show(app: &App, caller: Caller, id: DraftId) -> Result<Shown, Refusal> {
    app.run(move |control| control.draft(&caller, id)).await.map(shown)
}

/// A draft with its revision.
type Shown = ([(HeaderName, String); 1], Json<PolicyDraft>);

fn shown(view: DraftView) -> Shown {
    let DraftView { row, content, revision } = view;
    let Content { schema, policies, invariants, cases } = content;
    let texts = PolicyTexts { schema, policies, invariants };
    (tag(revision), Json(PolicyDraft { summary: summary(row), texts, cases }))
}

fn summary(row: DraftRow) -> PolicyDraftSummary {
    let DraftRow { draft, stale, ticket } = row;
    PolicyDraftSummary {
        id: draft.id.to_string(),
        title: draft.title,
        digest: draft.digest,
        base_version: draft.base_version,
        stale,
        restores: draft.restores,
        created_by: draft.created_by,
        created_at: draft.created_at,
        changed_at: draft.changed_at,
        state: draft.state,
        ticket,
    }
}
