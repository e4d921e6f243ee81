//! `/api/v1/events`: server-sent events. A message says that something changed, never what it holds.

pub(crate) mod tickets;

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use contract::status::Changed;
use futures_util::Stream;
use futures_util::stream::{StreamExt as _, once, unfold};
use serde_json::json;

use crate::app::{App, Authenticated};
use crate::follow::{Follower, News};
use crate::problem::Refusal;

/// How long one stream lives. Its listener comes back, and is authenticated again.
const LIFE: Duration = Duration::from_mins(5);

pub(crate) async fn stream(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refusal> {
    let until = tokio::time::Instant::now() + LIFE;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let newest = app.feed.told().checked_sub(1);
    let follower = match last {
        Some(last) => Follower::after(app, caller, last).await?,
        None => Follower::now(app, caller),
    };
    let hello = Event::default().event("hello").data("{}");
    // Whoever comes back before anything was told goes on from here.
    let hello = match last.or(newest) {
        Some(index) => hello.id(index.to_string()),
        None => hello,
    };
    let changes = unfold(Some(follower), move |follower| async move {
        let mut follower = follower?;
        let event = match tokio::time::timeout_at(until, follower.next()).await.ok()? {
            News::Changed(change) => {
                let changed = Changed { kind: change.kind.name(), about: change.about };
                Event::default().event("changed").id(change.index.to_string()).json_data(&changed)
            }
            News::Missed => Event::default().event("changed").json_data(Changed { kind: "missed".into(), about: None }),
            News::Refused(refusal) => {
                let event = Event::default().event("ended").json_data(json!({ "code": refusal.code().text() }));
                return Some((Ok(event.ok()?), None));
            }
            News::Stopping => return None,
        };
        Some((Ok(event.ok()?), Some(follower)))
    });
    let stream = once(async { Ok(hello) }).chain(changes);
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}
