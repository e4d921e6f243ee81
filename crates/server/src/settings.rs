//! What a control plane is told when it starts.

use std::net::SocketAddr;
use std::path::PathBuf;

use control::{AuthConfig, TokenConfig};
use store::DatabaseUrl;

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
    /// The address that clients are configured with, if it is not `http://` and the listening address. It is the OAuth
    /// issuer, so it must never change.
    pub public_url: Option<String>,
}

impl Settings {
    /// With the default for everything that has one.
    #[must_use]
    pub fn new(listen: SocketAddr, database: DatabaseUrl, state_dir: PathBuf) -> Self {
        Self {
            listen,
            database,
            state_dir,
            auth: AuthConfig::default(),
            tokens: TokenConfig::default(),
            public_url: None,
        }
    }
}
