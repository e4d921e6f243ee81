use domain::id::SessionId;
use store::codes::{self, AuthorizationCode};
use store::testing::{TestDatabase, ambient};

use crate::{change, examples, look, race};

on_both_engines! {
    a_code_is_used_once_and_tells_for_which_session,
    of_those_who_use_one_code_one_succeeds,
    dead_codes_are_removed_and_others_stay,
}

fn code(text: &str) -> AuthorizationCode {
    examples::code(examples::user("ann").id, text)
}

fn a_code_is_used_once_and_tells_for_which_session(database: &TestDatabase) {
    let store = database.open();
    let code = code("one");
    let (added, digest) = (code.clone(), code.digest);
    change(&store, move |tx| codes::insert(tx, &added)).unwrap();
    assert_eq!(look(&store, |q| codes::get(q, &digest)), Some(code.clone()));
    let session = SessionId::new(ambient().ids());
    assert!(change(&store, move |tx| codes::mark_used(tx, &digest, session)).unwrap());
    let other = SessionId::new(ambient().ids());
    assert!(!change(&store, move |tx| codes::mark_used(tx, &digest, other)).unwrap());
    let used = AuthorizationCode { session: Some(session), ..code };
    assert_eq!(look(&store, |q| codes::get(q, &digest)), Some(used));
    let unknown = examples::digest("unknown");
    assert!(!change(&store, move |tx| codes::mark_used(tx, &unknown, other)).unwrap());
}

fn of_those_who_use_one_code_one_succeeds(database: &TestDatabase) {
    let store = database.open();
    let digest = examples::digest("one");
    change(&store, |tx| codes::insert(tx, &code("one"))).unwrap();
    let won = race(|_| {
        let session = SessionId::new(ambient().ids());
        change(&store, move |tx| codes::mark_used(tx, &digest, session)).unwrap()
    });
    assert_eq!(won.iter().filter(|won| **won).count(), 1, "{won:?}");
}

fn dead_codes_are_removed_and_others_stay(database: &TestDatabase) {
    let store = database.open();
    let late = AuthorizationCode { expires_at: examples::now().plus(120), ..code("late") };
    change(&store, move |tx| {
        codes::insert(tx, &code("early"))?;
        codes::insert(tx, &late)
    })
    .unwrap();
    let at = |seconds| examples::now().plus(seconds);
    assert_eq!(store.housekeeping(move |keep| codes::purge(keep, at(60))).unwrap(), 0, "it expires at that instant");
    assert_eq!(store.housekeeping(move |keep| codes::purge(keep, at(61))).unwrap(), 1);
    assert!(look(&store, |q| codes::get(q, &examples::digest("early"))).is_none());
    assert!(look(&store, |q| codes::get(q, &examples::digest("late"))).is_some());
}
