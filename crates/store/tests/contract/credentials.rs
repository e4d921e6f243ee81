use domain::credential::Credential;
use domain::principal::Principal;
use store::credentials::Filter;
use store::testing::TestDatabase;
use store::{Store, StoreError, accounts, credentials};

use crate::{change, examples, look};

on_both_engines! {
    a_credential_is_found_by_the_digest_of_its_secret,
    credentials_are_listed_by_their_holder,
    a_revoked_credential_stays_revoked_when_it_is_touched,
    a_use_is_noted_forward_only,
}

fn add(store: &Store, account: &str, secret: &str) -> Credential {
    let account = examples::account(account);
    let credential = examples::credential(&account.name);
    let (added, digest) = (credential.clone(), examples::digest(secret));
    change(store, move |tx| {
        if accounts::get(tx, &account.name)?.is_none() {
            accounts::insert(tx, &account)?;
        }
        credentials::insert(tx, &added, &digest)
    })
    .unwrap();
    credential
}

fn a_credential_is_found_by_the_digest_of_its_secret(database: &TestDatabase) {
    let store = database.open();
    let first = add(&store, "billing-ci", "one");
    add(&store, "billing-ci", "two");
    assert_eq!(look(&store, |q| credentials::by_digest(q, &examples::digest("one"))), Some(first.clone()));
    assert_eq!(look(&store, |q| credentials::by_digest(q, &examples::digest("three"))), None);
    assert_eq!(look(&store, |q| credentials::get(q, first.id)), Some(first.clone()));
    assert_eq!(look(&store, |q| credentials::by_identifier(q, &first.identifier)), Some(first.clone()));
    let twin = examples::credential(first.holder.account().unwrap());
    let error = change(&store, move |tx| credentials::insert(tx, &twin, &examples::digest("one"))).unwrap_err();
    assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
}

fn credentials_are_listed_by_their_holder(database: &TestDatabase) {
    let store = database.open();
    let one = add(&store, "billing-ci", "one");
    let two = add(&store, "web-ci", "two");
    let three = add(&store, "billing-ci", "three");
    let held = |by: &Principal| Filter { holder: Some(by.clone()), ..Filter::default() };
    assert_eq!(look(&store, |q| credentials::list(q, &held(&one.holder))), [three.clone(), one.clone()]);
    let family = Filter { family: Some(two.family), ..Filter::default() };
    assert_eq!(look(&store, |q| credentials::list(q, &family)), std::slice::from_ref(&two));
    assert_eq!(look(&store, |q| credentials::list(q, &Filter::default())), [three, two, one]);
}

fn a_revoked_credential_stays_revoked_when_it_is_touched(database: &TestDatabase) {
    let store = database.open();
    let id = add(&store, "billing-ci", "one").id;
    let (revoked, used) = (examples::now().plus(10), examples::now().plus(20));
    let touching = store.clone();
    change(&store, move |tx| {
        let credential = credentials::get(tx, id)?.unwrap();
        credentials::update(tx, &Credential { revoked_at: Some(revoked), ..credential })
    })
    .unwrap();
    touching.housekeeping(move |keep| credentials::touch(keep, &[(id, used, 1)])).unwrap();
    let credential = look(&store, |q| credentials::get(q, id)).unwrap();
    assert_eq!((credential.revoked_at, credential.last_used_at), (Some(revoked), Some(used)));
}

fn a_use_is_noted_forward_only(database: &TestDatabase) {
    let store = database.open();
    let id = add(&store, "billing-ci", "one").id;
    for (at, expected) in [(20, 20), (10, 20), (30, 30)] {
        let at = examples::now().plus(at);
        store.housekeeping(move |keep| credentials::touch(keep, &[(id, at, 2)])).unwrap();
        let credential = look(&store, |q| credentials::get(q, id)).unwrap();
        assert_eq!(credential.last_used_at, Some(examples::now().plus(expected)));
    }
    assert_eq!(look(&store, |q| credentials::get(q, id)).unwrap().use_count, 6);
}
