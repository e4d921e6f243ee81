//! One store, two engines: SQLite and PostgreSQL. The only code that knows SQL.
//!
//! Each noun has a module with its table, its row and its reads and writes; both engines run the same text. The
//! invariant: a change is committed together with its audit event or not at all, because [`Transaction::commit`] is
//! the only way to commit one. [`Store::housekeeping`] does what is not an audited change, and nothing else.
//!
//! Synchronous: programs enter through `spawn_blocking`. Correctness rests on conditional updates and unique keys,
//! never on an isolation level, a lock or a notification.

pub mod accounts;
pub mod alerts;
mod clause;
pub mod codes;
pub mod credentials;
pub mod decisions;
pub mod deliveries;
mod engine;
pub mod enrolments;
pub mod entries;
mod error;
pub mod idempotency;
pub mod leases;
pub mod limits;
pub mod log;
pub mod pipelines;
pub mod places;
pub mod policies;
pub mod policy_drafts;
pub mod rosters;
mod schema;
pub mod scopes;
pub mod sessions;
pub mod settings;
pub mod stream_tickets;
pub mod tasks;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tickets;
mod transaction;
mod url;
pub mod usage;
pub mod users;
pub mod webhooks;

use std::sync::{Arc, Mutex, PoisonError};

use domain::{Clock, Entropy, Ids};

pub use error::{Collision, OpenError, Reason, StoreError};
pub use transaction::{Housekeeping, Query, Reader, Revised, Transaction, Upkeep};
pub use url::{BadDatabaseUrl, DatabaseUrl, PostgresAddress};

use crate::engine::{Engine, Fate, postgres::Postgres, sqlite::Sqlite};
use crate::transaction::Outcome;

/// Where entry ids come from.
#[derive(Clone)]
pub struct Ambient {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl Ambient {
    /// A source of ids.
    #[must_use]
    pub fn ids(&self) -> Ids<'_> {
        Ids { clock: &*self.clock, entropy: &*self.entropy }
    }
}

/// An open store. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Store {
    engine: Arc<dyn Engine>,
    ambient: Ambient,
}

impl Store {
    /// Opens the database, brings its schema up to this version, and checks it: the file, and the end of the ledger.
    pub fn open(url: &DatabaseUrl, ambient: Ambient) -> Result<Self, OpenError> {
        let engine: Arc<dyn Engine> = match url {
            DatabaseUrl::Sqlite(path) => Arc::new(Sqlite::open(path, &*ambient.clock)?),
            DatabaseUrl::Postgres(address) => Arc::new(Postgres::open(address, url, &*ambient.clock)?),
        };
        let store = Self { engine, ambient };
        store.read(log::check_end).map_err(|error: StoreError| OpenError::of(error, url))?;
        Ok(store)
    }

    /// What its operator should know of how the database is set up, a sentence each: what is kept may be lost.
    #[must_use]
    pub fn concerns(&self) -> &[String] {
        self.engine.concerns()
    }

    /// Runs reads that all see the same state.
    ///
    /// # Panics
    /// If `work` does.
    pub fn read<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut Reader<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut work = Some(work);
        let mut result = None;
        self.engine.read(&mut |connection| {
            if let Some(work) = work.take() {
                result = Some(work(&mut Reader::new(connection)));
            }
        })?;
        result.expect("an engine that reports no error has run the work")
    }

    /// Runs a change. It is kept if and only if `work` called [`Transaction::commit`] and the database has made it
    /// durable; only then is the caller answered, whatever `work` returned. `work` runs again when another change got
    /// in its way, so it must have no effect of its own.
    ///
    /// # Panics
    /// If `work` does (nothing is kept then), or if it starts a write itself.
    pub fn write<T, E>(&self, work: impl Fn(Transaction<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let ambient = self.ambient.clone();
        self.run(move |outcome, connection| work(Transaction::new(connection, &ambient, outcome)))
    }

    /// Runs upkeep: ledger integration, checkpoints, last uses, removal of dead codes. Kept if `work` gives `Ok`.
    ///
    /// # Panics
    /// As [`Self::write`].
    pub fn housekeeping<T, E>(
        &self,
        work: impl Fn(&mut Housekeeping<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run(move |outcome, connection| {
            let result = work(&mut Housekeeping::new(connection, outcome));
            outcome.kept = result.is_ok() && outcome.failed.is_none();
            result
        })
    }

    /// As [`Self::write`], for whoever does not wait on a thread of their own: `told` is called on a thread of the
    /// store's, so it hands on what it is told and returns. If `work` panics, nobody is told.
    pub fn write_soon<T, E>(
        &self,
        work: impl Fn(Transaction<'_>) -> Result<T, E> + Send + 'static,
        told: impl FnOnce(Result<T, E>) + Send + 'static,
    ) where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let ambient = self.ambient.clone();
        let (work, result) = slotted(move |outcome, connection| work(Transaction::new(connection, &ambient, outcome)));
        self.engine.submit(work, Box::new(move |kept| told(kept.map_err(E::from).and_then(|()| result()))));
    }

    /// Hands a write to the engine and takes its result back once the engine has kept or undone it.
    fn run<T, E>(
        &self,
        work: impl Fn(&mut Outcome, &mut dyn engine::Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (work, result) = slotted(work);
        self.engine.write(work)?;
        result()
    }
}

/// The work as an engine runs it, and what it returned when it was last run.
fn slotted<T, E>(
    work: impl Fn(&mut Outcome, &mut dyn engine::Connection) -> Result<T, E> + Send + 'static,
) -> (engine::Work, impl FnOnce() -> Result<T, E> + Send + 'static)
where
    T: Send + 'static,
    E: Send + 'static,
{
    let slot = Arc::new(Mutex::new(None));
    let filled = Arc::clone(&slot);
    let work = Box::new(move |connection: &mut dyn engine::Connection| {
        let mut outcome = Outcome::default();
        let result = work(&mut outcome, connection);
        *filled.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        Fate::of(outcome)
    });
    let result = move || {
        let result = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        result.expect("an engine that reports no error has run the work")
    };
    (work, result)
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.engine.name())
    }
}
