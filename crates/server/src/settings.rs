//! What a control plane is told when it starts.
//!
//! [`Settings`] is what `start` takes; [`Configuration`] is its form in `countersign.toml` and in the environment. Each
//! section is one type in a file of its own, with `Default` as the documented default and unknown keys refused.
//! Deliberately absent: secrets. They come by variables or by files that a `…_file` key names.

mod auth;
mod bootstrap;
mod configuration;
mod environment;
mod http;
mod ledger;
mod location;
mod log;
mod overlay;
mod period;
mod plugins;
mod proof;
mod proxy;
mod rate_limit;
mod telemetry;
mod tls;
mod tokens;
mod webhooks;

use std::net::SocketAddr;
use std::path::PathBuf;

use control::jwt::JwtSettings;
use control::{AuthConfig, AuthMode, TokenConfig};
use store::DatabaseUrl;

use crate::outbound::OutboundSettings;

pub use auth::{Auth, BadMode, Mode, PasswordLogin};
pub use bootstrap::BootstrapToken;
pub use configuration::{ConfigError, Configuration};
pub use environment::Environment;
pub use http::Http;
pub use ledger::Ledger;
pub use log::{Log, LogFormat};
pub use period::{BadPeriod, Period};
pub use plugins::Plugin;
pub(crate) use plugins::configs as plugin_configs;
pub use proof::Proof;
pub use proxy::Proxy;
pub use rate_limit::RateLimit;
pub use telemetry::{MetricsAccess, Telemetry};
pub use tls::Tls;
pub use tokens::Tokens;
pub use webhooks::Webhooks;

/// What a control plane is told when it starts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the data is.
    pub database: DatabaseUrl,
    /// The folder for what must not be in the database: the ledger's signing key.
    pub state_dir: PathBuf,
    /// How callers are authenticated.
    pub auth: AuthConfig,
    /// What credentials may be made.
    pub tokens: TokenConfig,
    /// The address that clients are configured with, if it is not the listening address. It is the OAuth issuer, so it
    /// must never change.
    pub public_url: Option<String>,
    /// The certificate, if it speaks TLS itself.
    pub tls: Tls,
    /// Limits and time limits of connections and requests.
    pub http: Http,
    /// The proxies whose word about clients counts.
    pub proxy: Proxy,
    /// The ledger's key, if it is not the state folder's.
    pub ledger: Ledger,
    /// How it logs; for the program, not for the server.
    pub log: Log,
    /// Metrics and traces.
    pub telemetry: Telemetry,
    /// The issuers whose JWTs are taken.
    pub jwt: JwtSettings,
    /// What the server may call besides the public internet.
    pub outbound: OutboundSettings,
    /// How webhooks are told.
    pub webhooks: Webhooks,
    /// Programs that are asked after policy.
    pub plugins: Vec<Plugin>,
    /// The solver that proves things of policy sets.
    pub proof: Proof,
    /// Where secrets are that other settings name.
    pub environment: Environment,
}

impl Settings {
    /// With the default for everything that has one.
    #[must_use]
    pub fn new(listen: SocketAddr, database: DatabaseUrl, state_dir: PathBuf) -> Self {
        Self {
            listen,
            database,
            state_dir,
            auth: AuthConfig {
                password_login: is_here_alone(listen, None, &Proxy::default()),
                ..AuthConfig::default()
            },
            tokens: TokenConfig::default(),
            public_url: None,
            tls: Tls::default(),
            http: Http::default(),
            proxy: Proxy::default(),
            ledger: Ledger::default(),
            log: Log::default(),
            telemetry: Telemetry::default(),
            jwt: JwtSettings::default(),
            outbound: OutboundSettings::default(),
            webhooks: Webhooks::default(),
            plugins: Vec::new(),
            proof: Proof::default(),
            environment: Environment::default(),
        }
    }

    /// Refuses to serve everyone where others than the programs of this computer can come.
    ///
    /// # Errors
    /// The mode `disabled` beyond this computer.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.auth.mode != AuthMode::Disabled || is_here_alone(self.listen, self.public_url.as_deref(), &self.proxy) {
            return Ok(());
        }
        let why = if self.listen.ip().is_loopback() {
            "and something passes requests on to it: leave out `public_url` and `proxy.trusted`".to_owned()
        } else {
            format!("and {} is not this computer alone: listen on 127.0.0.1", self.listen)
        };
        Err(ConfigError::value("`auth.mode`", format!("`disabled` serves everyone who comes, {why}")))
    }
}

/// Whether only programs of this computer can come.
fn is_here_alone(listen: SocketAddr, public_url: Option<&str>, proxy: &Proxy) -> bool {
    listen.ip().is_loopback() && public_url.is_none() && proxy.trusted.is_empty()
}
