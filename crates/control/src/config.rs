//! What a control plane is told when it starts.

use std::path::PathBuf;
use std::time::Duration;

use domain::limit::Limit;
use domain::webhook::retry::Patience;

use crate::bootstrap::Bootstrap;
use crate::plugins::PluginConfig;
use crate::webhooks::SealingKey;

/// What a control plane is told when it starts.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Its own address, exactly as clients configure it: the OAuth issuer, without a trailing slash.
    pub issuer: String,
    /// How callers are authenticated.
    pub auth: AuthConfig,
    /// What credentials may be made.
    pub tokens: TokenConfig,
    /// How webhooks are told.
    pub webhooks: WebhookConfig,
    /// Programs that are asked after policy, in this order.
    pub plugins: Vec<PluginConfig>,
    /// How policy sets are proved.
    pub proof: ProofConfig,
}

/// How policy sets are proved.
#[derive(Clone, Debug)]
pub struct ProofConfig {
    /// The solver; the one on `PATH`, if absent.
    pub solver: Option<PathBuf>,
    /// How long one query may take.
    pub query: Duration,
    /// How long all queries of one work may take together.
    pub total: Duration,
}

impl Default for ProofConfig {
    fn default() -> Self {
        Self { solver: None, query: Duration::from_secs(5), total: Duration::from_mins(1) }
    }
}

/// How callers are authenticated.
#[derive(Clone, Debug)]
pub struct AuthConfig {
    /// Whether callers must be authenticated at all.
    pub mode: AuthMode,
    /// The token from the environment, if there is one.
    pub bootstrap: Option<Bootstrap>,
    /// How many failures one address may have; 0 switches it off.
    pub address_limit: Limit,
    /// How many failures may be about one identity; 0 switches it off.
    pub identity_limit: Limit,
    /// Whether e-mail address and password are taken over the API, for an access token that cannot step up.
    pub password_login: bool,
    /// How many bits of an IPv6 address count as one address, 48 to 128.
    pub ipv6_prefix: u8,
}

/// Whether callers must be authenticated at all. A credential that is presented and does not hold is refused in each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuthMode {
    /// Whoever comes without a credential may do everything but what only a person does. For development, on loopback.
    Disabled,
    /// Required as soon as there is anything to authenticate with; until then nobody may do anything that needs a scope.
    #[default]
    Optional,
    /// Always.
    Required,
}

/// What credentials may be made.
#[derive(Clone, Debug)]
pub struct TokenConfig {
    /// How long one lives unless it is said, in seconds.
    pub default_lifetime: u32,
    /// The longest that may be said, in seconds.
    pub max_lifetime: u32,
    /// Whether names of scopes may end in `*`, which is spelled out when a credential is made.
    pub wildcards: bool,
}

/// How webhooks are told.
#[derive(Clone, Debug)]
pub struct WebhookConfig {
    /// What their secrets are sealed with; without it there are no webhooks.
    pub key: Option<SealingKey>,
    /// When a message is tried again, and when an address is given up.
    pub patience: Patience,
    /// The most messages that wait for one webhook; then the oldest are dropped.
    pub queue: u32,
    /// How long a message is claimed by who sends it, in seconds: longer than any attempt takes.
    pub lease: u32,
}

impl Default for WebhookConfig {
    fn default() -> Self {
        Self { key: None, patience: Patience::default(), queue: 1000, lease: 60 }
    }
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            mode: AuthMode::default(),
            bootstrap: None,
            address_limit: Limit { failures: 20, interval: 60 },
            identity_limit: Limit { failures: 10, interval: 60 },
            password_login: false,
            ipv6_prefix: 64,
        }
    }
}

impl Default for TokenConfig {
    fn default() -> Self {
        Self { default_lifetime: 30 * 24 * 3600, max_lifetime: 366 * 24 * 3600, wildcards: false }
    }
}

impl AuthMode {
    /// Reads `disabled`, `optional` or `required`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "disabled" => Some(Self::Disabled),
            "optional" => Some(Self::Optional),
            "required" => Some(Self::Required),
            _ => None,
        }
    }
}
