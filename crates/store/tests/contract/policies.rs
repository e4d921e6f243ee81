use store::testing::TestDatabase;
use store::{StoreError, policies};

use crate::{change, examples, look};

on_both_engines! {
    the_newest_version_is_live_and_all_stay,
    a_version_is_published_once,
}

fn the_newest_version_is_live_and_all_stay(database: &TestDatabase) {
    let store = database.open();
    assert_eq!(look(&store, |q| policies::live(q)), None);
    let (first, mut second) = (examples::policy(1), examples::policy(2));
    second.published_by = None;
    second.sample = false;
    let published = [first.clone(), second.clone()];
    change(&store, move |tx| published.iter().try_for_each(|policy| policies::append(tx, policy))).unwrap();
    assert_eq!(look(&store, |q| policies::live(q)), Some(second.clone()));
    assert_eq!(look(&store, |q| policies::get(q, 1)), Some(first.clone()));
    assert_eq!(look(&store, |q| policies::get(q, 3)), None);
    assert_eq!(look(&store, |q| policies::list(q)), [second, first]);
}

fn a_version_is_published_once(database: &TestDatabase) {
    let store = database.open();
    change(&store, |tx| policies::append(tx, &examples::policy(1))).unwrap();
    let again = change(&store, |tx| policies::append(tx, &examples::policy(1)));
    assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
}
