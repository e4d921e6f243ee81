//! SQLite: one writer that commits many changes at once, and a pool of readers that never wait for it.
//!
//! Write-ahead log with `synchronous=FULL`: what was acknowledged survives a crash and, where the disk honours a
//! flush, a loss of power.

mod connection;
mod file;
mod writer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::Clock;
use r2d2::{ManageConnection, NopErrorHandler, Pool};

use crate::engine::{Connection, Engine, Told, Work};
use crate::error::{OpenError, Reason, StoreError};
use crate::schema;

use writer::Writer;

/// How long a reader is waited for.
const ACQUIRE: Duration = Duration::from_secs(2);

/// How many read at once.
const READERS: u32 = 8;

/// A SQLite database.
pub(crate) struct Sqlite {
    name: String,
    writer: Writer,
    readers: Pool<Readers>,
}

impl Sqlite {
    /// Opens the file, or makes it if it is not there. A file that is there is never made anew.
    pub(crate) fn open(path: &Path, clock: &dyn Clock) -> Result<Self, OpenError> {
        let name = format!("sqlite:{}", path.display());
        let mut connection = file::open(path, &name)?;
        schema::bring_up(&mut connection, clock, &name)?;
        let readers = Pool::builder()
            .max_size(READERS)
            .min_idle(Some(0))
            .connection_timeout(ACQUIRE)
            .test_on_check_out(false)
            .error_handler(Box::new(NopErrorHandler))
            .build_unchecked(Readers { path: path.to_owned() });
        let writer =
            Writer::start(path.to_owned(), connection).map_err(|error| OpenError::named(error, name.clone()))?;
        Ok(Self { name, writer, readers })
    }
}

/// Makes a new file as the version before a step of the schema made it.
#[cfg(feature = "testing")]
pub(crate) fn make_before(step: &str, path: &Path, clock: &dyn Clock) -> Result<(), OpenError> {
    let name = format!("sqlite:{}", path.display());
    schema::bring_up_before(step, &mut file::open(path, &name)?, clock, &name)
}

impl Engine for Sqlite {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn read(&self, work: &mut dyn FnMut(&mut dyn Connection)) -> Result<(), StoreError> {
        let mut reader = self.readers.get().map_err(|error| StoreError::unavailable(Reason::Busy, &error))?;
        connection::run(&reader, "BEGIN")?;
        work(&mut *reader);
        // There is nothing to keep; a reader that cannot end its transaction is thrown away.
        let _ = connection::run(&reader, "ROLLBACK");
        Ok(())
    }

    fn write(&self, work: Work) -> Result<(), StoreError> {
        self.writer.write(work)
    }

    fn submit(&self, work: Work, told: Told) {
        self.writer.submit(work, told);
    }
}

/// Makes connections that only read.
#[derive(Debug)]
struct Readers {
    path: PathBuf,
}

impl ManageConnection for Readers {
    type Connection = rusqlite::Connection;
    type Error = rusqlite::Error;

    fn connect(&self) -> Result<rusqlite::Connection, rusqlite::Error> {
        file::reader(&self.path)
    }

    fn is_valid(&self, _: &mut rusqlite::Connection) -> Result<(), rusqlite::Error> {
        Ok(())
    }

    fn has_broken(&self, connection: &mut rusqlite::Connection) -> bool {
        !connection.is_autocommit()
    }
}
