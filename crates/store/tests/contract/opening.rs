//! What is refused at the start, on both engines.

use store::testing::{TestDatabase, ambient};
use store::{OpenError, Store, users};

use crate::{change, examples, look, race, raw};

on_both_engines! {
    many_processes_may_open_a_new_database_at_once,
    a_newer_schema_is_refused,
    another_history_is_refused,
    a_missing_table_is_told_as_damage,
}

fn refusal(database: &TestDatabase) -> OpenError {
    Store::open(database.url(), ambient()).unwrap_err()
}

fn many_processes_may_open_a_new_database_at_once(database: &TestDatabase) {
    let stores = race(|_| database.open());
    change(&stores[0], |tx| users::insert(tx, &examples::user("ann"), None)).unwrap();
    assert!(stores.iter().all(|store| look(store, |q| users::count(q)) == 1));
}

fn a_newer_schema_is_refused(database: &TestDatabase) {
    drop(database.open());
    raw::run(database, "INSERT INTO migrations (number, name, applied_at) VALUES (99, 'from the future', 0)");
    let error = refusal(database);
    assert!(matches!(error, OpenError::Newer { found: 99, .. }), "{error}");
    assert!(error.to_string().contains("use the version that wrote it"), "{error}");
}

fn another_history_is_refused(database: &TestDatabase) {
    drop(database.open());
    raw::run(database, "UPDATE migrations SET name = 'something else' WHERE number = 2");
    assert!(matches!(refusal(database), OpenError::Damaged { .. }));
}

fn a_missing_table_is_told_as_damage(database: &TestDatabase) {
    drop(database.open());
    raw::run(database, "DROP TABLE log_head");
    let error = refusal(database);
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
}
