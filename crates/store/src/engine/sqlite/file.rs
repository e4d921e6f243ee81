//! Opening the file: what is refused, and how each connection is set.
//!
//! A file that is damaged, foreign or half there is told about and left alone. Only where nothing is, something new
//! is made.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::connection::refused;
use crate::error::{OpenError, StoreError};

/// How long another process that has the file locked is waited for.
const BUSY: Duration = Duration::from_secs(5);

/// The first SQLite without the write-ahead-log reset bug: 3.51.3.
const OLDEST_SQLITE: i32 = 3_051_003;

/// `CSgn` in the file's header: this is ours.
const APPLICATION_ID: i64 = 0x4353_676e;

/// A file up to this size is checked page by page at the start: 256 MiB, some tenths of a second.
const CHECKED_WHOLE: u64 = 256 << 20;

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 128;

/// Opens the writer's connection and checks what is there.
pub(super) fn open(path: &Path, name: &str) -> Result<Connection, OpenError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(OpenError::OldSqlite { found: rusqlite::version() });
    }
    let damaged = |detail: &str| OpenError::Damaged { name: name.to_owned(), detail: detail.to_owned() };
    let failed = |error: StoreError| OpenError::named(error, name.to_owned());
    let size = match path.metadata() {
        Ok(found) if !found.is_file() => return Err(damaged("it is not a file")),
        Ok(found) if found.len() == 0 => return Err(damaged("the file is empty")),
        Ok(found) => found.len(),
        Err(error) if error.kind() == ErrorKind::NotFound => 0,
        Err(error) => return Err(failed(StoreError::unavailable(crate::Reason::Down, &error))),
    };
    if size == 0 {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        if Path::new(&log).exists() {
            return Err(damaged("the file is missing, but its write-ahead log is there"));
        }
        create(path).map_err(failed)?;
    }
    let connection = writer(path).map_err(|error| failed(refused(error)))?;
    check(&connection, size)
        .map_err(failed)?
        .then_some(())
        .ok_or_else(|| OpenError::Foreign { name: name.to_owned() })?;
    set_durable(&connection).map_err(failed)?;
    Ok(connection)
}

/// Opens the writer's connection again, after the file was found good once.
pub(super) fn reopen(path: &Path) -> Result<Connection, StoreError> {
    let connection = writer(path).map_err(refused)?;
    set_durable(&connection)?;
    Ok(connection)
}

/// Opens a connection that only reads.
pub(super) fn reader(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = writer(path)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn writer(path: &Path) -> Result<Connection, rusqlite::Error> {
    // Not `CREATE`: a file that vanished is not silently begun anew. Not `URI`: a path is a path.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(connection)
}

/// Makes the file, for its owner alone; SQLite gives the files beside it the same mode. It is made under another name
/// first, so that a file of the right name is never half there.
fn create(path: &Path) -> Result<(), StoreError> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let failed = |error: std::io::Error| StoreError::unavailable(crate::Reason::Down, &error);
    let mut new = path.as_os_str().to_owned();
    new.push(format!(".{}-{}.new", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
    let new = Path::new(&new);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(new).map_err(failed)?;
    let connection = writer(new).map_err(refused)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID).map_err(refused)?;
    set_durable(&connection)?;
    connection.close().map_err(|(_, error)| refused(error))?;
    let named = match std::fs::hard_link(new, path) {
        // Another process has made it meanwhile.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        // A file system without hard links.
        Err(_) => return std::fs::rename(new, path).map_err(failed),
        Ok(()) => Ok(()),
    };
    std::fs::remove_file(new).map_err(failed)?;
    named
}

/// Whether the file is ours. A damaged one is an error.
fn check(connection: &Connection, size: u64) -> Result<bool, StoreError> {
    let id: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(refused)?;
    if id != APPLICATION_ID {
        return Ok(false);
    }
    if size <= CHECKED_WHOLE {
        let found: String = connection.pragma_query_value(None, "quick_check", |row| row.get(0)).map_err(refused)?;
        if found != "ok" {
            return Err(StoreError::corrupt(&found));
        }
    }
    Ok(true)
}

/// Sets what durability rests on, and looks whether it is set.
fn set_durable(connection: &Connection) -> Result<(), StoreError> {
    let text = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, String>(0));
    if text("journal_mode").map_err(refused)? != "wal" {
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())).map_err(refused)?;
    }
    connection.pragma_update(None, "synchronous", "full").map_err(refused)?;
    let synchronous: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0)).map_err(refused)?;
    if text("journal_mode").map_err(refused)? != "wal" || synchronous != 2 {
        let detail = "the file system does not let SQLite keep a write-ahead log; use a local disk";
        return Err(StoreError::unavailable(crate::Reason::ReadOnly, detail));
    }
    Ok(())
}
