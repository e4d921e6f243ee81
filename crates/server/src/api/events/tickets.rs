//! `/api/v1/events/tickets`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use contract::events::FreshStreamTicket;
use control::stream::TICKET_TTL;

use crate::app::{App, Authenticated};
use crate::problem::Refusal;

pub(crate) async fn issue(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<(StatusCode, Json<FreshStreamTicket>), Refusal> {
    let ticket = app.run(move |control| control.issue_stream_ticket(&caller)).await?;
    let fresh = FreshStreamTicket { ticket: ticket.reveal().to_owned(), expires_in: TICKET_TTL };
    Ok((StatusCode::CREATED, Json(fresh)))
}
