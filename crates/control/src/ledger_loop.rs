//! The ledger's pulse: entries are integrated, the tree is signed, clocks that ran out are written down.
//!
//! One thread per process. It is woken by every commit here and once a second for commits elsewhere; two processes on
//! one database may both run it, because the store advances the tree conditionally. No step keeps another from being
//! tried; only when all of them were done the pulse is told. The vigil over alerts has a thread of its own, which this wakes.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use domain::Instant;
use domain::alert::condition::Place;
use domain::id::CredentialId;
use domain::network::Network;
use store::StoreError;

use crate::authenticate::Throttled;
use crate::{Control, Error};

/// How long changes gather between two pulses, so that a tree under load is signed twenty times a second and not after
/// each batch.
const REST: Duration = Duration::from_millis(50);

/// How many entries are integrated in one transaction.
const BATCH: u32 = 1000;

/// Under which name of the settings, and how often in seconds, it is written that the database takes changes.
const HEARTBEAT: &str = "heartbeat";
const BEAT: u32 = 10;

/// Longer than anything waits to be written down.
const LONG: u32 = 24 * 3600;

/// What wakes the loop, and what it has to write behind.
#[derive(Default)]
pub(crate) struct Bell {
    state: Mutex<State>,
    rung: Condvar,
}

#[derive(Default)]
struct State {
    ringing: bool,
    grown: bool,
    stopped: bool,
    used: Uses,
    throttled: Throttled,
    chores: BTreeMap<&'static str, Instant>,
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

    /// Counts again who was turned away, as it could not be written down.
    pub(crate) fn put_turned_away_back(&self, counts: BTreeMap<String, u64>) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).throttled.put_back(counts);
    }

    /// Who was turned away, if it is time to write it down. At the end it always is.
    pub(crate) fn take_turned_away(&self, now: Instant) -> Option<(BTreeMap<String, u64>, Instant)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let due = state.throttled.take(now);
        if due.is_none() && state.stopped { state.throttled.take(now.plus(LONG)) } else { due }
    }

    /// Whether so many seconds have passed since a chore was last due; then it is due again as many later.
    pub(crate) fn is_due(&self, chore: &'static str, now: Instant, every: u32) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let last = state.chores.get(chore).copied();
        let due = last.is_none_or(|last| !now.is_before(last.plus(every)) || now.is_before(last));
        if due {
            state.chores.insert(chore, now);
        }
        due
    }

    /// A chore was not done, so it is due at once.
    fn not_done(&self, chore: &'static str) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).chores.remove(chore);
    }

    /// There is more of the ledger to follow.
    pub(crate) fn grew(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).grown = true;
        self.rung.notify_all();
    }

    /// Waits until there is more of the ledger to follow, or for so long. False once this process is to end.
    pub(crate) fn wait_for_growth(&self, at_most: Duration) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = self.rung.wait_timeout_while(state, at_most, |state| !state.grown && !state.stopped);
        let (mut state, _) = wait.unwrap_or_else(PoisonError::into_inner);
        state.grown = false;
        !state.stopped
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

    /// Nothing has happened since it was last waited for.
    fn is_quiet(&self) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        !state.ringing && !state.stopped
    }

    /// Everything was written.
    fn pulsed(&self, at: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.pulse = Some(Pulse { at, size: state.pulse.and_then(|pulse| pulse.size) });
    }

    /// The tree is so large.
    fn grown_to(&self, size: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let grown = state.pulse.as_mut().is_some_and(|pulse| pulse.size.replace(size) != Some(size));
        if grown {
            state.grown = true;
            self.rung.notify_all();
        }
    }

    /// Waits until it is rung, or for so long. False once this process is to end.
    fn wait(&self, at_most: Duration) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = self.rung.wait_timeout_while(state, at_most, |state| !state.ringing && !state.stopped);
        let (mut state, _) = wait.unwrap_or_else(PoisonError::into_inner);
        state.ringing = false;
        !state.stopped
    }

    fn take_uses(&self) -> Uses {
        std::mem::take(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner).used)
    }
}

impl Control {
    /// Runs until [`Self::stop_ledger`], and once more then. `on_head` is told the size of the tree after each growth, and
    /// once at the start.
    pub fn run_ledger(&self, on_head: impl Fn(u64)) {
        self.inner.bell.pulsed(self.now());
        while self.inner.bell.wait(Duration::from_secs(1)) {
            self.pulse(&on_head);
            self.inner.bell.rest();
            if self.inner.bell.is_quiet() {
                self.keep_some_decisions();
            }
        }
        // What was only counted since would end with this process.
        self.pulse(&on_head);
    }

    /// The last time that expired tickets, last uses and the tree were all written, and the database took changes; `None` if
    /// nobody runs the ledger.
    #[must_use]
    pub fn ledger_pulse(&self) -> Option<Pulse> {
        self.inner.bell.state.lock().unwrap_or_else(PoisonError::into_inner).pulse
    }

    /// Ends [`Self::run_ledger`] and [`Self::run_vigil`] after what they are at.
    pub fn stop_ledger(&self) {
        self.inner.bell.state.lock().unwrap_or_else(PoisonError::into_inner).stopped = true;
        self.inner.bell.rung.notify_all();
    }

    fn pulse(&self, on_head: &impl Fn(u64)) {
        let done = every(&[
            ("noting uses", &|| self.note_uses()),
            ("letting tickets expire", &|| self.expire_tickets()),
            ("recording who was turned away", &|| self.record_throttled()),
            ("bringing the ledger forward", &|| self.grow(on_head)),
            ("making sure that the database takes changes", &|| self.beat()),
        ]);
        if done.is_ok() {
            self.inner.bell.pulsed(self.now());
        }
    }

    /// Writes down when credentials were used; what cannot be written is kept for the next time.
    fn note_uses(&self) -> Result<(), Error> {
        let used = self.inner.bell.take_uses();
        if used.is_empty() {
            return Ok(());
        }
        let touched: Vec<_> = used.iter().map(|(id, (at, times))| (*id, *at, *times)).collect();
        let noted = self.inner.store.housekeeping(move |keep| store::credentials::touch(keep, &touched));
        noted.map_err(|error: StoreError| {
            self.inner.bell.put_back(used);
            error.into()
        })
    }

    fn grow(&self, on_head: &impl Fn(u64)) -> Result<(), Error> {
        let size = self.integrate()?;
        self.inner.bell.grown_to(size);
        on_head(size);
        Ok(())
    }

    /// Makes sure now and then that the database takes changes: one that is full or read-only is read from as ever.
    fn beat(&self) -> Result<(), Error> {
        let now = self.now();
        if !self.inner.bell.is_due(HEARTBEAT, now, BEAT) {
            return Ok(());
        }
        let text = now.to_string();
        let written = self.inner.store.housekeeping(move |keep| {
            store::settings::forget(keep, HEARTBEAT)?;
            store::settings::agree(keep, HEARTBEAT, &text).map(drop)
        });
        written.map_err(|error: StoreError| {
            self.inner.bell.not_done(HEARTBEAT);
            error.into()
        })
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

/// A step of a pulse, and what it is called.
type Step<'a> = (&'static str, &'a dyn Fn() -> Result<(), Error>);

/// Takes every step, whatever became of those before it. Gives the first error; each is told to the operator.
fn every(steps: &[Step<'_>]) -> Result<(), Error> {
    let mut first = Ok(());
    for (name, step) in steps {
        if let Err(error) = step() {
            tracing::warn!(%error, "{name} failed; it is tried again in a second");
            first = first.and(Err(error));
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn now() -> Instant {
        Instant::from_seconds(1_800_000_000)
    }

    #[test]
    fn no_step_keeps_another_from_being_tried_and_the_first_error_is_told() {
        let taken = RefCell::new(Vec::new());
        let step = |name: &'static str, fails: bool| {
            taken.borrow_mut().push(name);
            if fails { Err(Error::Conflict(name.to_owned())) } else { Ok(()) }
        };
        let done = every(&[("a", &|| step("a", false)), ("b", &|| step("b", true)), ("c", &|| step("c", true))]);
        assert!(matches!(done, Err(Error::Conflict(name)) if name == "b"));
        assert_eq!(taken.into_inner(), ["a", "b", "c"]);
    }

    #[test]
    fn who_was_turned_away_is_written_down_once_a_minute_and_at_the_end() {
        let bell = Bell::default();
        bell.turned_away("x");
        assert!(bell.take_turned_away(now()).is_none());
        assert_eq!(bell.take_turned_away(now().plus(60)).map(|(counts, _)| counts.len()), Some(1));
        bell.turned_away("x");
        assert!(bell.take_turned_away(now().plus(61)).is_none());
        bell.state.lock().unwrap().stopped = true;
        assert_eq!(bell.take_turned_away(now().plus(61)).map(|(counts, _)| counts.len()), Some(1));
    }

    #[test]
    fn a_chore_is_due_again_after_its_time_and_at_once_if_it_was_not_done() {
        let bell = Bell::default();
        assert!(bell.is_due("sweep", now(), 60) && bell.is_due("beat", now(), 10));
        assert!(!bell.is_due("sweep", now().plus(59), 60) && bell.is_due("sweep", now().plus(60), 60));
        assert!(bell.is_due("sweep", now(), 60), "the clock was set back");
        bell.not_done("sweep");
        assert!(bell.is_due("sweep", now(), 60));
    }
}
