//! Work that takes a while, told line by line as it goes (JSON Lines, `application/x-ndjson`).
//!
//! Invariants: only a few run at once; each has a thread that may block; and it is told to end as soon as nobody listens any
//! more. The last line is the report or why there is none. Deliberately absent: what the work is.

use std::cell::Cell;
use std::convert::Infallible;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use contract::policies::Step;
use domain::policy::Progress;
use futures_util::stream::unfold;
use serde::Serialize;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

/// How many run at once in a process.
const AT_ONCE: usize = 2;
/// The least time between two words of progress.
const PAUSE: Duration = Duration::from_millis(250);
/// How many lines wait for a slow listener. Progress beyond that is not told; the last line waits.
const WAITING: usize = 8;

/// What a work is told whether to go on by.
pub(crate) type Listening<'a> = &'a dyn Fn(Progress) -> ControlFlow<()>;

/// The works of a process.
#[derive(Clone)]
pub(crate) struct LongWorks {
    places: Arc<Semaphore>,
    stop: CancellationToken,
}

impl LongWorks {
    /// None yet; `stop` ends them all.
    pub(crate) fn new(stop: CancellationToken) -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE)), stop }
    }

    /// Begins one, and gives what is told of it; `None` if as many run as may.
    pub(crate) fn begin<T: Serialize + Send + 'static>(
        &self,
        work: impl FnOnce(Listening<'_>) -> Result<T, String> + Send + 'static,
    ) -> Option<Body> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        let (lines, told) = mpsc::channel(WAITING);
        let (stop, last_words) = (self.stop.clone(), lines.clone());
        let worker = tokio::task::spawn_blocking(move || {
            let last = run(&lines, &stop, work);
            // Whoever is gone is told nothing.
            drop(lines.blocking_send(last));
            drop(place);
        });
        tokio::spawn(async move {
            if let Err(error) = worker.await {
                tracing::error!(%error, "a long work ended badly");
                let failed = Step::<()>::Failed("something went wrong on our side; it is in the logs".into());
                drop(last_words.send(line(&failed)).await);
            }
        });
        let next = |mut told: mpsc::Receiver<Bytes>| async move {
            told.recv().await.map(|line| (Ok::<_, Infallible>(line), told))
        };
        Some(Body::from_stream(unfold(told, next)))
    }
}

/// Runs it; gives the last line.
fn run<T: Serialize>(
    lines: &mpsc::Sender<Bytes>,
    stop: &CancellationToken,
    work: impl FnOnce(Listening<'_>) -> Result<T, String>,
) -> Bytes {
    let told = Cell::new(None::<Instant>);
    let done = work(&|progress| {
        if lines.is_closed() || stop.is_cancelled() {
            return ControlFlow::Break(());
        }
        let now = Instant::now();
        if told.get().is_none_or(|before| now.duration_since(before) >= PAUSE) {
            told.set(Some(now));
            // A listener who has not taken the lines before misses this one.
            drop(lines.try_send(line(&Step::<T>::Progress(progress))));
        }
        ControlFlow::Continue(())
    });
    match done {
        Ok(report) => line(&Step::Report(Box::new(report))),
        Err(_) if stop.is_cancelled() => {
            line(&Step::<T>::Failed("the control plane is stopping; ask again in a moment".into()))
        }
        Err(why) => line(&Step::<T>::Failed(why)),
    }
}

fn line<T: Serialize>(step: &Step<T>) -> Bytes {
    let mut text = serde_json::to_vec(step).unwrap_or_else(|error| {
        tracing::error!(%error, "a report cannot be written");
        br#"{"failed":"the report cannot be written; this is a defect"}"#.to_vec()
    });
    text.push(b'\n');
    text.into()
}

#[cfg(test)]
mod tests;
