//! `/api/v1/ws`, and `/ws/workflow` as Orcheo's clients call it: the event stream as a WebSocket.

use axum::Extension;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{State, WebSocketUpgrade};
use axum::response::Response;
use contract::Code;

use crate::accept::Seat;
use crate::app::{App, Authenticated};
use crate::dialogue;
use crate::follow::Follower;
use crate::outer::RequestId;
use crate::problem::Refusal;

pub(crate) async fn open(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Extension(RequestId(id)): Extension<RequestId>,
    seat: Option<Extension<Seat>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let upgrade = upgrade.map_err(|problem| {
        Refusal::new(Code::RequestMalformed, format!("this path is a WebSocket (RFC 6455): {}", problem.body_text()))
    })?;
    let upgrade = dialogue::bounded(upgrade);
    let beat = app.front.http.ping_interval.duration();
    let follower = Follower::now(app, caller);
    Ok(upgrade.on_upgrade(async move |socket| {
        dialogue::hold(socket, follower, id, beat).await;
        drop(seat);
    }))
}
