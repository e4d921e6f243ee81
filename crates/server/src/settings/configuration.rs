//! `countersign.toml`, and the variables that override it.
//!
//! The order is: default, file, `COUNTERSIGN_…` variable, and then what the caller sets from its command line. What is
//! wrong is told with its file, line and key, or its variable. A text that may hold a secret is never repeated.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use control::jwt::JwtSettings;
use serde::{Deserialize, Serialize};
use store::DatabaseUrl;

use crate::outbound::OutboundSettings;
use crate::settings::location::{self, Place};
use crate::settings::{
    Auth, BootstrapToken, Environment, Http, Ledger, Log, Plugin, Proof, Proxy, RateLimit, Settings, Telemetry, Tls,
    Tokens, Webhooks, auth, is_here_alone, overlay,
};

/// The configuration as it is written. A key that has no value here has a default that depends on other things.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Configuration {
    /// Where to listen.
    pub listen: SocketAddr,
    /// `sqlite:PATH` or `postgres://USER@HOST/NAME`; with a password only from the environment.
    pub database: Option<String>,
    /// A file with that address, which may hold a password.
    pub database_file: Option<PathBuf>,
    /// The folder of the ledger's key.
    pub state_dir: Option<PathBuf>,
    /// The address that clients are given.
    pub public_url: Option<String>,
    /// `[tls]`.
    pub tls: Tls,
    /// `[http]`.
    pub http: Http,
    /// `[proxy]`.
    pub proxy: Proxy,
    /// `[ledger]`.
    pub ledger: Ledger,
    /// `[log]`.
    pub log: Log,
    /// `[telemetry]`.
    pub telemetry: Telemetry,
    /// `[auth]`.
    pub auth: Auth,
    /// `[bootstrap]`.
    pub bootstrap: BootstrapToken,
    /// `[tokens]`.
    pub tokens: Tokens,
    /// `[rate_limit]`.
    pub rate_limit: RateLimit,
    /// `[jwt]`.
    pub jwt: JwtSettings,
    /// `[outbound]`.
    pub outbound: OutboundSettings,
    /// `[webhooks]`.
    pub webhooks: Webhooks,
    /// `[[plugins]]`.
    pub plugins: Vec<Plugin>,
    /// `[proof]`.
    pub proof: Proof,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read `{file}`: {source}")]
    Unreadable {
        /// Which.
        file: String,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// A value cannot be used.
    #[error("{place}: {problem}")]
    Value {
        /// The file, line and key, or the variable.
        place: String,
        /// What is wrong, and what would help.
        problem: String,
    },
}

impl ConfigError {
    pub(crate) fn value(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Value { place: place.into(), problem: problem.into() }
    }
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 4711)),
            database: None,
            database_file: None,
            state_dir: None,
            public_url: None,
            tls: Tls::default(),
            http: Http::default(),
            proxy: Proxy::default(),
            ledger: Ledger::default(),
            log: Log::default(),
            telemetry: Telemetry::default(),
            auth: Auth::default(),
            bootstrap: BootstrapToken::default(),
            tokens: Tokens::default(),
            rate_limit: RateLimit::default(),
            jwt: JwtSettings::default(),
            outbound: OutboundSettings::default(),
            webhooks: Webhooks::default(),
            plugins: Vec::new(),
            proof: Proof::default(),
        }
    }
}

impl Configuration {
    /// Reads the file, if one is named, and lays the variables over it.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut table = toml::Table::new();
        if let Some(file) = file {
            let name = file.display().to_string();
            let text = std::fs::read_to_string(file)
                .map_err(|source| ConfigError::Unreadable { file: name.clone(), source })?;
            table = read(&name, &text)?;
        }
        overlay::environment(table, environment)
    }

    /// Every key, as `http.idle_timeout`.
    #[must_use]
    pub fn keys() -> Vec<String> {
        overlay::keys().into_iter().map(|key| key.path).collect()
    }

    /// What the control plane takes. `state_dir` is the folder if none is named.
    pub fn settings(self, state_dir: impl FnOnce() -> PathBuf) -> Result<Settings, ConfigError> {
        if let Some((key, problem)) = self.tls.problem().or_else(|| self.http.problem()) {
            return Err(ConfigError::value(format!("`{key}`"), problem));
        }
        let state_dir = self.state_dir.unwrap_or_else(state_dir);
        let database = match (self.database, self.database_file) {
            (Some(_), Some(_)) => {
                return Err(ConfigError::value("`database`", "`database_file` is set as well; leave one of them"));
            }
            (Some(text), None) => address(&text, "`database`")?,
            (None, Some(file)) => {
                let name = file.display().to_string();
                let text = std::fs::read_to_string(&file)
                    .map_err(|source| ConfigError::Unreadable { file: name.clone(), source })?;
                address(text.trim(), &format!("`{name}`"))?
            }
            (None, None) => DatabaseUrl::file(state_dir.join("countersign.db")),
        };
        let mut auth = auth::config(&self.auth, &self.rate_limit)?;
        auth.bootstrap = self.bootstrap.read_file()?;
        let here_alone = is_here_alone(self.listen, self.public_url.as_deref(), &self.proxy);
        auth.password_login = self.auth.password_login.is_on(here_alone);
        Ok(Settings {
            listen: self.listen,
            database,
            state_dir,
            auth,
            tokens: self.tokens.config()?,
            public_url: self.public_url,
            tls: self.tls,
            http: self.http,
            proxy: self.proxy,
            ledger: self.ledger,
            log: self.log,
            telemetry: self.telemetry,
            jwt: self.jwt,
            outbound: self.outbound,
            webhooks: self.webhooks,
            plugins: self.plugins,
            proof: self.proof,
            environment: Environment::default(),
        })
    }

    /// As TOML, with every default filled in and no secret.
    ///
    /// # Errors
    /// None that a configuration which was read can cause.
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        let mut shown = self.clone();
        shown.database =
            shown.database.map(|text| text.parse().map_or_else(|_| "…".to_owned(), |url: DatabaseUrl| url.to_string()));
        toml::to_string(&shown).map_err(|error| ConfigError::value("the configuration", error.to_string()))
    }
}

fn address(text: &str, place: &str) -> Result<DatabaseUrl, ConfigError> {
    text.parse().map_err(|error: store::BadDatabaseUrl| ConfigError::value(place, error.to_string()))
}

fn read(name: &str, text: &str) -> Result<toml::Table, ConfigError> {
    let places = location::places(text).map_err(|error| {
        let line = error.span().map_or(1, |span| location::line(text, span.start));
        ConfigError::value(format!("{name}:{line}"), error.message())
    })?;
    if let Some(Place { line, key, .. }) = places.iter().find(|place| place.is_secret()) {
        let variable = overlay::variable(key);
        return Err(ConfigError::value(
            format!("{name}:{line}: `{key}`"),
            format!("secrets do not belong in this file; set `{variable}`, or name a file with `{key}_file`"),
        ));
    }
    toml::from_str::<Configuration>(text).map_err(|error| {
        let place = error.span().and_then(|span| location::at(&places, span.start));
        let place = place.map_or_else(|| name.to_owned(), |place| format!("{name}:{}: `{}`", place.line, place.key));
        ConfigError::value(place, error.message())
    })?;
    let table: toml::Table = toml::from_str(text).map_err(|error| ConfigError::value(name, error.message()))?;
    if let Some(url) = table.get("database").and_then(|value| value.as_str())
        && url.parse::<DatabaseUrl>().is_ok_and(|url| url.holds_password())
    {
        let line = places.iter().find(|place| place.key == "database").map_or(1, |place| place.line);
        return Err(ConfigError::value(
            format!("{name}:{line}: `database`"),
            "the address holds a password; set it as `COUNTERSIGN_DATABASE`, or name a file with `database_file`",
        ));
    }
    Ok(table)
}

#[cfg(test)]
mod tests;
