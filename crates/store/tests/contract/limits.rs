use domain::limit::Limit;
use store::testing::TestDatabase;
use store::{Store, limits};

use crate::{examples, look};

const LIMIT: Limit = Limit { failures: 5, interval: 60 };

on_both_engines! {
    l_05_parallel_attempts_share_one_budget,
    l_09_another_process_and_a_restart_give_no_new_budget,
    an_attempt_that_succeeded_is_given_back,
    keys_are_reserved_together_or_not_at_all,
}

fn reserve(store: &Store, keys: &[&str], second: u32) -> bool {
    let keys: Vec<_> = keys.iter().map(|key| ((*key).to_owned(), LIMIT)).collect();
    let now = examples::now().plus(second);
    store.housekeeping(move |keep| limits::reserve(keep, &keys, now)).unwrap().is_ok()
}

fn l_05_parallel_attempts_share_one_budget(database: &TestDatabase) {
    let (one, two) = (database.open(), database.open());
    let taken: usize = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..16)
            .map(|n| {
                let store = if n % 2 == 0 { one.clone() } else { two.clone() };
                scope.spawn(move || (0..5).filter(|_| reserve(&store, &["address"], 0)).count())
            })
            .collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).sum()
    });
    assert_eq!(taken, 5);
}

fn l_09_another_process_and_a_restart_give_no_new_budget(database: &TestDatabase) {
    for _ in 0..5 {
        assert!(reserve(&database.open(), &["address"], 0));
    }
    assert!(!reserve(&database.open(), &["address"], 59));
    assert!(reserve(&database.open(), &["address"], 60));
}

fn an_attempt_that_succeeded_is_given_back(database: &TestDatabase) {
    let store = database.open();
    for second in 0..20 {
        assert!(reserve(&store, &["address"], second));
        let at = examples::now().plus(second);
        store.housekeeping(move |keep| limits::give_back(keep, &["address".into()], at)).unwrap();
    }
    assert_eq!(look(&store, |q| limits::window(q, "address")).check(LIMIT, examples::now().plus(20)), Ok(5));
    let forgotten = store.housekeeping(|keep| limits::forget(keep, examples::now().plus(3600))).unwrap();
    assert_eq!(forgotten, 1);
}

fn keys_are_reserved_together_or_not_at_all(database: &TestDatabase) {
    let store = database.open();
    for _ in 0..5 {
        assert!(reserve(&store, &["identity"], 0));
    }
    assert!(!reserve(&store, &["address", "identity"], 1));
    assert_eq!(look(&store, |q| limits::window(q, "address")).check(LIMIT, examples::now()), Ok(5));
}
