//! PostgreSQL, and what speaks its protocol: a pool of connections, each write a transaction of its own.
//!
//! `READ COMMITTED`, and nothing rests on more: changes are conditional and keys are unique, and a write that lost a
//! race, or its connection, is run again here and nowhere else. If the connection is lost while committing, it is first
//! found out whether the change was kept: its entry tells.

mod refusal;
mod session;
mod value;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use domain::Clock;
use domain::id::EntryId;
use postgres::Config;
use postgres::config::TargetSessionAttrs;
use r2d2::{ManageConnection, NopErrorHandler, Pool, PooledConnection};

use crate::engine::{Connection, Engine, Fate, Work, text};
use crate::error::{Collision, OpenError, Reason, StoreError};
use crate::schema::{self, Migrate};

use refusal::refused;
use session::Session;

/// How long a connection is waited for, and how long a server may take to answer that it is there.
const ACQUIRE: Duration = Duration::from_secs(2);

/// How many connections there are at most.
const CONNECTIONS: u32 = 16;

/// A PostgreSQL database.
pub(crate) struct Postgres {
    name: String,
    pool: Pool<Sessions>,
}

impl Postgres {
    /// Connects, and brings the schema up.
    pub(crate) fn open(config: &Config, clock: &dyn Clock) -> Result<Self, OpenError> {
        let name = crate::DatabaseUrl::Postgres(Box::new(config.clone())).to_string();
        let sessions = Sessions::new(config);
        let failed = |error| OpenError::named(error, name.clone());
        let mut session = sessions.connect().map_err(|error| failed(refused(error)))?;
        let encoding = session.query("SELECT current_setting('server_encoding') AS encoding", &[]).map_err(failed)?;
        let encoding = encoding.first().map_or(Ok(""), |row| row.text("encoding")).map_err(failed)?;
        if encoding != "UTF8" {
            return Err(OpenError::Encoding { found: encoding.to_owned() });
        }
        schema::bring_up(&mut session, clock, &name)?;
        let pool = Pool::builder()
            .max_size(CONNECTIONS)
            .min_idle(Some(0))
            .connection_timeout(ACQUIRE)
            .error_handler(Box::new(NopErrorHandler))
            .build_unchecked(sessions);
        Ok(Self { name, pool })
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
            Err(StoreError::Conflict { collision: Collision::Taken, .. }) => Ok(Attempt::Over),
            Ok(_) => Ok(Attempt::Lost(StoreError::unavailable(Reason::Down, detail))),
            Err(_) => Err(unknown()),
        }
    }
}

impl Engine for Postgres {
    fn name(&self) -> String {
        self.name.clone()
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

/// Makes sessions.
struct Sessions {
    config: Config,
}

impl Sessions {
    fn new(config: &Config) -> Self {
        let mut config = config.clone();
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        config.application_name("countersign");
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(ACQUIRE);
        }
        // Notices are the server's own remarks, for instance that a table is there already.
        config.notice_callback(|_| {});
        Self { config }
    }
}

impl ManageConnection for Sessions {
    type Connection = Session;
    type Error = postgres::Error;

    fn connect(&self) -> Result<Session, postgres::Error> {
        Session::connect(&self.config)
    }

    fn is_valid(&self, session: &mut Session) -> Result<(), postgres::Error> {
        session.check(ACQUIRE)
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        session.is_broken()
    }
}
