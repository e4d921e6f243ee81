//! PostgreSQL goes away: before a commit nobody notices, during one it is found out what became of it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;

use postgres::config::Host;
use store::entries::{self, EntryFilter};
use store::testing::{self, TestDatabase, ambient};
use store::{DatabaseUrl, Reason, Store, StoreError, users};

use crate::{change, examples, look, raw};

fn config(database: &TestDatabase) -> (PathBuf, String) {
    let DatabaseUrl::Postgres(address) = database.url() else { panic!("a server") };
    let config = postgres::Config::from(address.config().clone());
    let [Host::Unix(folder)] = config.get_hosts() else { panic!("a socket") };
    (folder.clone(), config.get_dbname().unwrap().to_owned())
}

fn add(store: &Store, name: &'static str) -> Result<(), StoreError> {
    change(store, move |tx| users::insert(tx, &examples::user(name), None))
}

#[test]
fn a_host_that_takes_connections_and_says_nothing_does_not_keep_the_next_from_being_asked() {
    let database = testing::postgres();
    let (folder, name) = config(&database);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let folder = folder.to_str().unwrap().replace('/', "%2F");
    let url = format!("postgres://countersign@127.0.0.1:{port},{folder}:5432/{name}");
    let url: DatabaseUrl = url.parse().unwrap();
    let store = Store::open(&url, ambient()).unwrap();
    add(&store, "ann").unwrap();
    assert_eq!(look(&store, |q| users::count(q)), 1);
    drop(silent);
}

#[test]
fn connections_that_died_are_replaced_unnoticed() {
    let database = testing::postgres();
    let store = database.open();
    add(&store, "ann").unwrap();
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    for name in ["bob", "mia", "zoe"] {
        raw::run(&database, end);
        add(&store, name).unwrap();
        raw::run(&database, end);
        look(&store, |q| users::count(q));
    }
    assert_eq!(look(&store, |q| users::count(q)), 4);
}

#[test]
fn a_connection_that_dies_inside_a_change_makes_it_begin_anew() {
    let database = Arc::new(testing::postgres());
    let store = database.open();
    let hand = Arc::clone(&database);
    let times = AtomicU8::new(0);
    change(&store, move |tx| {
        users::insert(tx, &examples::user("ann"), None)?;
        if times.fetch_add(1, Ordering::Relaxed) == 0 {
            let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'
                AND datname = current_database()";
            raw::run(&hand, end);
        }
        users::count(tx)
    })
    .unwrap();
    assert_eq!(look(&store, |q| users::count(q)), 1);
}

#[test]
fn t_05_a_row_that_changes_between_two_looks_makes_the_change_begin_anew() {
    let database = testing::postgres();
    let (store, other) = (database.open(), database.open());
    let user = examples::user("ann");
    let id = user.id;
    change(&store, move |tx| users::insert(tx, &user, None)).unwrap();
    let times = AtomicU8::new(0);
    change(&store, move |tx| {
        let first = users::get(tx, id)?.unwrap();
        if times.fetch_add(1, Ordering::Relaxed) == 0 {
            change(&other, move |tx| {
                let user = users::get(tx, id)?.unwrap();
                users::update(tx, &domain::account::User { active: false, ..user })
            })?;
        }
        // For a reason of its own it is looked at again, and what was decided on the first look is written.
        users::list(tx)?;
        users::update(tx, &domain::account::User { name: "Ann B.".into(), ..first })
    })
    .unwrap();
    let kept = look(&store, |q| users::get(q, id)).unwrap();
    assert_eq!((kept.active, kept.name.as_str()), (false, "Ann B."));
}

#[test]
fn f_09_a_server_that_takes_no_writes_is_read_from_and_comes_back() {
    let database = testing::postgres();
    let store = database.open();
    let (_, name) = config(&database);
    raw::run(&database, &format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    raw::run(&database, end);
    let refused = add(&store, "ann").unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable { reason: Reason::ReadOnly, .. }), "{refused:?}");
    assert_eq!(look(&store, |q| users::count(q)), 0, "reads go on");
    let back = format!("BEGIN READ WRITE; ALTER DATABASE {name} RESET ALL; COMMIT");
    raw::run(&database, &back);
    add(&store, "ann").unwrap();
}

#[test]
fn a_commit_whose_answer_was_lost_is_found_to_be_kept() {
    let proxy = Proxy::start(&testing::postgres());
    let store = Store::open(&proxy.url, ambient()).unwrap();
    for name in ["ann", "bob", "mia"] {
        proxy.set(LOSE_ANSWER);
        add(&store, name).unwrap();
        assert_eq!(proxy.mode.load(Ordering::SeqCst), PASS, "the answer was lost");
    }
    assert_eq!(kept(&store), (3, 3));
}

#[test]
fn a_commit_that_never_arrived_is_run_again_once() {
    let proxy = Proxy::start(&testing::postgres());
    let store = Store::open(&proxy.url, ambient()).unwrap();
    for name in ["ann", "bob", "mia"] {
        proxy.set(LOSE_COMMIT);
        add(&store, name).unwrap();
        assert_eq!(proxy.mode.load(Ordering::SeqCst), PASS, "the commit was lost");
    }
    assert_eq!(kept(&store), (3, 3));
}

#[test]
fn if_nobody_can_be_asked_the_outcome_is_told_to_be_unknown() {
    let proxy = Proxy::start(&testing::postgres());
    let store = Store::open(&proxy.url, ambient()).unwrap();
    proxy.set(LOSE_ALL);
    let error = add(&store, "ann").unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { reason: Reason::OutcomeUnknown, .. }), "{error:?}");
    proxy.set(PASS);
    assert_eq!(kept(&store), (1, 1), "in this case it was kept, and with its event");
}

fn kept(store: &Store) -> (u64, usize) {
    look(store, |q| Ok((users::count(q)?, entries::list(q, &EntryFilter::default())?.len())))
}

const PASS: u8 = 0;
/// The next commit reaches the server, its answer does not come back.
const LOSE_ANSWER: u8 = 1;
/// The next commit does not reach the server.
const LOSE_COMMIT: u8 = 2;
/// As `LOSE_ANSWER`, and from then on nobody gets through.
const LOSE_ALL: u8 = 3;
/// The commit went to the server, its answer is waited for.
const ANSWER_COMES: u8 = 4;
/// Nobody gets through.
const CLOSED: u8 = 5;

/// A socket before the server's that can break a connection at its commit.
struct Proxy {
    url: DatabaseUrl,
    mode: Arc<AtomicU8>,
    _folder: tempfile::TempDir,
}

impl Proxy {
    fn start(database: &TestDatabase) -> Self {
        let (server, name) = config(database);
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        let mode = Arc::new(AtomicU8::new(PASS));
        let shared = Arc::clone(&mode);
        thread::spawn(move || {
            for client in listener.incoming() {
                if shared.load(Ordering::SeqCst) != CLOSED {
                    let server = UnixStream::connect(server.join(".s.PGSQL.5432")).unwrap();
                    connect(client.unwrap(), server, &shared);
                }
            }
        });
        let url = format!("postgres://countersign@/{name}?host={}", folder.path().display()).parse().unwrap();
        Self { url, mode, _folder: folder }
    }

    fn set(&self, mode: u8) {
        self.mode.store(mode, Ordering::SeqCst);
    }
}

/// Carries both ways, each in a thread of its own.
fn connect(client: UnixStream, server: UnixStream, mode: &Arc<AtomicU8>) {
    let (asks, answers) = (Arc::clone(mode), Arc::clone(mode));
    let (from_client, to_client) = (client.try_clone().unwrap(), client);
    let (from_server, to_server) = (server.try_clone().unwrap(), server);
    thread::spawn(move || {
        carry(from_client, to_server, |said| {
            let commits = said.windows(7).any(|words| words == b"COMMIT\0");
            match asks.load(Ordering::SeqCst) {
                LOSE_COMMIT if commits => {
                    asks.store(PASS, Ordering::SeqCst);
                    false
                }
                LOSE_ANSWER if commits => {
                    asks.store(ANSWER_COMES, Ordering::SeqCst);
                    true
                }
                LOSE_ALL if commits => {
                    asks.store(CLOSED, Ordering::SeqCst);
                    true
                }
                _ => true,
            }
        });
    });
    thread::spawn(move || {
        carry(from_server, to_client, |_| {
            let lost = answers.compare_exchange(ANSWER_COMES, PASS, Ordering::SeqCst, Ordering::SeqCst).is_ok();
            !lost && answers.load(Ordering::SeqCst) != CLOSED
        });
    });
}

/// Carries what comes as long as it may, then ends both sides.
fn carry(mut from: UnixStream, mut to: UnixStream, may: impl Fn(&[u8]) -> bool) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if !may(&buffer[..length]) || to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
