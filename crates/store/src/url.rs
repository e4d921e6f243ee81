//! Where the database is: `sqlite:PATH` or `postgres://…`.
//!
//! A PostgreSQL address may hold a password, so neither `Display` nor an error shows more than host and name.

mod postgres;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Deserialize;
use tokio_postgres::config::Host;

pub use postgres::PostgresAddress;
pub(crate) use postgres::TlsMode;

/// The address of a database.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A server.
    Postgres(Box<PostgresAddress>),
}

/// A text that is no such address. It is not repeated: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadDatabaseUrl {
    /// Not of this form.
    #[error("the database address is not usable; write `sqlite:PATH` or `postgres://USER@HOST/NAME`")]
    Form,
    /// No such mode.
    #[error("the `sslmode` of the database address is not one of `disable`, `prefer`, `require`, `verify-full`")]
    SslMode,
    /// No such time.
    #[error("the `time_limit_ms` of the database address is not a number from 100 to 600000")]
    TimeLimit,
}

impl DatabaseUrl {
    /// The SQLite database in this file.
    #[must_use]
    pub fn file(path: impl AsRef<Path>) -> Self {
        Self::Sqlite(path.as_ref().to_owned())
    }

    /// Whether a password stands in it: then it is not for places that others can read.
    #[must_use]
    pub fn holds_password(&self) -> bool {
        matches!(self, Self::Postgres(address) if address.config.get_password().is_some())
    }
}

impl FromStr for DatabaseUrl {
    type Err = BadDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, BadDatabaseUrl> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            // A database in memory is one per connection, and everything here needs more than one.
            let usable = !path.is_empty() && !path.starts_with(':') && !path.starts_with("//");
            return if usable { Ok(Self::file(path)) } else { Err(BadDatabaseUrl::Form) };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return text.parse().map(|address| Self::Postgres(Box::new(address)));
        }
        Err(BadDatabaseUrl::Form)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(address) => {
                let host = match address.config.get_hosts().first() {
                    Some(Host::Tcp(name)) => name.clone(),
                    #[cfg(unix)]
                    Some(Host::Unix(path)) => path.display().to_string(),
                    None => String::new(),
                };
                write!(f, "postgres://{host}/{}", address.config.get_dbname().unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        let url: DatabaseUrl = "postgres://ann:hunter2@db.test:5433/countersign".parse().unwrap();
        assert_eq!(format!("{url} {url:?}"), "postgres://db.test/countersign postgres://db.test/countersign");
        let error = "postgres://ann:hunter2@db.test:port/".parse::<DatabaseUrl>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn a_password_is_seen_wherever_the_driver_takes_one() {
        for text in ["ann:pa/ss@db.test/x", "ann:p%2Fw@a:5432,b:5432/x", "ann@db.test/x?password=hunter2"] {
            let url = format!("postgres://{text}").parse::<DatabaseUrl>();
            assert!(url.as_ref().is_ok_and(DatabaseUrl::holds_password), "{text}: {url:?}");
        }
        for text in ["postgres://ann@db.test/x", "sqlite:/var/lib/a:b@c"] {
            assert!(!text.parse::<DatabaseUrl>().unwrap().holds_password(), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        assert!("sqlite:data/countersign.db".parse::<DatabaseUrl>().is_ok());
        for bad in ["", "sqlite:", "sqlite::memory:", "sqlite://x", "mysql://x", "countersign.db"] {
            assert_eq!(bad.parse::<DatabaseUrl>().unwrap_err(), BadDatabaseUrl::Form, "{bad}");
        }
    }
}
