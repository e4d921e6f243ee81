//! The ledger's pulse: entries are integrated, the tree is signed, clocks that ran out are written down.
//!
//! One thread per process. It is woken by every commit here and once a second for commits elsewhere; two processes on
//! one database may both run it, because the store advances the tree conditionally.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use domain::Instant;
use domain::alert::condition::Place;
use domain::id::CredentialId;
use domain::network::Network;

use crate::authenticate::Throttled;
use crate::{Control, Error};

/// How long changes gather between two pulses, so that a tree under load is signed twenty times a second and not after
/// each batch.
const REST: Duration = Duration::from_millis(50);

/// How many entries are integrated in one transaction.
const BATCH: u32 = 1000;

/// What wakes the loop, and what it has to write behind.
#[derive(Default)]
pub(crate) struct Bell {
    state: Mutex<State>,
    rung: Condvar,
}

#[derive(Default)]
struct State {
    ringing: bool,
    stopped: bool,
    used: Uses,
    throttled: Throttled,
    forgot: Option<Instant>,
    places: BTreeMap<(String, Network), Instant>,
    pulse: Option<Pulse>,
}

/// When the ledger was last brought forward, and how large its tree was then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// By the control plane's clock.
    pub at: Instant,
    /// In entries; `None` until it was brought forward once.
    pub size: Option<u64>,
}

/// How many places are noted between two pulses; more are left to their next use.
const PLACES: usize = 10_000;

/// When credentials were last used, and how often since that was written down.
type Uses = BTreeMap<CredentialId, (Instant, u64)>;

impl Bell {
    pub(crate) fn ring(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).ringing = true;
        self.rung.notify_all();
    }

    /// Notes the use of a credential, to be written with the next pulse rather than with each request.
    pub(crate) fn used(&self, credential: CredentialId, at: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, times) = state.used.entry(credential).or_insert((at, 0));
        *last = at;
        *times += 1;
    }

    /// Notes from where somebody came, to be written with the next pulse.
    pub(crate) fn seen_at(&self, subject: String, network: Network, at: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (subject, network);
        if state.places.len() < PLACES || state.places.contains_key(&key) {
            state.places.insert(key, at);
        }
    }

    /// From where somebody came since it was last asked.
    pub(crate) fn take_places(&self) -> Vec<Place> {
        let places = std::mem::take(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner).places);
        places.into_iter().map(|((subject, network), at)| Place { subject, network, at }).collect()
    }

    /// Counts somebody who was turned away.
    pub(crate) fn turned_away(&self, key: &str) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).throttled.count(key);
    }

    pub(crate) fn take_turned_away(&self, now: Instant) -> Option<(BTreeMap<String, u64>, Instant)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).throttled.take(now)
    }

    /// Whether so many seconds have passed since it was last due; then it is due again as many later.
    pub(crate) fn is_due(&self, now: Instant, every: u32) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let due = state.forgot.is_none_or(|last| !now.is_before(last.plus(every)) || now.is_before(last));
        if due {
            state.forgot = Some(now);
        }
        due
    }

    /// Notes again what could not be written down.
    fn put_back(&self, uses: Uses) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for (credential, (at, times)) in uses {
            let (last, known) = state.used.entry(credential).or_insert((at, 0));
            *last = (*last).max(at);
            *known += times;
        }
    }

    /// Lets changes gather for a moment, unless it is told to stop.
    fn rest(&self) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.rung.wait_timeout_while(state, REST, |state| !state.stopped));
    }

    fn pulsed(&self, pulse: Pulse) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).pulse = Some(pulse);
    }

    fn wait(&self, at_most: Duration) -> Option<Uses> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = self.rung.wait_timeout_while(state, at_most, |state| !state.ringing && !state.stopped);
        let (mut state, _) = wait.unwrap_or_else(PoisonError::into_inner);
        state.ringing = false;
        if state.stopped { None } else { Some(std::mem::take(&mut state.used)) }
    }
}

impl Control {
    /// Runs until [`Self::stop_ledger`]. `on_head` is told the size of the tree after each growth, and once at the
    /// start.
    pub fn run_ledger(&self, on_head: impl Fn(u64)) {
        self.inner.bell.pulsed(Pulse { at: self.now(), size: None });
        while let Some(used) = self.inner.bell.wait(Duration::from_secs(1)) {
            let noted = self.note_uses(used);
            if let Err(error) = noted.and_then(|()| self.pulse(&on_head)) {
                tracing::warn!(%error, "the ledger could not be brought forward; it is tried again in a second");
            }
            self.inner.bell.rest();
        }
    }

    /// The last time that expired tickets, last uses and the tree were all written; `None` if nobody runs the ledger.
    #[must_use]
    pub fn ledger_pulse(&self) -> Option<Pulse> {
        self.inner.bell.state.lock().unwrap_or_else(PoisonError::into_inner).pulse
    }

    /// Ends [`Self::run_ledger`] after its current pulse.
    pub fn stop_ledger(&self) {
        self.inner.bell.state.lock().unwrap_or_else(PoisonError::into_inner).stopped = true;
        self.inner.bell.rung.notify_all();
    }

    /// Writes down when credentials were used; what cannot be written is kept for the next time.
    fn note_uses(&self, used: Uses) -> Result<(), Error> {
        if used.is_empty() {
            return Ok(());
        }
        let touched: Vec<_> = used.iter().map(|(id, (at, times))| (*id, *at, *times)).collect();
        let noted = self.inner.store.housekeeping(move |keep| store::credentials::touch(keep, &touched));
        noted.map_err(|error: store::StoreError| {
            self.inner.bell.put_back(used);
            error.into()
        })
    }

    fn pulse(&self, on_head: &impl Fn(u64)) -> Result<(), Error> {
        self.expire_tickets()?;
        self.record_throttled()?;
        let size = self.integrate();
        // Also when the ledger does not advance: that is something to be told.
        self.keep_watch();
        let size = size?;
        self.inner.bell.pulsed(Pulse { at: self.now(), size: Some(size) });
        on_head(size);
        self.forget_in_turn()?;
        Ok(())
    }

    /// Brings every committed entry into the tree and signs it if it grew. Returns its size.
    pub fn integrate(&self) -> Result<u64, Error> {
        loop {
            let done = self.inner.store.housekeeping(|keep| store::log::integrate(keep, BATCH))?;
            if done.count < BATCH {
                self.sign_checkpoint(&done.head)?;
                return Ok(done.head.size);
            }
        }
    }

    fn sign_checkpoint(&self, head: &ledger::Head) -> Result<(), Error> {
        let last = self.read(|q| Ok(store::log::latest_checkpoint(q)?))?;
        if last.is_some_and(|last| last.size >= head.size) {
            return Ok(());
        }
        let (note, size, at) = (self.inner.log_key.sign(head), head.size, self.now());
        Ok(self.inner.store.housekeeping(move |keep| store::log::insert_checkpoint(keep, size, note.as_str(), at))?)
    }
}
