//! `/api/v1/events`: server-sent events. A message says that something changed, never what it holds.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use contract::status::Changed;
use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::sync::broadcast::error::RecvError;

use crate::app::{App, Authenticated};

/// How long one stream lives. Its listener comes back, and is authenticated again.
const LIFE: Duration = Duration::from_mins(5);

pub(crate) async fn stream(
    State(app): State<App>,
    Authenticated(_): Authenticated,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let until = tokio::time::Instant::now() + LIFE;
    let hello = Event::default().event("hello").data("{}");
    let first = futures_util::stream::once(async { Ok(hello) });
    let changes = unfold((app.feed.listen(), app.stop), move |(mut feed, stop)| async move {
        let message = tokio::select! {
            message = tokio::time::timeout_at(until, feed.recv()) => message.ok()?,
            () = stop.cancelled() => return None,
        };
        let changed = match message {
            Ok(changed) => changed,
            // Messages were missed: everything may have changed.
            Err(RecvError::Lagged(_)) => Changed { kind: "missed".into(), about: None },
            Err(RecvError::Closed) => return None,
        };
        let event = Event::default().event("changed").json_data(&changed).ok()?;
        Some((Ok(event), (feed, stop)))
    });
    let stream = futures_util::StreamExt::chain(first, changes);
    Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}
