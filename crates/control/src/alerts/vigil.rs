//! The vigil beside the ledger's pulse: the ledger is followed entry by entry, places of use are learned, and conditions
//! that come with time are looked at once a minute.
//!
//! One thread per process, woken when the ledger has grown and once a second. The store lets one of them at a time go on,
//! from where the last one was. Nothing here keeps the ledger from advancing, nothing that a user waits for waits for
//! this, and no step keeps another from being tried.

use std::time::Duration;

use domain::Instant;
use domain::alert::condition::{Place, expiring, has_moved, is_provided_for, new_network, stalled};
use domain::alert::{Rule, Sighting};
use domain::id::CredentialId;
use domain::network::place;
use store::Reader;
use store::credentials::Filter;

use crate::alerts::round::readable;
use crate::alerts::{Repeat, Round};
use crate::authenticate::{Caller, Proof};
use crate::{Control, Error};

/// How many entries are followed in one transaction, and how many transactions in one turn.
const BATCH: u32 = 200;
const BATCHES: u32 = 20;
/// How often conditions that come with time are looked at, in seconds.
const EVERY: u32 = 60;
/// How long a condition that only some processes can see may go unseen until it counts as over, in seconds.
const UNSEEN: u32 = 10 * EVERY;
const DAY: u32 = 24 * 3600;
/// How long places and settled messages are remembered, in seconds.
const PLACES_KEPT: u32 = 400 * DAY;
const DELIVERIES_KEPT: u32 = 30 * DAY;

impl Control {
    /// Runs until [`Self::stop_ledger`]. `on_turn` is called after each turn: there may be messages to send.
    pub fn run_vigil(&self, on_turn: impl Fn()) {
        while self.inner.bell.wait_for_growth(Duration::from_secs(1)) {
            self.keep_watch();
            on_turn();
        }
        if let Err(error) = self.learn_places() {
            tracing::warn!(%error, "the last places of use are lost");
        }
    }

    /// One turn of the vigil. What fails is tried again.
    pub fn keep_watch(&self) {
        let now = self.now();
        for (step, done) in [
            ("following the ledger", self.follow_ledger()),
            ("learning places of use", self.learn_places()),
            ("looking at what this process alone knows", self.in_turn("oneself", now, |now| self.look_at_oneself(now))),
            ("looking at conditions that come with time", self.in_turn("sweep", now, |now| self.sweep(now))),
            ("forgetting what is over", self.in_turn("forgetting", now, |_| self.forget().map(drop))),
        ] {
            if let Err(error) = done {
                tracing::warn!(%error, "{step} failed; it is tried again");
            }
        }
    }

    /// Does a chore if that was not done in this process for a minute.
    fn in_turn(
        &self,
        chore: &'static str,
        now: Instant,
        work: impl FnOnce(Instant) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if self.inner.bell.is_due(chore, now, EVERY) { work(now) } else { Ok(()) }
    }

    /// Notes from where a caller came.
    pub(crate) fn note_place(&self, caller: &Caller) {
        let Some(address) = caller.address else { return };
        let subject = match caller.proof {
            Proof::Credential(id) => id.to_string(),
            Proof::Nothing => return,
            _ => caller.principal.to_string(),
        };
        self.inner.bell.seen_at(subject, place(address), self.now());
    }

    /// Follows the ledger to its end, or as far as one turn goes. Each entry is counted once, whatever ends meanwhile.
    fn follow_ledger(&self) -> Result<(), Error> {
        for _ in 0..BATCHES {
            let (next, size) = self.read(|q| Ok((store::alerts::progress(q)?.next, store::log::head(q)?.size)))?;
            if next >= size {
                return Ok(());
            }
            self.upkeep(|control, keep, events| {
                let from = store::alerts::progress(keep)?.next;
                let upcoming = store::alerts::upcoming(keep, from, BATCH)?;
                if upcoming.next == from {
                    return Ok(());
                }
                if upcoming.lost > 0 {
                    let (lost, next) = (upcoming.lost, upcoming.next);
                    tracing::error!(lost, from, next, "the rules pass over entries that are damaged or gone");
                }
                store::alerts::advance(keep, from, upcoming.next)?;
                let mut round = Round::begin(control, keep)?;
                for recorded in &upcoming.entries {
                    readable(round.entry(&recorded.entry))?;
                }
                events.append(&mut round.events);
                Ok(())
            })?;
        }
        // There is more: the next turn need not be waited for.
        self.inner.bell.grew();
        Ok(())
    }

    fn learn_places(&self) -> Result<(), Error> {
        let places = self.inner.bell.take_places();
        if places.is_empty() {
            return Ok(());
        }
        let learning = places.clone();
        let learned = self.upkeep(move |control, keep, events| {
            let mut round = Round::begin(control, keep)?;
            for place in &learning {
                readable(learn(&mut round, place))?;
            }
            events.append(&mut round.events);
            Ok(())
        });
        if learned.is_err() {
            for Place { subject, network, at } in places {
                self.inner.bell.seen_at(subject, network, at);
            }
        }
        learned
    }

    /// Looks whether this process still takes a bootstrap token, which no other may know.
    fn look_at_oneself(&self, now: Instant) -> Result<(), Error> {
        let Some(token) = &self.config().auth.bootstrap else { return Ok(()) };
        if token.expires_at().is_some_and(|end| !now.is_before(end)) {
            return Ok(());
        }
        self.upkeep(move |control, keep, events| {
            if !store::credentials::any(keep)? {
                return Ok(());
            }
            let mut round = Round::begin(control, keep)?;
            if let Some(setting) = round.setting(Rule::BootstrapEnabled) {
                let sighting = Sighting {
                    rule: Rule::BootstrapEnabled,
                    subject: "bootstrap".into(),
                    amount: 1,
                    at: now,
                    entry: None,
                    note: None,
                };
                round.lasting(&sighting, Repeat::After(setting.within_seconds))?;
            }
            events.append(&mut round.events);
            Ok(())
        })
    }

    /// Looks at conditions that anybody can see, if nobody has for a minute. That it is one process a minute saves work; what
    /// makes it once is the update that this begins with, in the transaction that records what is found.
    fn sweep(&self, now: Instant) -> Result<(), Error> {
        let due = now.minus(EVERY);
        let Some(ending) = self.read(|q| ending(q, due, now))? else { return Ok(()) };
        self.upkeep(move |control, keep, events| {
            if !store::alerts::sweep(keep, due, now)? {
                return Ok(());
            }
            let mut round = Round::begin(control, keep)?;
            readable(look_at_credentials(&mut round, &ending))?;
            readable(look_at_ledger(&mut round, now))?;
            readable(look_for_unseen(&mut round, now))?;
            events.append(&mut round.events);
            store::alerts::forget_watches(keep, now.minus(366 * DAY))?;
            store::places::forget(keep, now.minus(PLACES_KEPT))?;
            store::deliveries::forget(keep, now.minus(DELIVERIES_KEPT))?;
            Ok(())
        })
    }
}

/// The credentials that end soon, if it is time to look: nobody writes while they are read.
fn ending(q: &mut Reader<'_>, due: Instant, now: Instant) -> Result<Option<Vec<Sighting>>, Error> {
    let last = store::alerts::progress(q)?.swept_at;
    if due.is_before(last) && !now.is_before(last) {
        return Ok(None);
    }
    let mut found = Vec::new();
    let rules = store::alerts::rules(q)?;
    let setting = rules.iter().find(|setting| setting.rule == Rule::CredentialExpiring && setting.enabled);
    if let Some(setting) = setting {
        readable(store::credentials::list(q, &Filter::default()).map_err(Error::from).map(|all| {
            found.extend(all.iter().filter_map(|credential| expiring(credential, now, setting)));
        }))?;
    }
    Ok(Some(found))
}

/// An alert about a credential is over once somebody has seen to that credential, and not because it is no longer found: it
/// may have expired, the rule may have been set otherwise, or there are more than are listed.
fn look_at_credentials(round: &mut Round<'_>, ending: &[Sighting]) -> Result<(), Error> {
    if round.setting(Rule::CredentialExpiring).is_none() {
        return Ok(());
    }
    round.settle(Rule::CredentialExpiring, |keep, alert| {
        let Ok(id) = alert.subject.parse::<CredentialId>() else { return Ok(false) };
        Ok(store::credentials::get(keep, id)?.is_some_and(|credential| is_provided_for(&credential)))
    })?;
    ending.iter().try_for_each(|sighting| round.condition(sighting, Repeat::Never))
}

fn look_at_ledger(round: &mut Round<'_>, now: Instant) -> Result<(), Error> {
    let Some(setting) = round.setting(Rule::LedgerStalled) else { return Ok(()) };
    let oldest = store::entries::oldest_waiting(round.keep())?;
    match stalled(oldest, now, &setting) {
        Some(sighting) => round.condition(&sighting, Repeat::After(setting.within_seconds)),
        None => round.settle(Rule::LedgerStalled, |_, alert| Ok(has_moved(alert, oldest))),
    }
}

/// Every process that takes a bootstrap token says so each minute. Nobody else can tell that there is none left.
fn look_for_unseen(round: &mut Round<'_>, now: Instant) -> Result<(), Error> {
    if round.setting(Rule::BootstrapEnabled).is_none() {
        return Ok(());
    }
    round.settle(Rule::BootstrapEnabled, |_, alert| Ok(!now.is_before(alert.last_at.plus(UNSEEN))))
}

fn learn(round: &mut Round<'_>, place: &Place) -> Result<(), Error> {
    let first = store::places::first(round.keep(), &place.subject)?;
    let known = store::places::note(round.keep(), place)?;
    let setting = round.setting(Rule::NewNetwork).filter(|_| !known);
    match setting.and_then(|setting| new_network(place, first, &setting)) {
        Some(sighting) => round.count(&sighting),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use domain::event::{Event, Kind};

    use super::*;

    #[test]
    fn f_13_upkeep_that_has_nothing_left_to_record_is_kept_all_the_same() {
        let (control, _folder) = crate::testing::nobody_there();
        let (runs, swept_at) = (AtomicU32::new(0), Instant::from_seconds(7));
        let done = control.upkeep(move |control, keep, events| {
            store::alerts::sweep(keep, Instant::from_seconds(1), swept_at)?;
            let run = runs.fetch_add(1, Ordering::SeqCst);
            // After the first run another process has recorded what there was.
            if run == 0 {
                events.push(Event::new(control.now(), Kind::UserCreated));
            }
            Ok(run)
        });
        assert_eq!(done.unwrap(), 2, "as upkeep, as a change, and as upkeep again");
        let known = control.read(|q| Ok(store::alerts::progress(q)?.swept_at)).unwrap();
        assert_eq!(known, swept_at);
    }
}
