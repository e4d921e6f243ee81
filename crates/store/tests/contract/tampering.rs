//! Someone writes into the database behind the store's back.

use ledger::{LogKey, Witness, WitnessError};
use store::log::{self, Recheck};
use store::testing::{TestDatabase, ambient};
use store::{OpenError, Store, StoreError};

use crate::{event, look, raw};

on_both_engines! {
    every_changed_column_of_every_entry_is_found_and_named,
    a_removed_or_moved_entry_is_found_and_named,
    a_changed_hash_or_head_is_found,
    a_tampered_ledger_is_neither_grown_nor_opened,
    who_rewrites_everything_is_found_by_a_witness,
}

const SIZE: u64 = 9;

fn filled(database: &TestDatabase) -> Store {
    let store = database.open();
    let me = "service_account:billing-ci".parse().unwrap();
    let events: Vec<_> = (0..SIZE).map(|n| event().about(n).by(&me)).collect();
    store.write::<_, StoreError>(move |tx| tx.commit_all(events.clone())).unwrap();
    store.housekeeping(|keep| log::integrate(keep, 100)).unwrap();
    assert!(matches!(look(&store, |q| log::recheck(q)), Recheck::Sound(head) if head.size == SIZE));
    store
}

/// Tampers, gives the first index that the recheck names, and mends it again.
fn named(database: &TestDatabase, store: &Store, tamper: &str, mend: &str) -> u64 {
    raw::run(database, tamper);
    let found = look(store, |q| log::recheck(q));
    raw::run(database, mend);
    assert!(matches!(look(store, |q| log::recheck(q)), Recheck::Sound(_)), "mended after {tamper}");
    match found {
        Recheck::Broken { index, .. } => index,
        Recheck::Sound(_) => panic!("not found: {tamper}"),
    }
}

fn every_changed_column_of_every_entry_is_found_and_named(database: &TestDatabase) {
    let store = filled(database);
    raw::run(database, "CREATE TABLE kept AS SELECT * FROM entries");
    for index in 0..SIZE {
        for change in [
            "leaf = leaf || ' '",
            "leaf = replace(leaf, 'billing', 'bílling')",
            "leaf = '{}'",
            "leaf = ''",
            "id = 'ent_01HZY3V5W2M4Q6S8T0XABCDEFG'",
            "kind = 'user.creates'",
            "principal = NULL",
            "principal = 'service_account:billing-cj'",
            "about = about || '0'",
            "about = NULL",
            "ledger_index = NULL",
        ] {
            let tamper = format!("UPDATE entries SET {change} WHERE ledger_index = {index}");
            let mend = format!(
                "DELETE FROM entries WHERE sequence = (SELECT sequence FROM kept WHERE ledger_index = {index});
                INSERT INTO entries SELECT * FROM kept WHERE ledger_index = {index}"
            );
            assert_eq!(named(database, &store, &tamper, &mend), index, "{tamper}");
        }
    }
}

fn a_removed_or_moved_entry_is_found_and_named(database: &TestDatabase) {
    let store = filled(database);
    raw::run(database, "CREATE TABLE kept AS SELECT * FROM entries");
    let mend = "DELETE FROM entries; INSERT INTO entries SELECT * FROM kept";
    for index in 0..SIZE {
        let remove = format!("DELETE FROM entries WHERE ledger_index = {index}");
        assert_eq!(named(database, &store, &remove, mend), index, "{remove}");
        let cut = format!("DELETE FROM entries WHERE ledger_index >= {index}");
        assert_eq!(named(database, &store, &cut, mend), index, "{cut}");
        let close = format!(
            "DELETE FROM entries WHERE ledger_index = {index};
            UPDATE entries SET ledger_index = -ledger_index WHERE ledger_index > {index};
            UPDATE entries SET ledger_index = -ledger_index - 1 WHERE ledger_index < 0"
        );
        assert_eq!(named(database, &store, &close, mend), index, "{close}");
        if index > 0 {
            let swap = format!(
                "UPDATE entries SET ledger_index = -1 WHERE ledger_index = {index};
                UPDATE entries SET ledger_index = {index} WHERE ledger_index = 0;
                UPDATE entries SET ledger_index = 0 WHERE ledger_index = -1"
            );
            assert_eq!(named(database, &store, &swap, mend), 0, "{swap}");
        }
    }
    let added = format!(
        "INSERT INTO entries (id, ledger_index, kind, principal, about, leaf)
        SELECT id || 'x', {SIZE}, kind, principal, about, leaf FROM kept WHERE ledger_index = 0"
    );
    assert_eq!(named(database, &store, &added, mend), SIZE);
}

fn a_changed_hash_or_head_is_found(database: &TestDatabase) {
    let store = filled(database);
    raw::run(
        database,
        "CREATE TABLE kept AS SELECT * FROM log_hashes; CREATE TABLE kept_head AS SELECT * FROM log_head",
    );
    let mend = "DELETE FROM log_hashes; INSERT INTO log_hashes SELECT * FROM kept;
        DELETE FROM log_head; INSERT INTO log_head SELECT * FROM kept_head";
    // Nine entries have sixteen stored hashes.
    for position in 0..16 {
        let other = (position + 1) % 16;
        let swap = format!(
            "UPDATE log_hashes SET hash = (SELECT hash FROM kept WHERE position = {other}) WHERE position = {position}"
        );
        named(database, &store, &swap, mend);
        named(database, &store, &format!("DELETE FROM log_hashes WHERE position = {position}"), mend);
    }
    for head in ["size = 8", "size = 10", "root = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"] {
        named(database, &store, &format!("UPDATE log_head SET {head}"), mend);
    }
}

fn a_tampered_ledger_is_neither_grown_nor_opened(database: &TestDatabase) {
    let store = filled(database);
    store.write::<_, StoreError>(|tx| tx.commit(event())).unwrap();
    let last = format!("WHERE ledger_index = {}", SIZE - 1);
    raw::run(database, &format!("UPDATE entries SET leaf = replace(leaf, 'billing', 'bullion') {last}"));
    match Store::open(database.url(), ambient()) {
        Err(OpenError::Damaged { detail, .. }) => assert_eq!(detail, "entry 8 of the ledger was changed"),
        other => panic!("{other:?}"),
    }
    raw::run(database, &format!("UPDATE entries SET leaf = replace(leaf, 'bullion', 'billing') {last}"));
    raw::run(database, "UPDATE log_head SET root = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
    let refused = store.housekeeping(|keep| log::integrate(keep, 100));
    assert!(matches!(refused, Err(StoreError::Corrupt { .. })), "{refused:?}");
    assert!(matches!(Store::open(database.url(), ambient()), Err(OpenError::Damaged { .. })));
}

fn who_rewrites_everything_is_found_by_a_witness(database: &TestDatabase) {
    let key = LogKey::from_seed("countersign.test/log", &[1; 32]).unwrap();
    let store = filled(database);
    let head = look(&store, |q| log::head(q));
    let proof = look(&store, |q| log::consistency_proof(q, 0, SIZE));
    let witness = Witness::new(key.public()).advance(&key.sign(&head), &proof).unwrap();
    // Full write access, the log's own key, and every hash made anew: the recheck is content.
    raw::run(
        database,
        "UPDATE entries SET leaf = replace(leaf, 'billing', 'bullion'), principal = replace(principal, 'billing', 'bullion'),
            ledger_index = NULL;
        DELETE FROM log_hashes;
        UPDATE log_head SET size = 0, root = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    );
    store.write::<_, StoreError>(|tx| tx.commit(event())).unwrap();
    let forged = store.housekeeping(|keep| log::integrate(keep, 100)).unwrap().head;
    assert_eq!(look(&store, |q| log::recheck(q)), Recheck::Sound(forged));
    let proof = look(&store, |q| log::consistency_proof(q, SIZE, forged.size));
    let error = witness.advance(&key.sign(&forged), &proof).unwrap_err();
    assert_eq!(error, WitnessError::Forked { trusted: SIZE, offered: SIZE + 1 });
}
