//! Databases for tests: a SQLite file in a temporary folder, and a PostgreSQL of this test process's own.
//!
//! Also a clock that stands at one instant and an entropy that only counts, so that what is made differs but does not
//! depend on the day.

mod cluster;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::{Clock, Entropy, Instant};
use tempfile::TempDir;

pub use cluster::{Cluster, Setup};

use crate::{Ambient, DatabaseUrl, Store};

/// The instant at which the clock of [`ambient`] stands: 2027-01-15T08:00:00Z.
pub const NOW_MILLIS: i64 = 1_800_000_000_000;

/// A fresh, empty database. Its files go when it is dropped; a PostgreSQL database goes with the test process.
pub struct TestDatabase {
    url: DatabaseUrl,
    folder: Option<TempDir>,
}

/// A SQLite database in a temporary folder.
///
/// # Panics
/// If there is no place for temporary files.
#[must_use]
pub fn sqlite() -> TestDatabase {
    let folder = tempfile::Builder::new().prefix("countersign-").tempdir().expect("temporary files can be made");
    let url = DatabaseUrl::file(folder.path().join("countersign.db"));
    TestDatabase { url, folder: Some(folder) }
}

/// A database in the PostgreSQL of this test process, which is started with the first one from the system's package
/// and ends with the process, however that ends.
///
/// # Panics
/// If PostgreSQL is not installed or does not start; the message says what to do.
#[must_use]
pub fn postgres() -> TestDatabase {
    TestDatabase { url: cluster::shared_database(), folder: None }
}

/// The clock and entropy of [`TestDatabase::open`].
#[must_use]
pub fn ambient() -> Ambient {
    Ambient { clock: Arc::new(Standing), entropy: Arc::new(Counting) }
}

impl TestDatabase {
    /// Where it is.
    #[must_use]
    pub const fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// The folder of a SQLite database.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_ref().map(TempDir::path)
    }

    /// Makes its tables as the version before a step of the schema made them, to be filled by hand.
    ///
    /// # Panics
    /// If they cannot be made.
    pub fn make_before(&self, step: &str) {
        let Ambient { clock, .. } = ambient();
        let made = match &self.url {
            DatabaseUrl::Sqlite(path) => crate::engine::sqlite::make_before(step, path, &*clock),
            DatabaseUrl::Postgres(address) => crate::engine::postgres::make_before(step, address, &*clock),
        };
        made.expect("a database that was just made takes its tables");
    }

    /// Opens it with [`ambient`].
    ///
    /// # Panics
    /// If it cannot be opened.
    #[must_use]
    pub fn open(&self) -> Store {
        Store::open(&self.url, ambient()).expect("a database that was just made can be opened")
    }
}

struct Standing;

impl Clock for Standing {
    fn now(&self) -> Instant {
        Instant::from_millis(NOW_MILLIS)
    }
}

struct Counting;

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let count = COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        buffer.fill(0);
        for (byte, counted) in buffer.iter_mut().rev().zip(count.iter().rev()) {
            *byte = *counted;
        }
    }
}
