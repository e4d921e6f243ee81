//! PostgreSQL, and what speaks its protocol: a pool of connections, each write a transaction of its own.
//!
//! `READ COMMITTED`, and nothing rests on more: changes are conditional and keys are unique, and a write that lost a
//! race, or its connection, is run again here and nowhere else. If the connection is lost while committing, it is first
//! found out whether the change was kept: its entry tells. Every wait has an end, also for a server that is there and
//! does not answer.

mod background;
mod concerns;
mod hosts;
mod refusal;
mod session;
mod tls;
mod value;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use domain::Clock;
use domain::id::EntryId;
use r2d2::{ManageConnection, NopErrorHandler, Pool, PooledConnection};
use tokio_postgres::Config;

use crate::engine::{Connection, Engine, Fate, Work, text};
use crate::error::{Collision, OpenError, Reason, StoreError};
use crate::schema::{self, Migrate};
use crate::url::{DatabaseUrl, PostgresAddress};

use background::Background;
use session::Session;
use tls::MakeTls;

/// How long a connection is waited for, and how long a server may take to answer that it is there.
const ACQUIRE: Duration = Duration::from_secs(2);

/// How many connections there are at most.
const CONNECTIONS: u32 = 16;

/// A PostgreSQL database.
pub(crate) struct Postgres {
    name: String,
    pool: Pool<Sessions>,
    concerns: Vec<String>,
}

impl Postgres {
    /// Connects, and brings the schema up.
    pub(crate) fn open(address: &PostgresAddress, url: &DatabaseUrl, clock: &dyn Clock) -> Result<Self, OpenError> {
        let name = url.to_string();
        let failed = |error| OpenError::named(error, name.clone());
        let sessions = Sessions::new(address).map_err(failed)?;
        let mut session = sessions.connect().map_err(failed)?;
        let encoding = session.query("SELECT current_setting('server_encoding') AS encoding", &[]).map_err(failed)?;
        let encoding = encoding.first().map_or(Ok(""), |row| row.text("encoding")).map_err(failed)?;
        if encoding != "UTF8" {
            return Err(OpenError::Encoding { found: encoding.to_owned() });
        }
        schema::bring_up(&mut session, clock, &name)?;
        let concerns = concerns::of(address, &mut session);
        let pool = Pool::builder()
            .max_size(CONNECTIONS)
            .min_idle(Some(0))
            .connection_timeout(ACQUIRE)
            .error_handler(Box::new(NopErrorHandler))
            .build_unchecked(sessions);
        Ok(Self { name, pool, concerns })
    }

    fn session(&self) -> Result<PooledConnection<Sessions>, StoreError> {
        self.pool.get().map_err(|error| {
            // The pool tells why it could not connect; if it could, all connections are in use.
            let all_in_use = self.pool.state().connections >= CONNECTIONS;
            StoreError::unavailable(if all_in_use { Reason::Busy } else { Reason::Down }, &error)
        })
    }

    /// Runs a write once.
    fn attempt(&self, work: &mut Work) -> Result<Attempt, StoreError> {
        let mut session = self.session()?;
        session.begin()?;
        let fate = match catch_unwind(AssertUnwindSafe(|| work(&mut *session))) {
            Ok(fate) => fate,
            Err(panic) => {
                session.roll_back();
                resume_unwind(panic)
            }
        };
        let Fate::Keep(witness) = fate else {
            session.roll_back();
            return Ok(if let Fate::Retry(error) = fate { Attempt::Refused(error) } else { Attempt::Over });
        };
        match session.commit() {
            Ok(()) => Ok(Attempt::Over),
            Err(StoreError::Unavailable { reason: Reason::Down, detail }) => {
                drop(session);
                self.settle(witness, &detail)
            }
            Err(error @ StoreError::Conflict { .. }) => {
                session.roll_back();
                Ok(Attempt::Lost(error))
            }
            Err(error) => Err(error),
        }
    }

    /// The connection broke while committing. The entry of the change is tried to be added once more: while the lost
    /// transaction is still going on that waits for it; if it was kept the id is taken; if the id is free it was not
    /// kept and never will be.
    fn settle(&self, witness: Option<EntryId>, detail: &str) -> Result<Attempt, StoreError> {
        let unknown = || StoreError::unavailable(Reason::OutcomeUnknown, detail);
        let Some(entry) = witness else { return Err(unknown()) };
        let mut session = self.session().map_err(|_| unknown())?;
        session.begin().map_err(|_| unknown())?;
        let again = session.execute("INSERT INTO entries (id, kind, leaf) VALUES ($1, '', '')", &[text(&entry)]);
        session.roll_back();
        match again {
            Err(StoreError::Conflict { collision: Collision::Taken, .. }) => {
                replicated(&mut session).map_err(|_| unknown())?;
                Ok(Attempt::Over)
            }
            Ok(_) => Ok(Attempt::Lost(StoreError::unavailable(Reason::Down, detail))),
            Err(_) => Err(unknown()),
        }
    }
}

/// Makes the tables of a new database as the version before a step of the schema made them.
#[cfg(feature = "testing")]
pub(crate) fn make_before(step: &str, address: &PostgresAddress, clock: &dyn Clock) -> Result<(), OpenError> {
    let failed = |error| OpenError::named(error, address.name().to_owned());
    let sessions = Sessions::new(address).map_err(failed)?;
    let mut session = sessions.connect().map_err(failed)?;
    schema::bring_up_before(step, &mut session, clock, address.name())
}

/// Makes sure that what is kept here is also where the server waits for it to be: a server that is stopped while it
/// waits for its standby shows the change although no standby may have it. A commit after it waits for both.
fn replicated(session: &mut Session) -> Result<(), StoreError> {
    session.begin()?;
    session.execute("UPDATE log_head SET size = size WHERE one = 1", &[])?;
    session.commit()
}

impl Engine for Postgres {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn concerns(&self) -> &[String] {
        &self.concerns
    }

    fn read(&self, work: &mut dyn FnMut(&mut dyn Connection)) -> Result<(), StoreError> {
        let mut session = self.session()?;
        session.begin_read()?;
        work(&mut *session);
        session.roll_back();
        Ok(())
    }

    fn write(&self, mut work: Work) -> Result<(), StoreError> {
        for attempt in 1.. {
            match self.attempt(&mut work)? {
                Attempt::Refused(error) | Attempt::Lost(error) if attempt < Fate::attempts(&error) => {
                    tracing::debug!(%error, attempt, "a write is run again");
                }
                Attempt::Over | Attempt::Refused(_) => break,
                Attempt::Lost(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// How an attempt to write ended.
enum Attempt {
    /// It was kept, or undone as it wanted.
    Over,
    /// It met this error and was undone. If it is not run again, what it returned is its answer.
    Refused(StoreError),
    /// Its commit met this error and nothing was kept, whatever it returned.
    Lost(StoreError),
}

/// Makes sessions. Each belongs to a generation: when one was found to hang or to be read-only, all of its generation are
/// replaced, as otherwise whoever comes next would find that out again for each.
struct Sessions {
    background: Background,
    hosts: Vec<Config>,
    /// The host that the last connection was made to: after a failover the others are not asked first each time.
    host: AtomicUsize,
    tls: MakeTls,
    time_limit: Duration,
    generation: AtomicU64,
}

impl Sessions {
    fn new(address: &PostgresAddress) -> Result<Self, StoreError> {
        let mut config = address.config.clone();
        config.application_name("countersign");
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(ACQUIRE);
        }
        let tls = MakeTls::of(address).map_err(|problem| StoreError::misuse(&problem))?;
        let background = Background::start().map_err(|error| StoreError::unavailable(Reason::Down, &error))?;
        let (hosts, host) = (hosts::each(&config), AtomicUsize::new(0));
        Ok(Self { background, hosts, host, tls, time_limit: address.time_limit, generation: AtomicU64::new(0) })
    }
}

impl ManageConnection for Sessions {
    type Connection = Session;
    type Error = StoreError;

    fn connect(&self) -> Result<Session, StoreError> {
        let generation = self.generation.load(Ordering::Relaxed);
        let first = self.host.load(Ordering::Relaxed);
        let (session, host) =
            Session::connect(&self.background, &self.hosts, first, &self.tls, self.time_limit, generation)?;
        self.host.store(host, Ordering::Relaxed);
        Ok(session)
    }

    fn is_valid(&self, session: &mut Session) -> Result<(), StoreError> {
        if session.generation < self.generation.load(Ordering::Relaxed) {
            return Err(StoreError::unavailable(Reason::Down, "the connection is of before something went wrong"));
        }
        let answer = session.check();
        self.retire(session);
        answer
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        self.retire(session);
        session.is_broken() || session.is_doubtful()
    }
}

impl Sessions {
    fn retire(&self, session: &Session) {
        if session.is_doubtful() {
            self.generation.fetch_max(session.generation + 1, Ordering::Relaxed);
        }
    }
}
