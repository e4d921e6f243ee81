//! `/api/v1/approvals` and below.

mod convert;

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use contract::approvals::{
    AfterReviewRequest, Cancel, CastReviewRequest, Consume, Consumed, Inbox, InboxFilter, InboxView, OpenTicket,
    Revoke, Ticket, TicketCounts, WaitFor,
};
use control::Caller;
use control::tickets::{InboxQuery, Opening, View};
use domain::grant::Grant;
use domain::id::TicketId;

use crate::api::{PAGE, PathId, cursor};
use crate::app::{App, Authenticated};
use crate::body::{StrictJson, StrictQuery};
use crate::once::IdempotencyKey;
use crate::problem::Refusal;

/// The longest that a waiting request is held.
const WAIT: Duration = Duration::from_secs(30);

pub(crate) async fn open(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    StrictJson(request): StrictJson<OpenTicket>,
) -> Result<impl IntoResponse, Refusal> {
    let opening = Opening {
        action: request.action,
        statement: request.statement,
        budget: request.budget,
        resource_hash: request.resource_hash,
        command_hash: request.command_hash,
        idempotency_key: key.into_text(),
    };
    let ticket = app
        .run(move |control| {
            let id = control.open_ticket(&caller, opening)?;
            control.ticket(&caller, id)
        })
        .await?;
    let location = format!("/api/v1/approvals/{}", ticket.ticket.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(convert::ticket(ticket))))
}

pub(crate) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    StrictQuery(query): StrictQuery<InboxFilter>,
) -> Result<Json<Inbox>, Refusal> {
    let view = match query.view {
        Some(InboxView::Mine) => View::Mine,
        None | Some(InboxView::Pending) => View::Pending,
        Some(InboxView::Closed) => View::Closed,
        Some(InboxView::AfterReview) => View::AfterReview,
    };
    let before = cursor(query.cursor.as_deref())?;
    let wanted = InboxQuery { view, env: query.env, text: query.text, before, limit: PAGE };
    let page = app.run(move |control| control.inbox(&caller, &wanted)).await?;
    Ok(Json(Inbox {
        items: page.rows.into_iter().map(convert::summary).collect(),
        next: page.next.map(|id| id.to_string()),
        counts: TicketCounts {
            pending: page.pending,
            mine: page.mine,
            closed: page.closed,
            after_review: page.after_review,
        },
    }))
}

pub(crate) async fn get(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<TicketId>,
) -> Result<Json<Ticket>, Refusal> {
    show(&app, caller, id).await
}

pub(crate) async fn wait(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<TicketId>,
    StrictQuery(query): StrictQuery<WaitFor>,
) -> Result<Json<Ticket>, Refusal> {
    let mut feed = app.feed.listen();
    let until = tokio::time::Instant::now() + WAIT;
    loop {
        let asking = caller.clone();
        let (state, _) = app.run(move |control| control.ticket_state(&asking, id)).await?;
        if state.name() != query.state {
            break;
        }
        let about = id.to_string();
        let changed = async {
            // A message that was missed may have been about this ticket.
            while let Ok(changed) = feed.recv().await {
                if changed.about.as_deref() == Some(&about) {
                    break;
                }
            }
        };
        let go_on = tokio::select! {
            changed = tokio::time::timeout_at(until, changed) => changed.is_ok(),
            () = app.stop.cancelled() => false,
        };
        if !go_on {
            break;
        }
    }
    show(&app, caller, id).await
}

async fn show(app: &App, caller: Caller, id: TicketId) -> Result<Json<Ticket>, Refusal> {
    app.run(move |control| control.ticket(&caller, id)).await.map(|view| Json(convert::ticket(view)))
}

pub(crate) async fn review(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<TicketId>,
    StrictJson(request): StrictJson<CastReviewRequest>,
) -> Result<Json<Ticket>, Refusal> {
    let reviewer = caller.clone();
    app.run(move |control| control.review_ticket(&reviewer, id, &request.jws)).await?;
    show(&app, caller, id).await
}

pub(crate) async fn cancel(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<TicketId>,
    StrictJson(request): StrictJson<Cancel>,
) -> Result<Json<Ticket>, Refusal> {
    let requester = caller.clone();
    app.run(move |control| control.cancel_ticket(&requester, id, &request.reason)).await?;
    show(&app, caller, id).await
}

pub(crate) async fn revoke(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<TicketId>,
    StrictJson(request): StrictJson<Revoke>,
) -> Result<Json<Ticket>, Refusal> {
    let reviewer = caller.clone();
    app.run(move |control| control.revoke_ticket(&reviewer, id, &request.reason)).await?;
    show(&app, caller, id).await
}

pub(crate) async fn after_review(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<TicketId>,
    StrictJson(request): StrictJson<AfterReviewRequest>,
) -> Result<Json<Ticket>, Refusal> {
    let reviewer = caller.clone();
    app.run(move |control| control.review_ticket_afterwards(&reviewer, id, &request.jws)).await?;
    show(&app, caller, id).await
}

pub(crate) async fn grant(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<TicketId>,
) -> Result<Json<Grant>, Refusal> {
    app.run(move |control| control.grant(&caller, id)).await.map(Json)
}

pub(crate) async fn consume(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<TicketId>,
    key: IdempotencyKey,
    StrictJson(request): StrictJson<Consume>,
) -> Result<Json<Consumed>, Refusal> {
    let caller = key.of(caller, "consume", &(id, &request))?;
    app.run(move |control| control.consume_ticket(&caller, id, &request.action)).await.map(begun).map(Json)
}

/// What runs now, as its runner is told.
pub(crate) fn begun(consumed: control::tickets::Consumed) -> Consumed {
    let control::tickets::Consumed { task, deadline, max_duration_seconds, use_number } = consumed;
    Consumed { task, deadline, max_duration_seconds, use_number }
}
