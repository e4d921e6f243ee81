//! Two processes, one of which may sleep past its lease.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use store::leases::{self, Lease};
use store::testing::TestDatabase;
use store::{Store, limits};

use crate::{examples, race, raw};

on_both_engines! {
    f_13_of_many_who_want_a_lease_one_has_it,
    f_13_whoever_sleeps_past_the_lease_changes_nothing,
    f_13_whoever_works_under_a_lease_keeps_others_waiting,
    a_lease_is_prolonged_under_its_number_and_changes_hands_under_another,
}

const MINUTE: u32 = 60_000;

fn take(store: &Store, holder: &'static str) -> Option<Lease> {
    store.housekeeping(move |keep| leases::take(keep, "upkeep", holder, MINUTE)).unwrap()
}

/// As if its time had passed.
fn let_run_out(database: &TestDatabase) {
    raw::run(database, "UPDATE leases SET ends_at = 1");
}

fn f_13_of_many_who_want_a_lease_one_has_it(database: &TestDatabase) {
    const NAMES: [&str; 16] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"];
    let (one, two) = (database.open(), database.open());
    let taken = race(|n| take(if n % 2 == 0 { &one } else { &two }, NAMES[n]));
    let taken: Vec<_> = taken.into_iter().flatten().collect();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].fence, 1);
}

fn f_13_whoever_sleeps_past_the_lease_changes_nothing(database: &TestDatabase) {
    let (one, two) = (database.open(), database.open());
    let key = [("address".to_owned(), domain::limit::Limit { failures: 5, interval: 60 })];
    one.housekeeping(move |keep| limits::reserve(keep, &key, examples::now())).unwrap().unwrap();
    let asleep = take(&one, "one").unwrap();
    let forget = |store: &Store, lease: &Lease| {
        let lease = lease.clone();
        store
            .housekeeping(move |keep| {
                if !leases::holds(keep, &lease)? {
                    return Ok(None);
                }
                limits::forget(keep, examples::now().plus(1)).map(Some)
            })
            .unwrap()
    };
    let_run_out(database);
    assert_eq!(forget(&one, &asleep), None, "its time is over, though nobody has taken it yet");
    let awake = take(&two, "two").unwrap();
    assert!(awake.fence > asleep.fence);
    assert_eq!(forget(&one, &asleep), None);
    assert_eq!(forget(&two, &awake), Some(1));
}

fn f_13_whoever_works_under_a_lease_keeps_others_waiting(database: &TestDatabase) {
    let (one, two) = (database.open(), database.open());
    let lease = take(&one, "one").unwrap();
    let (done, at_work) = (Arc::new(AtomicBool::new(false)), std::sync::mpsc::sync_channel(1));
    let (finished, (told, working)) = (Arc::clone(&done), at_work);
    let worker = std::thread::spawn(move || {
        one.housekeeping::<_, store::StoreError>(move |keep| {
            assert!(leases::holds(keep, &lease)?);
            // A change of the row that only this transaction sees: its lease is over while it is at work.
            leases::take(keep, "upkeep", "one", 0)?;
            let _ = told.try_send(());
            for _ in 0..200 {
                assert!(!leases::holds(keep, &lease)?);
            }
            done.store(true, Ordering::SeqCst);
            Ok(())
        })
        .unwrap();
    });
    working.recv().unwrap();
    let taken = take(&two, "two").unwrap();
    assert!(finished.load(Ordering::SeqCst), "it was taken while somebody was at work under it");
    assert_eq!(taken.fence, 2);
    worker.join().unwrap();
}

fn a_lease_is_prolonged_under_its_number_and_changes_hands_under_another(database: &TestDatabase) {
    let (one, two) = (database.open(), database.open());
    let first = take(&one, "one").unwrap();
    assert_eq!(take(&one, "one"), Some(first));
    assert_eq!(take(&two, "two"), None);
    let_run_out(database);
    assert_eq!(take(&two, "two").unwrap().fence, 2);
    let_run_out(database);
    assert_eq!(take(&two, "two").unwrap().fence, 3, "nobody knows what happened meanwhile");
}
