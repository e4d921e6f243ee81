//! The invariant: a change and its audit event are kept together or not at all.

use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::event::Kind;
use store::entries::{self, EntryFilter};
use store::testing::TestDatabase;
use store::{Store, StoreError, accounts, users};

use crate::{change, event, examples, look, race};

on_both_engines! {
    a_change_without_an_event_is_refused_and_undone,
    a_change_that_is_dropped_is_undone_whatever_it_returned,
    what_was_committed_is_kept_even_if_the_use_case_then_refuses,
    a_failure_after_the_change_leaves_neither_change_nor_event,
    a_failure_of_the_event_leaves_no_change,
    after_a_failed_statement_nothing_can_be_committed,
    a_panic_undoes_its_change_and_reaches_its_caller,
    a_change_sees_what_it_wrote_and_nobody_else_does,
    events_of_one_commit_keep_their_order,
    every_change_of_many_at_once_has_its_event,
    a_read_sees_one_moment,
    everything_is_there_after_opening_again,
    entries_get_their_time_from_the_event_and_ids_of_their_own,
}

fn counts(store: &Store) -> (u64, usize) {
    look(store, |q| Ok((users::count(q)?, entries::list(q, &EntryFilter::default())?.len())))
}

fn a_change_without_an_event_is_refused_and_undone(database: &TestDatabase) {
    let store = database.open();
    let result: Result<(), StoreError> = store.write(|mut tx| {
        users::insert(&mut tx, &examples::user("ann"), None)?;
        tx.commit_all(vec![])
    });
    assert!(matches!(result, Err(StoreError::Misuse { .. })), "{result:?}");
    assert_eq!(counts(&store), (0, 0));
}

fn a_change_that_is_dropped_is_undone_whatever_it_returned(database: &TestDatabase) {
    let store = database.open();
    let result: Result<u8, StoreError> = store.write(|mut tx| {
        users::insert(&mut tx, &examples::user("ann"), None)?;
        Ok(7)
    });
    assert_eq!(result, Ok(7));
    assert_eq!(counts(&store), (0, 0));
}

fn what_was_committed_is_kept_even_if_the_use_case_then_refuses(database: &TestDatabase) {
    #[derive(Debug)]
    enum Refusal {
        Policy,
        Store,
    }
    impl From<StoreError> for Refusal {
        fn from(_: StoreError) -> Self {
            Self::Store
        }
    }
    let store = database.open();
    let result: Result<(), Refusal> = store.write(|tx| {
        tx.commit(event())?;
        Err(Refusal::Policy)
    });
    assert!(matches!(result, Err(Refusal::Policy)));
    assert_eq!(counts(&store), (0, 1));
}

fn a_failure_after_the_change_leaves_neither_change_nor_event(database: &TestDatabase) {
    let store = database.open();
    let result: Result<(), StoreError> = store.write(|mut tx| {
        users::insert(&mut tx, &examples::user("ann"), None)?;
        accounts::insert(&mut tx, &examples::account("billing-ci"))?;
        accounts::insert(&mut tx, &examples::account("billing-ci"))?;
        tx.commit(event())
    });
    assert!(matches!(result, Err(StoreError::Conflict { .. })), "{result:?}");
    assert_eq!(counts(&store), (0, 0));
    assert_eq!(look(&store, |q| accounts::list(q)), []);
}

fn a_failure_of_the_event_leaves_no_change(database: &TestDatabase) {
    let store = database.open();
    let result: Result<(), StoreError> = store.write(|mut tx| {
        users::insert(&mut tx, &examples::user("ann"), None)?;
        tx.commit_all(vec![event(), event().about("no text with a zero character \0 can be kept")])
    });
    assert!(matches!(result, Err(StoreError::Misuse { .. })), "{result:?}");
    assert_eq!(counts(&store), (0, 0));
}

fn after_a_failed_statement_nothing_can_be_committed(database: &TestDatabase) {
    let store = database.open();
    change(&store, |tx| users::insert(tx, &examples::user("ann"), None)).unwrap();
    let result: Result<(), StoreError> = store.write(|mut tx| {
        users::insert(&mut tx, &examples::user("bob"), None)?;
        let swallowed = users::insert(&mut tx, &examples::user("ann"), None);
        assert!(swallowed.is_err());
        assert!(users::count(&mut tx).is_err(), "the transaction is over");
        tx.commit(event())
    });
    assert!(matches!(result, Err(StoreError::Conflict { .. })), "{result:?}");
    assert_eq!(counts(&store), (1, 1));
}

fn a_panic_undoes_its_change_and_reaches_its_caller(database: &TestDatabase) {
    let store = database.open();
    let panic = catch_unwind(AssertUnwindSafe(|| {
        change(&store, |tx| -> Result<(), StoreError> {
            users::insert(tx, &examples::user("ann"), None)?;
            panic!("this panic is part of a test");
        })
    }));
    let message = panic.unwrap_err().downcast_ref::<&str>().map(|text| (*text).to_owned());
    assert_eq!(message.as_deref(), Some("this panic is part of a test"));
    let panic = catch_unwind(AssertUnwindSafe(|| store.read::<(), StoreError>(|_| panic!("so is this one"))));
    assert!(panic.is_err());
    assert_eq!(counts(&store), (0, 0));
    change(&store, |tx| users::insert(tx, &examples::user("bob"), None)).unwrap();
    assert_eq!(counts(&store), (1, 1));
}

fn a_change_sees_what_it_wrote_and_nobody_else_does(database: &TestDatabase) {
    let store = database.open();
    let outside = store.clone();
    change(&store, move |tx| {
        users::insert(tx, &examples::user("ann"), None)?;
        assert_eq!(users::count(tx)?, 1);
        assert_eq!(look(&outside, |q| users::count(q)), 0);
        Ok(())
    })
    .unwrap();
    assert_eq!(counts(&store), (1, 1));
}

fn events_of_one_commit_keep_their_order(database: &TestDatabase) {
    let store = database.open();
    let about = ["first", "second", "third"];
    store.write::<_, StoreError>(move |tx| tx.commit_all(about.map(|id| event().about(id)).into())).unwrap();
    let newest_first = look(&store, |q| entries::list(q, &EntryFilter::default()));
    let found: Vec<_> = newest_first.iter().rev().filter_map(|recorded| recorded.entry.about.as_deref()).collect();
    assert_eq!(found, about);
}

fn every_change_of_many_at_once_has_its_event(database: &TestDatabase) {
    let store = database.open();
    race(|racer| {
        for n in 0..10 {
            let name = format!("{racer}-{n}");
            let fails = n % 3 == 0;
            let result = change(&store, move |tx| {
                users::insert(tx, &examples::user(&name), None)?;
                if fails { users::insert(tx, &examples::user(&name), None) } else { Ok(()) }
            });
            assert_eq!(result.is_err(), fails, "{result:?}");
        }
    });
    let filter = EntryFilter { limit: 1000, ..EntryFilter::default() };
    assert_eq!(look(&store, |q| users::count(q)), 16 * 6);
    assert_eq!(look(&store, |q| entries::list(q, &filter)).len(), 16 * 6);
}

fn a_read_sees_one_moment(database: &TestDatabase) {
    let store = database.open();
    store
        .read::<_, StoreError>(|q| {
            assert_eq!(users::count(q)?, 0);
            change(&store, |tx| users::insert(tx, &examples::user("ann"), None))?;
            assert_eq!(users::count(q)?, 0);
            Ok(())
        })
        .unwrap();
    assert_eq!(look(&store, |q| users::count(q)), 1);
}

fn everything_is_there_after_opening_again(database: &TestDatabase) {
    let store = database.open();
    for name in ["ann", "bob"] {
        change(&store, move |tx| users::insert(tx, &examples::user(name), None)).unwrap();
    }
    let kept = |store: &Store| look(store, |q| Ok((users::list(q)?, entries::list(q, &EntryFilter::default())?)));
    let before = kept(&store);
    drop(store);
    let store = database.open();
    assert_eq!(kept(&store), before);
    change(&store, |tx| users::insert(tx, &examples::user("mia"), None)).unwrap();
    assert_eq!(counts(&store), (3, 3));
}

fn entries_get_their_time_from_the_event_and_ids_of_their_own(database: &TestDatabase) {
    let store = database.open();
    let mut told = event().about("usr_1").with(serde_json::json!({ "z": 1, "a": [null, "ü"] }));
    told.kind = Kind::TicketOpened;
    told.at = examples::now().plus(5);
    let committed = told.clone();
    store.write::<_, StoreError>(move |tx| tx.commit_all(vec![committed.clone(), committed.clone()])).unwrap();
    let found = look(&store, |q| entries::list(q, &EntryFilter::default()));
    assert_ne!(found[0].entry.id, found[1].entry.id);
    for recorded in found {
        assert_eq!(recorded.entry, told.clone().into_entry(recorded.entry.id));
        assert_eq!(recorded.leaf, recorded.entry.leaf());
    }
}
