//! The HTTP surface of the control plane: extract, call one use case, convert.
//!
//! `serve` of the CLI and the console's embedded control plane both start it with [`start`]; there is no other code
//! path. The router is made from the contract's route table, and whoever may not call a route never reaches a handler.
//! Deliberately absent: rules. They are in `control` and `domain`.

mod accept;
mod access_log;
mod address;
mod api;
mod app;
mod body;
mod dialogue;
mod feed;
mod follow;
mod front;
mod guard;
mod issuers;
pub mod jwks;
mod key_file;
mod ledger_key;
mod long_work;
mod metrics;
mod once;
mod orcheo;
pub mod outbound;
mod outer;
mod pages;
mod places;
mod presented;
mod problem;
mod readiness;
mod revision;
mod router;
mod sender;
mod settings;
mod socket;
mod start;
mod tls;
mod trace;
mod webhook_key;

pub use control::found::Founder;
pub use control::jwt::{IssuerSettings, JwtSettings};
pub use control::password::Password;
pub use control::usage::traces::{TRACES as SCOPE_TRACES, UNTRACED as UNTRACED_SCOPES};
pub use settings::{
    Auth, BadMode, BadPeriod, BootstrapToken, ConfigError, Configuration, Environment, Http, Ledger, Log, LogFormat,
    MetricsAccess, Mode, PasswordLogin, Period, Plugin, Proof, Proxy, RateLimit, Settings, Telemetry, Tls, Tokens,
    Webhooks,
};
pub use start::{Running, StartError, start};
pub use store::DatabaseUrl;
pub use tls::CertificateError;

pub use control::{AuthConfig, AuthMode, Bootstrap, Control, Error as ControlError, TokenConfig};
