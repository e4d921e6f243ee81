//! SQLite's statements, values and errors in the store's words.

use std::sync::Arc;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, ErrorCode, ToSql, ffi};

use crate::engine::{Connection, Row, Value};
use crate::error::{Collision, Reason, StoreError};
use crate::schema::Migrate;

impl Connection for rusqlite::Connection {
    fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        let mut statement = bound(self, sql, parameters)?;
        let columns: Arc<[String]> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.raw_query();
        let mut result = Vec::new();
        while let Some(row) = rows.next().map_err(refused)? {
            let cells =
                (0..columns.len()).map(|at| value(row.get_ref(at).map_err(refused)?)).collect::<Result<_, _>>()?;
            result.push(Row { columns: Arc::clone(&columns), cells });
        }
        Ok(result)
    }

    fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64, StoreError> {
        let changed = bound(self, sql, parameters)?.raw_execute().map_err(refused)?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }

    fn define(&mut self, sql: &str) -> Result<(), StoreError> {
        self.execute_batch(sql).map_err(refused)
    }

    fn time(&self) -> &'static str {
        "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
    }
}

impl Migrate for rusqlite::Connection {
    fn begin(&mut self) -> Result<(), StoreError> {
        self.execute_batch("BEGIN IMMEDIATE").map_err(refused)
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.execute_batch("COMMIT").map_err(refused)
    }

    fn roll_back(&mut self) {
        // If this fails too, the transaction is over already.
        let _ = self.execute_batch("ROLLBACK");
    }
}

/// Runs a statement without parameters that comes again and again.
pub(super) fn run(connection: &rusqlite::Connection, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql).and_then(|mut statement| statement.raw_execute()).map(drop).map_err(refused)
}

/// SQLite gives `$1` a number when it first meets it, which need not be 1, so parameters are bound by name.
fn bound<'c>(
    connection: &'c rusqlite::Connection,
    sql: &str,
    parameters: &[Value],
) -> Result<CachedStatement<'c>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(refused)?;
    if statement.parameter_count() != parameters.len() {
        return Err(StoreError::misuse(&format!("a statement has other parameters than it was given: {sql}")));
    }
    for (number, parameter) in (1..).zip(parameters) {
        let index = statement.parameter_index(&format!("${number}")).map_err(refused)?;
        let index = index.ok_or_else(|| StoreError::misuse(&format!("a statement lacks `${number}`: {sql}")))?;
        statement.raw_bind_parameter(index, parameter).map_err(refused)?;
    }
    Ok(statement)
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn value(cell: ValueRef<'_>) -> Result<Value, StoreError> {
    Ok(match cell {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(bytes) => {
            let text = std::str::from_utf8(bytes).map_err(|_| StoreError::corrupt("a text is not UTF-8"))?;
            Value::Text(text.to_owned())
        }
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
        ValueRef::Real(_) => return Err(StoreError::corrupt("a column holds a fraction")),
    })
}

/// What SQLite refused, in the store's words.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` is given")]
pub(super) fn refused(error: rusqlite::Error) -> StoreError {
    let (code, extended) = match &error {
        rusqlite::Error::SqliteFailure(failure, _) | rusqlite::Error::SqlInputError { error: failure, .. } => {
            (failure.code, failure.extended_code)
        }
        _ => return StoreError::misuse(&error),
    };
    let unavailable = |reason| StoreError::unavailable(reason, &error);
    match code {
        ErrorCode::ConstraintViolation => match extended {
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
                StoreError::conflict(&table(&error.to_string()), Collision::Taken)
            }
            _ => StoreError::misuse(&error),
        },
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
            unavailable(Reason::Busy)
        }
        ErrorCode::DiskFull => unavailable(Reason::Full),
        ErrorCode::SystemIoFailure => unavailable(Reason::Failing),
        ErrorCode::ReadOnly => unavailable(Reason::ReadOnly),
        ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::OutOfMemory => unavailable(Reason::Down),
        // `Unknown`: a table or column is missing that a migration has made.
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown => StoreError::corrupt(&error),
        _ => StoreError::misuse(&error),
    }
}

/// `UNIQUE constraint failed: users.email` is about `users`.
fn table(message: &str) -> String {
    let column = message.rsplit(": ").next().unwrap_or_default();
    column.split('.').next().unwrap_or_default().to_owned()
}
