//! The vigil beside the ledger's pulse: the ledger is followed entry by entry, places of use are learned, and conditions
//! that come with time are looked at once a minute.
//!
//! Every process does it; the store lets one of them at a time go on, from where the last one was. Nothing here keeps the
//! ledger from advancing, and nothing that a user waits for waits for this.

use domain::Instant;
use domain::alert::condition::{Place, expiring, new_network, stalled};
use domain::alert::{Rule, Sighting};
use domain::network::place;
use store::credentials::Filter;

use crate::alerts::{Repeat, Round};
use crate::authenticate::{Caller, Proof};
use crate::{Control, Error};

/// How many entries are followed in one transaction, and how many transactions in one pulse.
const BATCH: u32 = 200;
const BATCHES: u32 = 20;
/// How often conditions that come with time are looked at, in seconds.
const EVERY: u32 = 60;
const DAY: u32 = 24 * 3600;
/// How long places and settled messages are remembered, in seconds.
const PLACES_KEPT: u32 = 400 * DAY;
const DELIVERIES_KEPT: u32 = 30 * DAY;

impl Control {
    /// One turn of the vigil. What fails is tried again with the next one.
    pub fn keep_watch(&self) {
        if let Err(error) = self.follow_ledger() {
            tracing::warn!(%error, "the ledger could not be followed; it is tried again in a second");
        }
        if let Err(error) = self.learn_places() {
            tracing::warn!(%error, "places of use could not be learned; it is tried again in a second");
        }
        if let Err(error) = self.sweep() {
            tracing::warn!(%error, "conditions could not be looked at; it is tried again in a second");
        }
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

    /// Follows the ledger to its end, or as far as one pulse goes. Each entry is counted once, whatever ends meanwhile.
    fn follow_ledger(&self) -> Result<(), Error> {
        for _ in 0..BATCHES {
            let (next, size) = self.read(|q| Ok((store::alerts::progress(q)?.next, store::log::head(q)?.size)))?;
            if next >= size {
                return Ok(());
            }
            self.upkeep(|control, keep, events| {
                let from = store::alerts::progress(keep)?.next;
                let entries = store::entries::range(keep, from, BATCH)?;
                let many = u64::try_from(entries.len()).unwrap_or(u64::MAX);
                if many == 0 {
                    return Ok(());
                }
                store::alerts::advance(keep, from, from + many)?;
                let mut round = Round::begin(control, keep)?;
                for recorded in &entries {
                    round.entry(&recorded.entry)?;
                }
                events.append(&mut round.events);
                Ok(())
            })?;
        }
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
                learn(&mut round, place)?;
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

    /// Looks at conditions that come with time, if nobody has for a minute.
    fn sweep(&self) -> Result<(), Error> {
        let now = self.now();
        let due = earlier(now, EVERY);
        let last = self.read(|q| Ok(store::alerts::progress(q)?.swept_at))?;
        if due.is_before(last) && !now.is_before(last) {
            return Ok(());
        }
        self.upkeep(move |control, keep, events| {
            if !store::alerts::sweep(keep, due, now)? {
                return Ok(());
            }
            let mut round = Round::begin(control, keep)?;
            control.look(&mut round, now)?;
            events.append(&mut round.events);
            store::alerts::forget_watches(keep, earlier(now, 366 * DAY))?;
            store::places::forget(keep, earlier(now, PLACES_KEPT))?;
            store::deliveries::forget(keep, earlier(now, DELIVERIES_KEPT))?;
            Ok(())
        })
    }

    fn look(&self, round: &mut Round<'_>, now: Instant) -> Result<(), Error> {
        if let Some(setting) = round.setting(Rule::CredentialExpiring) {
            for credential in store::credentials::list(round.keep(), &Filter::default())? {
                if let Some(sighting) = expiring(&credential, now, &setting) {
                    round.condition(&sighting, Repeat::Never)?;
                }
            }
        }
        if let Some(setting) = round.setting(Rule::LedgerStalled) {
            let oldest = store::entries::oldest_waiting(round.keep())?;
            if let Some(sighting) = stalled(oldest, now, &setting) {
                round.condition(&sighting, Repeat::After(setting.within_seconds))?;
            }
        }
        if let Some(setting) = round.setting(Rule::BootstrapEnabled) {
            let bootstrap = self.config().auth.bootstrap.as_ref();
            let accepted = bootstrap.is_some_and(|token| token.expires_at().is_none_or(|end| now.is_before(end)));
            if accepted && store::credentials::any(round.keep())? {
                let sighting = Sighting {
                    rule: Rule::BootstrapEnabled,
                    subject: "bootstrap".into(),
                    amount: 1,
                    at: now,
                    entry: None,
                    note: None,
                };
                round.condition(&sighting, Repeat::After(setting.within_seconds))?;
            }
        }
        Ok(())
    }
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

fn earlier(now: Instant, seconds: u32) -> Instant {
    Instant::from_millis(now.millis() - i64::from(seconds) * 1000)
}
