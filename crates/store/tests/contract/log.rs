use ledger::{Head, LogKey, SignedCheckpoint, Witness, leaf_hash};
use store::entries::{self, EntryFilter};
use store::log::{self, Checkpoint, Integrated, Recheck};
use store::testing::TestDatabase;
use store::{Store, StoreError};

use crate::{event, examples, look, race};

on_both_engines! {
    entries_get_their_places_in_the_order_of_their_writing,
    every_proof_of_the_store_verifies,
    proofs_beyond_the_ledger_are_refused,
    many_integrators_at_once_make_one_linear_log,
    a_checkpoint_is_kept_only_if_it_says_what_the_ledger_holds,
    a_witness_follows_the_stored_log,
    a_ledger_goes_on_after_opening_again,
}

fn tell(store: &Store, count: u32) {
    let events: Vec<_> = (0..count).map(|n| event().about(n)).collect();
    store.write::<_, StoreError>(move |tx| tx.commit_all(events.clone())).unwrap();
}

fn integrate(store: &Store, limit: u32) -> Integrated {
    store.housekeeping(move |keep| log::integrate(keep, limit)).unwrap()
}

fn key() -> LogKey {
    LogKey::from_seed("countersign.test/log", &[1; 32]).unwrap()
}

fn entries_get_their_places_in_the_order_of_their_writing(database: &TestDatabase) {
    let store = database.open();
    assert_eq!(integrate(&store, 10), Integrated { head: Head::EMPTY, count: 0 });
    tell(&store, 3);
    tell(&store, 2);
    assert_eq!(integrate(&store, 2).count, 2);
    assert_eq!(integrate(&store, 2).count, 2);
    let last = integrate(&store, 2);
    assert_eq!((last.count, last.head.size), (1, 5));
    assert_eq!(integrate(&store, 2), Integrated { head: last.head, count: 0 });
    assert_eq!(look(&store, |q| log::head(q)), last.head);
    let placed = look(&store, |q| entries::range(q, 0, 10));
    let about: Vec<_> = placed.iter().filter_map(|recorded| recorded.entry.about.as_deref()).collect();
    assert_eq!(about, ["0", "1", "2", "0", "1"]);
    let mut recount = ledger::Recount::default();
    for recorded in &placed {
        recount.push(leaf_hash(&recorded.leaf));
    }
    assert_eq!(recount.head(), last.head);
    assert_eq!(look(&store, |q| log::recheck(q)), Recheck::Sound(last.head));
}

fn every_proof_of_the_store_verifies(database: &TestDatabase) {
    let store = database.open();
    let mut heads = vec![Head::EMPTY];
    for _ in 0..19 {
        tell(&store, 1);
        heads.push(integrate(&store, 10).head);
    }
    look(&store, |q| {
        let placed = entries::range(q, 0, 100)?;
        for (size, head) in (0..).zip(&heads) {
            for (index, recorded) in (0..size).zip(&placed) {
                log::inclusion_proof(q, index, size)?.verify(&recorded.leaf, head).unwrap();
            }
            for (from, old) in (0..=size).zip(&heads) {
                log::consistency_proof(q, from, size)?.verify(old, head).unwrap();
            }
        }
        Ok(())
    });
}

fn proofs_beyond_the_ledger_are_refused(database: &TestDatabase) {
    let store = database.open();
    tell(&store, 2);
    integrate(&store, 10);
    for (index, size) in [(2, 2), (0, 0), (0, 3), (0, u64::MAX), (u64::MAX, u64::MAX)] {
        let proof = store.read(|q| log::inclusion_proof(q, index, size));
        assert!(matches!(proof, Err(StoreError::Misuse { .. })), "{index} of {size}: {proof:?}");
    }
    for (from, to) in [(2, 1), (1, 3), (3, 3), (0, u64::MAX)] {
        let proof = store.read(|q| log::consistency_proof(q, from, to));
        assert!(matches!(proof, Err(StoreError::Misuse { .. })), "{from} to {to}: {proof:?}");
    }
}

fn many_integrators_at_once_make_one_linear_log(database: &TestDatabase) {
    // Two stores on one database are what two processes have.
    let stores = [database.open(), database.open()];
    let counts = race(|n| {
        let store = &stores[n % 2];
        let mut count = 0;
        for _ in 0..4 {
            tell(store, 3);
            count += integrate(store, 5).count;
        }
        count
    });
    let mut done: u32 = counts.iter().sum();
    loop {
        let rest = integrate(&stores[0], 5).count;
        done += rest;
        if rest == 0 {
            break;
        }
    }
    assert_eq!(done, 16 * 4 * 3, "each entry got one place");
    let head = look(&stores[1], |q| log::head(q));
    assert_eq!(head.size, u64::from(done));
    assert_eq!(look(&stores[1], |q| log::recheck(q)), Recheck::Sound(head));
    let filter = EntryFilter { limit: 1000, ..EntryFilter::default() };
    let indexes: Vec<_> = look(&stores[1], |q| entries::list(q, &filter)).iter().filter_map(|r| r.index).collect();
    assert_eq!(indexes, (0..head.size).rev().collect::<Vec<_>>());
}

fn a_checkpoint_is_kept_only_if_it_says_what_the_ledger_holds(database: &TestDatabase) {
    let store = database.open();
    assert_eq!(look(&store, |q| log::latest_checkpoint(q)), None);
    tell(&store, 3);
    let three = integrate(&store, 10).head;
    tell(&store, 1);
    let four = integrate(&store, 10).head;
    let keep = |size: u64, note: &SignedCheckpoint| {
        let note = note.clone();
        store.housekeeping(move |keep| log::insert_checkpoint(keep, size, note.as_str(), examples::now()))
    };
    let forged = key().sign(&Head { size: 3, root: four.root });
    let beyond = key().sign(&Head { size: 5, root: four.root });
    for (size, note) in [(3, &forged), (5, &beyond), (3, &key().sign(&four)), (4, &key().sign(&three))] {
        assert!(matches!(keep(size, note), Err(StoreError::Misuse { .. })), "{note}");
    }
    assert_eq!(look(&store, |q| log::latest_checkpoint(q)), None);

    let (old, new) = (key().sign(&three), key().sign(&four));
    keep(3, &old).unwrap();
    keep(3, &old).unwrap();
    let other = LogKey::from_seed("countersign.test/log", &[2; 32]).unwrap().sign(&three);
    assert!(matches!(keep(3, &other), Err(StoreError::Conflict { .. })), "one size has one checkpoint");
    keep(4, &new).unwrap();
    // Another process was faster: its later one says more, so this one is passed over.
    keep(3, &old).unwrap();
    let kept = Checkpoint { size: 4, note: new.to_string(), made_at: examples::now() };
    assert_eq!(look(&store, |q| log::latest_checkpoint(q)), Some(kept));
    assert_eq!(look(&store, |q| log::checkpoint(q, 3)).unwrap().note, old.to_string());
    assert_eq!(look(&store, |q| log::checkpoint(q, 2)), None);
}

fn a_witness_follows_the_stored_log(database: &TestDatabase) {
    let store = database.open();
    let mut witness = Witness::new(key().public());
    for count in [1, 4, 2] {
        tell(&store, count);
        let head = integrate(&store, 10).head;
        let proof = look(&store, |q| log::consistency_proof(q, witness.size(), head.size));
        witness = witness.advance(&key().sign(&head), &proof).unwrap();
    }
    assert_eq!(witness.size(), 7);
}

fn a_ledger_goes_on_after_opening_again(database: &TestDatabase) {
    let store = database.open();
    tell(&store, 3);
    let old = integrate(&store, 10).head;
    tell(&store, 2);
    drop(store);
    let store = database.open();
    assert_eq!(look(&store, |q| log::head(q)), old);
    let new = integrate(&store, 10).head;
    let proof = look(&store, |q| log::consistency_proof(q, 3, 5));
    proof.verify(&old, &new).unwrap();
}
