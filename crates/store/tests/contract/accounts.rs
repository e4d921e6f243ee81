use domain::account::ServiceAccount;
use store::testing::TestDatabase;
use store::{StoreError, accounts};

use crate::{change, examples, look};

on_both_engines! {
    accounts_are_listed_by_name_and_changed_after_reading,
    a_name_is_given_once,
}

fn accounts_are_listed_by_name_and_changed_after_reading(database: &TestDatabase) {
    let store = database.open();
    let (web, billing) = (examples::account("web-ci"), examples::account("billing-ci"));
    let all = [web.clone(), billing.clone()];
    change(&store, move |tx| all.iter().try_for_each(|account| accounts::insert(tx, account))).unwrap();
    assert_eq!(look(&store, |q| accounts::list(q)), [billing.clone(), web]);
    let name = billing.name.clone();
    change(&store, move |tx| {
        let account = accounts::get(tx, &name)?.unwrap();
        accounts::update(tx, &ServiceAccount { active: false, ..account })
    })
    .unwrap();
    let expected = ServiceAccount { active: false, ..billing };
    assert_eq!(look(&store, |q| accounts::get(q, &expected.name)), Some(expected.clone()));
    assert_eq!(look(&store, |q| accounts::get(q, &"nobody".parse().unwrap())), None);
}

fn a_name_is_given_once(database: &TestDatabase) {
    let store = database.open();
    change(&store, |tx| accounts::insert(tx, &examples::account("billing-ci"))).unwrap();
    let again = change(&store, |tx| accounts::insert(tx, &examples::account("billing-ci"))).unwrap_err();
    assert!(matches!(again, StoreError::Conflict { .. }), "{again}");
}
