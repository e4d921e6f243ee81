//! The keys that an issuer publishes, kept as long as they may be and asked for as seldom as possible.
//!
//! Invariants: at most one request in 30 seconds, counted from when it began and whatever came of it (J-12); one at a
//! time, and nobody else waits for it; no lock is held during it. A key that the issuer took back is refused once its
//! answer is too old or was renewed (J-14). While the issuer is down its last answer is used for 24 hours, and the
//! state says so (J-13).

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::{Clock, Digest, Instant};

use crate::jwt::Refusal;
use crate::jwt::algorithm::Family;
use crate::jwt::keys::KeySet;

/// The fewest seconds between the beginnings of two requests, and the shortest life of an answer.
const PAUSE: u32 = 30;
/// How long an old answer stands in for an issuer that is down, in seconds.
const MOST_STALE: u32 = 24 * 3600;
/// How many unknown key ids are remembered, so that asking for them again does not mean asking the issuer again.
const MOST_MISSING: usize = 1000;

/// The way to an issuer's key set. The server has the only one that uses the network.
pub trait FetchKeys: Send + Sync {
    /// Reads the document at `url` within `timeout`, without following a redirect.
    fn fetch(&self, url: &str, timeout: Duration) -> Result<Fetched, FetchError>;
}

/// What an issuer answered.
#[derive(Debug)]
pub struct Fetched {
    /// The document.
    pub body: Vec<u8>,
    /// How many seconds the issuer says that it may be kept (`Cache-Control: max-age`).
    pub max_age: Option<u32>,
}

/// Why a key set could not be had, as one sentence for the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FetchError(pub String);

/// The state of an issuer's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyHealth {
    /// They are there and not too old.
    Ready {
        /// How many.
        keys: usize,
    },
    /// An old answer stands in, or the newest one is of no use.
    Degraded {
        /// Why.
        reason: String,
        /// When the answer that is used was fetched.
        since: Instant,
    },
    /// There are none; every token of this issuer is refused.
    Unavailable {
        /// Why.
        reason: String,
    },
}

/// Where a ring's keys come from.
pub(crate) struct Source {
    pub(crate) issuer: String,
    pub(crate) url: String,
    pub(crate) family: Family,
    pub(crate) cache_seconds: u32,
    pub(crate) timeout: Duration,
}

pub(crate) struct KeyRing {
    source: Source,
    clock: Arc<dyn Clock>,
    fetch: Arc<dyn FetchKeys>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    answer: Option<Answer>,
    asked_at: Option<Instant>,
    asking: bool,
    failure: Option<String>,
    missing: HashSet<Digest>,
    generation: u64,
}

struct Answer {
    keys: Arc<KeySet>,
    content: Digest,
    fetched_at: Instant,
    seconds: u32,
}

impl KeyRing {
    pub(crate) fn new(source: Source, clock: Arc<dyn Clock>, fetch: Arc<dyn FetchKeys>) -> Self {
        Self { source, clock, fetch, state: Mutex::default() }
    }

    /// The keys to find `kid` among. Asks the issuer once if it is not there and was not looked for before.
    pub(crate) fn keys_for(&self, kid: Option<&str>) -> Result<Arc<KeySet>, Refusal> {
        if let Some(kid) = kid
            && self.misses(kid)
            && self.ask(|_, _| true)
            && self.misses(kid)
        {
            let mut state = self.state();
            if state.missing.len() < MOST_MISSING {
                state.missing.insert(Digest::of_content(kid.as_bytes()));
            }
        }
        let state = self.state();
        let usable = state.answer.as_ref().filter(|answer| answer.younger_than(MOST_STALE, self.clock.now()));
        let keys = usable.map(|answer| answer.keys.clone()).filter(|keys| keys.len() > 0);
        let keys = keys.ok_or(Refusal::KeyUnavailable)?;
        let may_be_new = state.failure.is_some() && kid.is_some_and(|kid| !keys.has(kid));
        if may_be_new { Err(Refusal::KeyUnavailable) } else { Ok(keys) }
    }

    /// Asks the issuer if there is no answer that may still be used unasked.
    pub(crate) fn keep_fresh(&self) {
        self.ask(|state, now| !state.answer.as_ref().is_some_and(|answer| answer.younger_than(answer.seconds, now)));
    }

    /// Asks the issuer a little before [`KeyRing::keep_fresh`] would.
    pub(crate) fn refresh_due(&self) {
        self.ask(|state, now| {
            !state.answer.as_ref().is_some_and(|answer| answer.younger_than(answer.seconds - answer.seconds / 5, now))
        });
    }

    pub(crate) fn generation(&self) -> u64 {
        self.state().generation
    }

    pub(crate) fn health(&self) -> KeyHealth {
        let state = self.state();
        let failure = || state.failure.clone().unwrap_or_else(|| "the keys have not been asked for yet".to_owned());
        match &state.answer {
            Some(answer) if answer.younger_than(MOST_STALE, self.clock.now()) && answer.keys.len() > 0 => {
                match &state.failure {
                    None => KeyHealth::Ready { keys: answer.keys.len() },
                    Some(reason) => KeyHealth::Degraded { reason: reason.clone(), since: answer.fetched_at },
                }
            }
            _ => KeyHealth::Unavailable { reason: failure() },
        }
    }

    fn misses(&self, kid: &str) -> bool {
        let state = self.state();
        let known = state.answer.as_ref().is_some_and(|answer| answer.keys.has(kid));
        !known && !state.missing.contains(&Digest::of_content(kid.as_bytes()))
    }

    /// Asks the issuer now, if `wanted` and if it is allowed. Says whether there is a new answer.
    fn ask(&self, wanted: impl FnOnce(&State, Instant) -> bool) -> bool {
        let now = self.clock.now();
        {
            let mut state = self.state();
            let too_soon = state.asked_at.is_some_and(|asked_at| within(asked_at, PAUSE, now));
            if state.asking || too_soon || !wanted(&state, now) {
                return false;
            }
            state.asking = true;
            state.asked_at = Some(now);
        }
        let _asking = Asking(self);
        let answer = self.fetch.fetch(&self.source.url, self.source.timeout).map_err(|error| error.0);
        let answer = answer.and_then(|fetched| self.read(&fetched, now));
        let answered = answer.is_ok();
        self.take(answer);
        answered
    }

    fn read(&self, fetched: &Fetched, now: Instant) -> Result<Answer, String> {
        let keys = KeySet::parse(&fetched.body, self.source.family).map_err(|error| error.to_string())?;
        let most = if keys.len() == 0 { PAUSE } else { self.source.cache_seconds };
        let seconds = most.min(fetched.max_age.unwrap_or(u32::MAX)).max(PAUSE);
        Ok(Answer { keys: Arc::new(keys), content: Digest::of_content(&fetched.body), fetched_at: now, seconds })
    }

    fn take(&self, answer: Result<Answer, String>) {
        let mut state = self.state();
        match answer {
            Ok(answer) => {
                let changed = state.answer.as_ref().is_none_or(|old| old.content != answer.content);
                if changed {
                    answer.keys.warn(&self.source.issuer);
                    state.generation += 1;
                }
                state.failure = (answer.keys.len() == 0).then(|| "the key set has no key that can be used".to_owned());
                state.missing.clear();
                state.answer = Some(answer);
            }
            Err(reason) => {
                tracing::warn!(issuer = self.source.issuer, reason, "the keys of a JWT issuer could not be had");
                state.failure = Some(reason);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answer {
    fn younger_than(&self, seconds: u32, now: Instant) -> bool {
        within(self.fetched_at, seconds, now)
    }
}

/// Whether `now` is in the `seconds` after `start`. A clock that was set back by more than a pause is outside, so that
/// nothing waits for it to catch up.
fn within(start: Instant, seconds: u32, now: Instant) -> bool {
    !now.plus(PAUSE).is_before(start) && now.is_before(start.plus(seconds))
}

/// Lets the next one ask, even if this request ended in a panic.
struct Asking<'a>(&'a KeyRing);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.state().asking = false;
    }
}
