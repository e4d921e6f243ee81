use store::testing::TestDatabase;
use store::{StoreError, policies};

use crate::{change, examples, look, raw};

on_both_engines! {
    the_newest_version_is_live_and_all_stay,
    a_version_is_published_once,
    r_20_a_version_of_before_sets_had_cases_is_still_there,
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
    let listed: Vec<_> = look(&store, |q| policies::list(q)).into_iter().map(|facts| facts.version).collect();
    assert_eq!(listed, [2, 1]);
    let facts = look(&store, |q| policies::live_facts(q)).unwrap();
    assert_eq!((facts.version, facts.digest, facts.title), (2, second.digest, second.title));
    assert_eq!((facts.ticket, facts.restores, facts.sample), (second.ticket, Some(2), false));
}

fn a_version_is_published_once(database: &TestDatabase) {
    let store = database.open();
    change(&store, |tx| policies::append(tx, &examples::policy(1))).unwrap();
    let again = change(&store, |tx| policies::append(tx, &examples::policy(1)));
    assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
}

fn r_20_a_version_of_before_sets_had_cases_is_still_there(database: &TestDatabase) {
    database.make_before("policies-published");
    let digest = examples::digest("1").hex();
    let bytes = if database.folder().is_some() { format!("x'{digest}'") } else { format!("'\\x{digest}'::bytea") };
    raw::run(
        database,
        &format!(
            "INSERT INTO policies (version, schema_text, policies, digest, published_at, published_by, sample)
                VALUES (1, 'entity User;', 'permit(principal, action, resource);', {bytes}, 1800000000000, NULL, 1);"
        ),
    );
    let store = database.open();
    let known = look(&store, |q| policies::live(q)).unwrap();
    assert_eq!((known.version, known.digest, &*known.schema), (1, examples::digest("1"), "entity User;"));
    assert_eq!((&*known.invariants, &*known.title, known.cases.len()), ("", "", 0));
    assert_eq!((known.ticket, known.restores, known.sample), (None, None, true));
    change(&store, |tx| policies::append(tx, &examples::policy(2))).unwrap();
    assert_eq!(look(&store, |q| policies::live(q)).map(|live| live.cases.len()), Some(1));
}
