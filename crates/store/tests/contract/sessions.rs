use domain::Digest;
use store::sessions::{self, Session};
use store::testing::TestDatabase;
use store::{Store, users};

use crate::{change, examples, look, race};

on_both_engines! {
    a_session_is_found_by_its_tokens,
    a_rotated_refresh_token_is_recognised,
    of_those_who_spend_one_refresh_token_one_succeeds,
    sessions_are_listed_newest_first,
}

fn begin(store: &Store, tokens: &str) -> Session {
    let user = examples::user(tokens);
    let session = examples::session(user.id, tokens);
    let added = session.clone();
    change(store, move |tx| {
        users::insert(tx, &user, None)?;
        sessions::insert(tx, &added)
    })
    .unwrap();
    session
}

/// Spends a refresh token for the next; gives whether it was the current one.
fn spend(store: &Store, token: Digest, next: String) -> bool {
    change(store, move |tx| {
        let Some(session) = sessions::by_refresh(tx, &token)? else { return Ok(false) };
        let fresh = examples::session(session.user, &next);
        let (access_digest, refresh_digest) = (fresh.access_digest, fresh.refresh_digest);
        sessions::update(tx, &Session { access_digest, refresh_digest, spent_refresh: Some(token), ..session })?;
        Ok(true)
    })
    .unwrap()
}

fn a_session_is_found_by_its_tokens(database: &TestDatabase) {
    let store = database.open();
    let one = begin(&store, "one");
    begin(&store, "two");
    assert_eq!(look(&store, |q| sessions::get(q, one.id)), Some(one.clone()));
    assert_eq!(look(&store, |q| sessions::by_access(q, &one.access_digest)), Some(one.clone()));
    assert_eq!(look(&store, |q| sessions::by_refresh(q, &one.refresh_digest)), Some(one.clone()));
    assert_eq!(look(&store, |q| sessions::by_access(q, &one.refresh_digest)), None);
    assert_eq!(look(&store, |q| sessions::by_spent_refresh(q, &one.refresh_digest)), None);
}

fn a_rotated_refresh_token_is_recognised(database: &TestDatabase) {
    let store = database.open();
    let one = begin(&store, "one");
    assert!(spend(&store, one.refresh_digest, "next".into()));
    assert_eq!(look(&store, |q| sessions::by_refresh(q, &one.refresh_digest)), None);
    assert_eq!(look(&store, |q| sessions::by_access(q, &one.access_digest)), None);
    let found = look(&store, |q| sessions::by_spent_refresh(q, &one.refresh_digest)).unwrap();
    assert_eq!((found.id, found.refresh_digest), (one.id, examples::digest("refresh next")));
}

fn of_those_who_spend_one_refresh_token_one_succeeds(database: &TestDatabase) {
    let store = database.open();
    let one = begin(&store, "one");
    let won = race(|n| spend(&store, one.refresh_digest, format!("next {n}")));
    assert_eq!(won.iter().filter(|won| **won).count(), 1, "{won:?}");
}

fn sessions_are_listed_newest_first(database: &TestDatabase) {
    let store = database.open();
    let one = begin(&store, "one");
    begin(&store, "another person's");
    let two = examples::session(one.user, "two");
    let added = two.clone();
    change(&store, move |tx| sessions::insert(tx, &added)).unwrap();
    assert_eq!(look(&store, |q| sessions::list(q, one.user)), [two, one]);
}
