//! What is forgotten after a time: limits, remembered answers, dead codes, sessions that ended long ago.
//!
//! One process on a database does it, under a lease, about once a minute. Each step begins by making sure that the lease
//! is still held, so a process that slept does nothing when it wakes. Never anything that an audit needs: entries,
//! tickets, credentials and people stay.

use store::leases::{self, Lease};
use store::{Housekeeping, StoreError};

use crate::{Control, Error};

/// How long the lease lasts, in milliseconds: longer than a minute, so that it stays in one hand.
const LEASE: u32 = 150_000;
/// How long a used or unused code is known beyond its end, to recognise a second use.
const CODES: u32 = 24 * 3600;
/// How long an answer is remembered.
pub(crate) const ANSWERS: u32 = 24 * 3600;
/// How long a session is known beyond its end.
const SESSIONS: u32 = 30 * 24 * 3600;
/// How many rows are forgotten in one transaction.
const BATCH: u32 = 1000;

type Step = fn(&Control, &mut Housekeeping<'_>) -> Result<u64, StoreError>;

const STEPS: &[Step] = &[
    |control, keep| {
        let auth = &control.config().auth;
        let longest = auth.address_limit.interval.max(auth.identity_limit.interval);
        store::limits::forget(keep, control.now().minus(longest.saturating_mul(2)))
    },
    |control, keep| store::idempotency::purge(keep, control.now().minus(ANSWERS)),
    |control, keep| store::codes::purge(keep, control.now().minus(CODES)),
    |control, keep| store::sessions::purge(keep, control.now().minus(SESSIONS), BATCH),
];

impl Control {
    /// Does it now if this process has the lease. Gives how many rows were forgotten.
    pub fn forget(&self) -> Result<u64, Error> {
        let holder = self.inner.instance.clone();
        let Some(lease) = self.inner.store.housekeeping(move |keep| leases::take(keep, "upkeep", &holder, LEASE))?
        else {
            return Ok(0);
        };
        let mut forgotten = 0;
        for step in STEPS {
            let Some(rows) = self.fenced(&lease, *step)? else {
                tracing::warn!("upkeep was left to another process: this one was slower than its lease");
                break;
            };
            forgotten += rows;
        }
        Ok(forgotten)
    }

    fn fenced(&self, lease: &Lease, step: Step) -> Result<Option<u64>, StoreError> {
        let (control, lease) = (self.clone(), lease.clone());
        self.inner.store.housekeeping(move |keep| {
            let held = leases::holds(keep, &lease)?;
            held.then(|| step(&control, keep)).transpose()
        })
    }
}
