use domain::account::User;
use store::testing::TestDatabase;
use store::{Collision, StoreError, users};

use crate::{change, examples, look, race};

on_both_engines! {
    a_person_is_found_by_id_and_by_address,
    an_address_is_given_once,
    everyone_is_listed_in_the_order_of_their_coming,
    a_change_keeps_the_password_and_a_new_password_keeps_the_rest,
    what_was_not_read_is_not_changed,
    no_change_of_one_row_is_lost,
    any_text_comes_back_as_it_went,
}

fn a_person_is_found_by_id_and_by_address(database: &TestDatabase) {
    let store = database.open();
    let ann = examples::user("ann");
    let bob = examples::user("bob");
    let (a, b) = (ann.clone(), bob.clone());
    change(&store, move |tx| {
        users::insert(tx, &a, Some("$argon2id$hash"))?;
        users::insert(tx, &b, None)
    })
    .unwrap();
    assert_eq!(look(&store, |q| users::get(q, ann.id)), Some(ann.clone()));
    let found = look(&store, |q| users::by_email(q, "ann@example.test"));
    assert_eq!(found, Some((ann, Some("$argon2id$hash".to_owned()))));
    assert_eq!(look(&store, |q| users::by_email(q, "bob@example.test")), Some((bob, None)));
    assert_eq!(look(&store, |q| users::by_email(q, "eve@example.test")), None);
    assert_eq!(look(&store, |q| users::get(q, examples::user("eve").id)), None);
}

fn an_address_is_given_once(database: &TestDatabase) {
    let store = database.open();
    change(&store, |tx| users::insert(tx, &examples::user("ann"), None)).unwrap();
    let again = change(&store, |tx| users::insert(tx, &examples::user("ann"), None)).unwrap_err();
    assert_eq!(again, StoreError::Conflict { noun: "users".into(), collision: Collision::Taken });
    assert_eq!(look(&store, |q| users::count(q)), 1);
}

fn everyone_is_listed_in_the_order_of_their_coming(database: &TestDatabase) {
    let store = database.open();
    assert_eq!(look(&store, |q| users::count(q)), 0);
    let all: Vec<User> = ["zoe", "ann", "mia"].map(examples::user).into();
    let coming = all.clone();
    change(&store, move |tx| coming.iter().try_for_each(|user| users::insert(tx, user, None))).unwrap();
    assert_eq!(look(&store, |q| users::list(q)), all);
    assert_eq!(look(&store, |q| users::count(q)), 3);
}

fn a_change_keeps_the_password_and_a_new_password_keeps_the_rest(database: &TestDatabase) {
    let store = database.open();
    let ann = examples::user("ann");
    let id = ann.id;
    change(&store, move |tx| users::insert(tx, &ann, Some("old"))).unwrap();
    let changed = change(&store, move |tx| {
        let ann = users::get(tx, id)?.unwrap();
        let ann = User { email: "ann@elsewhere.test".into(), active: false, ..ann };
        users::update(tx, &ann)?;
        Ok(ann)
    })
    .unwrap();
    assert_eq!(look(&store, |q| users::by_email(q, "ann@example.test")), None);
    let found = look(&store, |q| users::by_email(q, "ann@elsewhere.test"));
    assert_eq!(found, Some((changed.clone(), Some("old".into()))));
    change(&store, move |tx| {
        users::get(tx, id)?;
        users::set_password(tx, id, Some("new"))
    })
    .unwrap();
    let found = look(&store, |q| users::by_email(q, "ann@elsewhere.test"));
    assert_eq!(found, Some((changed, Some("new".into()))));
}

fn what_was_not_read_is_not_changed(database: &TestDatabase) {
    let store = database.open();
    let ann = examples::user("ann");
    let added = ann.clone();
    change(&store, move |tx| users::insert(tx, &added, None)).unwrap();
    let stale = User { active: false, ..ann.clone() };
    let error = change(&store, move |tx| users::update(tx, &stale)).unwrap_err();
    assert!(matches!(error, StoreError::Misuse { .. }), "{error}");
    assert_eq!(look(&store, |q| users::list(q)), [ann]);
}

fn no_change_of_one_row_is_lost(database: &TestDatabase) {
    let store = database.open();
    let ann = examples::user("ann");
    let id = ann.id;
    change(&store, move |tx| users::insert(tx, &ann, None)).unwrap();
    race(|n| {
        change(&store, move |tx| {
            let mut ann = users::get(tx, id)?.unwrap();
            ann.teams.push(format!("team {n}"));
            users::update(tx, &ann)
        })
        .unwrap();
    });
    let teams = look(&store, |q| users::get(q, id)).unwrap().teams;
    assert_eq!(teams.len(), 17, "{teams:?}");
}

fn any_text_comes_back_as_it_went(database: &TestDatabase) {
    let store = database.open();
    let name = "Ānn \u{202e}'; DROP TABLE users; -- \\ \" \t $1 ? % 🖋 \0 \u{feff}";
    let ann = User { name: name.into(), ..examples::user("ann") };
    let added = ann.clone();
    change(&store, move |tx| users::insert(tx, &added, None)).unwrap();
    assert_eq!(look(&store, |q| users::get(q, ann.id)), Some(ann));
    let odd = look(&store, |q| users::by_email(q, "ann'; DROP TABLE users; --"));
    assert_eq!(odd, None);
    let error = store.read::<_, StoreError>(|q| users::by_email(q, "ann\0")).unwrap_err();
    assert!(matches!(error, StoreError::Misuse { .. }), "no text with a zero character is a key: {error}");
}
