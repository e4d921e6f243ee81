//! The address of a PostgreSQL server, with what it says about TLS and about how long an answer is waited for.
//!
//! `sslmode` and `sslrootcert` mean what they mean to libpq, except for the default: on this computer a plain connection
//! will do, from anywhere else the server has to prove its name. A mode that is weaker than that is never taken unasked.

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use url::form_urlencoded;

use super::BadDatabaseUrl;

/// How long a statement may take unless the address says otherwise.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// The address of a PostgreSQL server.
#[derive(Clone, Debug)]
pub struct PostgresAddress {
    pub(crate) config: Config,
    pub(crate) tls: TlsMode,
    /// The file of certificates that are trusted instead of the system's.
    pub(crate) roots: Option<PathBuf>,
    /// How long a statement may take.
    pub(crate) time_limit: Duration,
}

/// How much TLS is asked for (libpq's `sslmode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TlsMode {
    /// None.
    Disable,
    /// If the server offers it.
    Prefer,
    /// Always; who is at the other end is checked only if `sslrootcert` names who vouches for them.
    Require,
    /// Always, and the certificate must be trusted and of the host's name.
    VerifyFull,
}

impl PostgresAddress {
    /// As the driver takes it, without what it does not know: TLS beyond on and off, and the time limit.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// The name of the database.
    #[must_use]
    pub fn name(&self) -> &str {
        self.config.get_dbname().unwrap_or_default()
    }

    /// The folder of the server's socket, if it is reached by one.
    #[must_use]
    pub fn folder(&self) -> Option<&std::path::Path> {
        match self.config.get_hosts().first() {
            #[cfg(unix)]
            Some(Host::Unix(folder)) => Some(folder),
            _ => None,
        }
    }

    /// Whether every host in it is this computer.
    pub(crate) fn is_local(&self) -> bool {
        let local_host = |host: &Host| match host {
            Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()),
            #[cfg(unix)]
            Host::Unix(_) => true,
        };
        self.config.get_hosts().iter().all(local_host) && self.config.get_hostaddrs().iter().all(IpAddr::is_loopback)
    }
}

impl FromStr for PostgresAddress {
    type Err = BadDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, BadDatabaseUrl> {
        let (place, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut mode, mut roots, mut time_limit, mut rest) = (None, None, TIME_LIMIT, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = form_urlencoded::parse(pair.as_bytes()).next().ok_or(BadDatabaseUrl::Form)?;
            match &*name {
                "sslmode" => mode = Some(TlsMode::parse(&value)?),
                "sslrootcert" => roots = Some(PathBuf::from(&*value)),
                "time_limit_ms" => {
                    let millis = value.parse().ok().filter(|millis| (100..=600_000).contains(millis));
                    time_limit = Duration::from_millis(millis.ok_or(BadDatabaseUrl::TimeLimit)?);
                }
                _ => rest.push(pair),
            }
        }
        let plain = if rest.is_empty() { place.to_owned() } else { format!("{place}?{}", rest.join("&")) };
        let config = plain.parse().map_err(|_| BadDatabaseUrl::Form)?;
        let mut address = Self { config, tls: TlsMode::VerifyFull, roots, time_limit };
        address.tls = mode.unwrap_or(if address.is_local() { TlsMode::Prefer } else { TlsMode::VerifyFull });
        address.config.ssl_mode(match address.tls {
            TlsMode::Disable => SslMode::Disable,
            TlsMode::Prefer => SslMode::Prefer,
            TlsMode::Require | TlsMode::VerifyFull => SslMode::Require,
        });
        Ok(address)
    }
}

impl TlsMode {
    fn parse(text: &str) -> Result<Self, BadDatabaseUrl> {
        match text {
            "disable" => Ok(Self::Disable),
            "prefer" => Ok(Self::Prefer),
            "require" => Ok(Self::Require),
            "verify-full" => Ok(Self::VerifyFull),
            _ => Err(BadDatabaseUrl::SslMode),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> PostgresAddress {
        text.parse().unwrap()
    }

    #[test]
    fn beyond_this_computer_a_server_proves_its_name_unless_told_otherwise() {
        for local in ["postgres://a@localhost/x", "postgres://a@127.0.0.1/x", "postgres://a@/x?host=/run/postgresql"] {
            assert_eq!(read(local).tls, TlsMode::Prefer, "{local}");
        }
        for remote in ["postgres://a@db.test/x", "postgres://a@localhost,db.test/x", "postgres://a@10.0.0.1/x"] {
            assert_eq!(read(remote).tls, TlsMode::VerifyFull, "{remote}");
        }
        assert_eq!(read("postgres://a@db.test/x?sslmode=disable").tls, TlsMode::Disable);
        let full = read("postgres://a@db.test/x?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem&connect_timeout=3");
        assert_eq!((full.tls, full.roots), (TlsMode::VerifyFull, Some("/etc/ca.pem".into())));
        assert_eq!(full.config.get_connect_timeout(), Some(&Duration::from_secs(3)));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for bad in ["sslmode=verify-ca", "sslmode=", "time_limit_ms=0", "time_limit_ms=soon", "sslcert=x"] {
            assert!(format!("postgres://a@db.test/x?{bad}").parse::<PostgresAddress>().is_err(), "{bad}");
        }
    }
}
