//! SQLite's file: what is wrong with it is told, and it is left as it is.

use std::fs;
use std::path::{Path, PathBuf};

use store::log::{self, Recheck};
use store::testing::{self, TestDatabase, ambient};
use store::{DatabaseUrl, OpenError, Reason, Store, StoreError, entries, users};

use crate::{change, examples, look, race};

fn path(database: &TestDatabase) -> PathBuf {
    let DatabaseUrl::Sqlite(path) = database.url() else { panic!("a file") };
    path.clone()
}

fn open(path: &Path) -> Result<Store, OpenError> {
    Store::open(&DatabaseUrl::file(path), ambient())
}

/// A closed database with a few entries in its ledger.
fn filled() -> (TestDatabase, PathBuf) {
    let database = testing::sqlite();
    let store = database.open();
    for n in 0..40 {
        change(&store, move |tx| users::insert(tx, &examples::user(&format!("person-{n}")), None)).unwrap();
    }
    store.housekeeping(|keep| log::integrate(keep, 100)).unwrap();
    drop(store);
    let path = path(&database);
    (database, path)
}

#[test]
fn a_damaged_file_is_refused_and_left_as_it_is() {
    let (_database, path) = filled();
    let good = fs::read(&path).unwrap();
    let mut header = good.clone();
    header[..16].copy_from_slice(b"not a database!!");
    let mut middle = good.clone();
    middle[4096..8192].fill(0xa5);
    let cut = good[..good.len() / 2].to_vec();
    for damaged in [header, middle, cut, b"some text".to_vec(), vec![]] {
        fs::write(&path, &damaged).unwrap();
        let error = open(&path).unwrap_err();
        assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
        assert!(error.to_string().contains("damaged and was left as it is"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), damaged);
    }
    fs::write(&path, &good).unwrap();
    assert_eq!(look(&open(&path).unwrap(), |q| users::count(q)), 40);
}

/// Flips bits all over the file: either that is refused, or noticed by the recheck, or the ledger is what it was.
#[test]
fn no_damage_changes_the_ledger_unnoticed() {
    let (_database, path) = filled();
    let good = fs::read(&path).unwrap();
    let store = open(&path).unwrap();
    let trail = |store: &Store| store.read::<_, StoreError>(|q| entries::range(q, 0, 100));
    let (expected, head) = (trail(&store).unwrap(), look(&store, |q| log::head(q)));
    drop(store);
    let mut noticed = 0;
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..150 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let mut damaged = good.clone();
        let at = usize::try_from(random % (good.len() as u64)).unwrap();
        damaged[at] ^= 1 << (random >> 61);
        fs::write(&path, damaged).unwrap();
        let found = open(&path).map(|store| (store.read::<_, StoreError>(|q| log::recheck(q)), trail(&store)));
        if let Ok((Ok(Recheck::Sound(sound)), Ok(trail))) = found {
            assert_eq!((sound, trail), (head, expected.clone()), "bit flipped in byte {at}");
        } else {
            noticed += 1;
        }
    }
    assert!(noticed > 0, "the damages did not reach the ledger at all");
}

#[test]
fn a_file_that_is_gone_while_its_log_is_there_is_not_begun_anew() {
    let (_database, path) = filled();
    fs::rename(&path, path.with_extension("db-wal")).unwrap();
    let error = open(&path).unwrap_err();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
    assert!(!path.exists());
}

#[test]
fn the_database_of_another_program_is_refused() {
    let database = testing::sqlite();
    let other = rusqlite::Connection::open(path(&database)).unwrap();
    other.execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
    let error = Store::open(database.url(), ambient()).unwrap_err();
    assert!(matches!(error, OpenError::Foreign { .. }), "{error:?}");
}

#[test]
fn a_place_that_cannot_hold_a_file_is_told() {
    let database = testing::sqlite();
    let folder = database.folder().unwrap();
    assert!(matches!(open(folder), Err(OpenError::Damaged { .. })));
    let error = open(&folder.join("missing/countersign.db")).unwrap_err();
    assert!(matches!(error, OpenError::Failed { error: StoreError::Unavailable { .. }, .. }), "{error:?}");
}

#[cfg(unix)]
#[test]
fn a_new_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let database = testing::sqlite();
    let store = database.open();
    change(&store, |tx| users::insert(tx, &examples::user("ann"), None)).unwrap();
    for file in fs::read_dir(database.folder().unwrap()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{}", file.path().display());
    }
}

#[test]
fn a_file_that_another_process_locks_is_busy_and_comes_back() {
    let database = testing::sqlite();
    let store = database.open();
    let other = rusqlite::Connection::open(path(&database)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let add = |name: String| change(&store, move |tx| users::insert(tx, &examples::user(&name), None));
    // Those who wait together wait once: the first is told after five seconds, and so are all who came meanwhile.
    for result in race(|n| add(format!("early-{n}"))) {
        let busy = StoreError::Unavailable { reason: Reason::Busy, detail: "database is locked".into() };
        assert_eq!(result.unwrap_err(), busy);
    }
    assert_eq!(look(&store, |q| users::count(q)), 0, "reads do not wait");
    other.execute_batch("COMMIT").unwrap();
    add("late".into()).unwrap();
    assert_eq!(look(&store, |q| users::count(q)), 1);
}

#[test]
#[should_panic(expected = "a write that starts another one would wait for itself")]
fn a_write_inside_a_write_is_a_defect_and_not_a_deadlock() {
    let store = testing::sqlite().open();
    let inner = store.clone();
    let _ = change(&store, move |_| change(&inner, |tx| users::insert(tx, &examples::user("ann"), None)));
}

#[test]
fn a_write_that_holds_the_last_store_ends_well() {
    let database = testing::sqlite();
    let store = database.open();
    let held = store.clone();
    let writer = store.clone();
    drop(store);
    change(&writer, move |tx| {
        look(&held, |q| users::count(q));
        users::insert(tx, &examples::user("ann"), None)
    })
    .unwrap();
    drop(writer);
    assert_eq!(look(&database.open(), |q| users::count(q)), 1);
}
