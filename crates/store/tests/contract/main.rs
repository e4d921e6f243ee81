//! What the store promises, asked of both engines: each test runs once on SQLite and once on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "everything here is a test")]

extern crate countersign_store as store;

/// Makes two tests of each function, one per engine.
macro_rules! on_both_engines {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $test() { super::$test(&store::testing::sqlite()); })+
        }
        mod postgres {
            $(#[test] fn $test() { super::$test(&store::testing::postgres()); })+
        }
    };
}

mod accounts;
mod alerts;
mod codes;
mod commits;
mod credentials;
mod decisions;
mod disk_full;
mod enrolments;
mod entries;
mod examples;
mod files;
mod idempotency;
mod killed;
mod leases;
mod limits;
mod log;
mod lost_connections;
mod opening;
mod policies;
mod policy_drafts;
mod raw;
mod rosters;
mod sessions;
mod settings;
mod stream_tickets;
mod tampering;
mod tasks;
mod tickets;
mod tls;
mod upgrade;
mod usage;
mod users;
mod webhooks;

use domain::event::{Event, Kind};
use store::{Reader, Store, StoreError, Transaction};

/// An event that nobody looks at.
fn event() -> Event {
    Event::new(examples::now(), Kind::UserCreated)
}

/// A change with an event.
fn change<T: Send + 'static>(
    store: &Store,
    work: impl Fn(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    store.write(move |mut tx| {
        let value = work(&mut tx)?;
        tx.commit(event())?;
        Ok(value)
    })
}

/// A read that does not fail.
fn look<T>(store: &Store, work: impl FnOnce(&mut Reader<'_>) -> Result<T, StoreError>) -> T {
    store.read(work).unwrap()
}

/// Runs the same on 16 threads that begin together; gives what each returned.
fn race<T: Send>(work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = std::sync::Barrier::new(16);
    let racer = |n| {
        start.wait();
        work(n)
    };
    std::thread::scope(|scope| {
        let racers: Vec<_> = (0..16).map(|n| scope.spawn(move || racer(n))).collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    })
}
