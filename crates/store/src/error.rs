//! Why the store did not do it: a closed set of kinds, the same for both engines.
//!
//! What is told here is for operators: it names tables and files, never what is in them.

use std::fmt;

use crate::url::DatabaseUrl;

/// Why something was not read or kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another change was there first; asking again may succeed or tell more.
    #[error("`{noun}`: {collision}")]
    Conflict {
        /// The table.
        noun: String,
        /// In what way.
        collision: Collision,
    },
    /// The database cannot do it now. Nothing was changed, unless the reason says otherwise.
    #[error("the database {reason}: {detail}")]
    Unavailable {
        /// In what way.
        reason: Reason,
        /// What the engine said.
        detail: String,
    },
    /// What is stored is not what was stored.
    #[error("the database holds something it should not: {detail}")]
    Corrupt {
        /// What was found.
        detail: String,
    },
    /// The program asked for something that must not be done.
    #[error("{detail}")]
    Misuse {
        /// What it was.
        detail: String,
    },
}

/// How two changes got in each other's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collision {
    /// A value that must be unique is there already.
    Taken,
    /// The row was changed meanwhile, and retrying did not help.
    Changed,
}

/// Why the database cannot do it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Too much to do, or locked by another process.
    Busy,
    /// No space is left.
    Full,
    /// It cannot be reached.
    Down,
    /// It takes no writes.
    ReadOnly,
    /// Its disk fails.
    Failing,
    /// The connection broke while the change was being committed: it may or may not have been kept.
    OutcomeUnknown,
}

impl fmt::Display for Collision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Taken => "something with the same unique value is there already",
            Self::Changed => "it was changed meanwhile",
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Busy => "is busy",
            Self::Full => "has no space left",
            Self::Down => "cannot be reached",
            Self::ReadOnly => "takes no writes",
            Self::Failing => "has a failing disk",
            Self::OutcomeUnknown => "was lost while committing, and the change may or may not have been kept",
        })
    }
}

impl StoreError {
    pub(crate) fn conflict(noun: &str, collision: Collision) -> Self {
        Self::Conflict { noun: noun.to_owned(), collision }
    }

    pub(crate) fn unavailable(reason: Reason, detail: &(impl ToString + ?Sized)) -> Self {
        Self::Unavailable { reason, detail: detail.to_string() }
    }

    pub(crate) fn corrupt(detail: &(impl ToString + ?Sized)) -> Self {
        Self::Corrupt { detail: detail.to_string() }
    }

    pub(crate) fn misuse(detail: &(impl ToString + ?Sized)) -> Self {
        Self::Misuse { detail: detail.to_string() }
    }
}

impl From<ledger::MissingHash> for StoreError {
    fn from(error: ledger::MissingHash) -> Self {
        Self::corrupt(&error)
    }
}

/// Why a store was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file is damaged or not what it should be. It was not touched.
    #[error("the database `{name}` is damaged and was left as it is: {detail}; restore it from a backup")]
    Damaged {
        /// Which database.
        name: String,
        /// What was found.
        detail: String,
    },
    /// It belongs to something else.
    #[error("`{name}` is the database of another program; choose another place")]
    Foreign {
        /// Which database.
        name: String,
    },
    /// A newer version of this program has been here.
    #[error("the database has schema {found}, and this version knows {known}; use the version that wrote it, or newer")]
    Newer {
        /// The schema that was found.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// The linked SQLite has a bug that loses writes.
    #[error("SQLite {found} can lose writes; build with 3.51.3 or newer")]
    OldSqlite {
        /// The linked version.
        found: &'static str,
    },
    /// The server would change the bytes of the ledger.
    #[error("the PostgreSQL database has encoding {found}; create it with `ENCODING 'UTF8'`")]
    Encoding {
        /// The encoding that was found.
        found: String,
    },
    /// It cannot be opened now.
    #[error("the database `{name}` cannot be opened: {error}")]
    Failed {
        /// Which database.
        name: String,
        /// Why.
        error: StoreError,
    },
}

impl OpenError {
    /// Says of an error at the start what it means for the database as a whole.
    pub(crate) fn of(error: StoreError, url: &DatabaseUrl) -> Self {
        Self::named(error, url.to_string())
    }

    pub(crate) fn named(error: StoreError, name: String) -> Self {
        match error {
            StoreError::Corrupt { detail } => Self::Damaged { name, detail },
            error => Self::Failed { name, error },
        }
    }
}
