use domain::roster::Chain;
use store::testing::TestDatabase;
use store::{StoreError, rosters};

use crate::{change, examples, look, race};

on_both_engines! {
    a_chain_comes_back_as_it_was_signed,
    a_version_is_taken_once,
}

fn a_chain_comes_back_as_it_was_signed(database: &TestDatabase) {
    let store = database.open();
    assert_eq!(look(&store, |q| rosters::chain(q)), []);
    let ann = examples::user("ann").id;
    let first = examples::roster(ann);
    let mut held = Chain::verify(std::slice::from_ref(&first)).unwrap().latest().keys[0].clone();
    held.key = examples::key(2).public();
    let next = Chain::verify(std::slice::from_ref(&first)).unwrap().latest().with_key(held, examples::now());
    let second = domain::roster::SignedRoster::unsigned(&next).sign(&examples::key(1));
    let chain = [first, second];
    let appended = chain.clone();
    change(&store, move |tx| {
        (1..).zip(&appended).try_for_each(|(version, roster)| rosters::append(tx, version, roster))
    })
    .unwrap();
    let read = look(&store, |q| rosters::chain(q));
    assert_eq!(read, chain);
    assert_eq!(Chain::verify(&read).unwrap().latest().version, 2);
}

fn a_version_is_taken_once(database: &TestDatabase) {
    let store = database.open();
    let results = race(|_| {
        let roster = examples::roster(examples::user("ann").id);
        change(&store, move |tx| rosters::append(tx, 1, &roster))
    });
    let lost = |result: &&Result<(), StoreError>| matches!(result, Err(StoreError::Conflict { .. }));
    assert_eq!(results.iter().filter(lost).count(), 15, "{results:?}");
    assert_eq!(look(&store, |q| rosters::chain(q)).len(), 1);
}
