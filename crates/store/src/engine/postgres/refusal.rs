//! What PostgreSQL refused, in the store's words. Its `DETAIL` may quote rows, so only its message is told.

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::error::{Collision, Reason, StoreError};

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` is given")]
pub(super) fn refused(error: Error) -> StoreError {
    let Some(told) = error.as_db_error() else {
        // Without an answer from the server it is the connection, or a value that cannot be carried over it.
        let carried = std::error::Error::source(&error).is_none_or(<dyn std::error::Error>::is::<std::io::Error>);
        return if error.is_closed() || carried {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            StoreError::unavailable(Reason::Down, &format!("{error}{cause}"))
        } else {
            StoreError::misuse(&error)
        };
    };
    let unavailable = |reason| StoreError::unavailable(reason, told.message());
    let code = told.code();
    match *code {
        SqlState::UNIQUE_VIOLATION => StoreError::conflict(told.table().unwrap_or_default(), Collision::Taken),
        // What `CREATE TABLE IF NOT EXISTS` says when another process creates it at this moment.
        SqlState::DUPLICATE_TABLE | SqlState::DUPLICATE_OBJECT => StoreError::conflict("migrations", Collision::Taken),
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => {
            StoreError::conflict(told.table().unwrap_or("transaction"), Collision::Changed)
        }
        SqlState::QUERY_CANCELED | SqlState::LOCK_NOT_AVAILABLE => unavailable(Reason::Busy),
        SqlState::DISK_FULL => unavailable(Reason::Full),
        SqlState::IO_ERROR => unavailable(Reason::Failing),
        SqlState::READ_ONLY_SQL_TRANSACTION => unavailable(Reason::ReadOnly),
        SqlState::DATA_CORRUPTED
        | SqlState::INDEX_CORRUPTED
        | SqlState::UNDEFINED_TABLE
        | SqlState::UNDEFINED_COLUMN => StoreError::corrupt(told.message()),
        _ => match code.code().get(..2) {
            // Connection exceptions, the server going down or starting, and refused logins.
            Some("08" | "57" | "28" | "3D") => unavailable(Reason::Down),
            Some("53") => unavailable(Reason::Busy),
            _ => StoreError::misuse(told.message()),
        },
    }
}
