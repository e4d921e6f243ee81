//! One listener's way along the feed: what is news to it, and whether it may still hear it.
//!
//! The invariant: nothing is told after the holder's credential was found not to hold, and that is looked for every few
//! seconds and whenever a change may have taken it away. A check that has begun is never given up, so that a talkative
//! client cannot put it off.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;

use control::Caller;
use control::audit::Change;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use crate::app::App;
use crate::feed::BACKLOG;
use crate::problem::Refusal;

/// How often a listener's standing is looked at.
const CHECK: Duration = Duration::from_secs(5);
/// Of what is told, what may end a standing begins so.
const STANDING: &[&str] = &["credential.", "session.", "user.", "account."];
/// But these give and do not take.
const HARMLESS: &[&str] = &["credential.created", "session.refreshed", "user.created", "account.created"];

/// What a listener is to hear.
#[derive(Debug)]
pub(crate) enum News {
    /// Something changed.
    Changed(Change),
    /// It was too slow, or away for too long: everything may have changed.
    Missed,
    /// Its credential holds no more.
    Refused(Refusal),
    /// The control plane stops.
    Stopping,
}

type Check = Pin<Box<dyn Future<Output = Result<Caller, Refusal>> + Send>>;

/// One listener.
pub(crate) struct Follower {
    app: App,
    caller: Caller,
    feed: Receiver<Change>,
    waiting: VecDeque<News>,
    /// What has a smaller index was told from the ledger.
    from: u64,
    every: Interval,
    check: Option<Check>,
}

impl Follower {
    /// Begins with what comes next.
    pub(crate) fn now(app: App, caller: Caller) -> Self {
        let mut every = interval_at(Instant::now() + CHECK, CHECK);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let feed = app.feed.listen();
        Self { app, caller, feed, waiting: VecDeque::new(), from: 0, every, check: None }
    }

    /// Begins after the entry with this index, which was the last that it heard. Whoever was away for too long is told that
    /// it missed something.
    pub(crate) async fn after(app: App, caller: Caller, last: u64) -> Result<Self, Refusal> {
        let mut follower = Self::now(app, caller);
        let from = last.saturating_add(1);
        if from > follower.app.feed.told() {
            // Another ledger, or one that went back.
            follower.waiting.push_back(News::Missed);
            return Ok(follower);
        }
        let most = u32::try_from(BACKLOG).unwrap_or(u32::MAX);
        let missed = follower.app.run(move |control| control.changes(from, most)).await?;
        if missed.len() >= BACKLOG {
            follower.waiting.push_back(News::Missed);
        } else {
            follower.from = missed.last().map_or(0, |last| last.index + 1);
            follower.waiting.extend(missed.into_iter().map(News::Changed));
        }
        Ok(follower)
    }

    /// What is next. May be given up and asked for again without losing anything.
    pub(crate) async fn next(&mut self) -> News {
        loop {
            if let Some(check) = &mut self.check {
                let found = check.await;
                self.check = None;
                match found {
                    Ok(caller) => self.caller = caller,
                    Err(refusal) => return News::Refused(refusal),
                }
            }
            if let Some(news) = self.waiting.pop_front() {
                return news;
            }
            tokio::select! {
                biased;
                () = self.app.stop.cancelled() => return News::Stopping,
                _ = self.every.tick() => self.doubt(),
                heard = self.feed.recv() => match heard {
                    Ok(change) if change.index < self.from => {}
                    Ok(change) => {
                        let kind = change.kind.name();
                        let standing = STANDING.iter().any(|beginning| kind.starts_with(beginning));
                        if standing && !HARMLESS.contains(&kind.as_str()) {
                            self.doubt();
                        }
                        self.waiting.push_back(News::Changed(change));
                    }
                    Err(RecvError::Lagged(_)) => {
                        self.doubt();
                        self.waiting.push_back(News::Missed);
                    }
                    Err(RecvError::Closed) => return News::Stopping,
                },
            }
        }
    }

    fn doubt(&mut self) {
        let (app, caller) = (self.app.clone(), self.caller.clone());
        self.check = Some(Box::pin(async move { app.run(move |control| control.still_listening(&caller)).await }));
    }
}

#[cfg(test)]
mod tests;
