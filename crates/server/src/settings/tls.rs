//! `[tls]`: the certificate, if the control plane speaks TLS itself.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::settings::Period;

/// `[tls]`. Both files or neither.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// The certificate and its chain, PEM, the server's own first.
    pub cert_file: Option<PathBuf>,
    /// Its private key, PEM.
    pub key_file: Option<PathBuf>,
    /// How long a handshake may take.
    pub handshake_timeout: Period,
    /// How often the files are looked at for a change.
    pub reload_interval: Period,
    /// How long browsers insist on TLS (RFC 6797).
    pub hsts_max_age: Period,
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            cert_file: None,
            key_file: None,
            handshake_timeout: Period::seconds(10),
            reload_interval: Period::seconds(60),
            hsts_max_age: Period::seconds(365 * 86_400),
        }
    }
}

impl Tls {
    /// What is wrong with a value, by its key.
    pub(crate) fn problem(&self) -> Option<(&'static str, &'static str)> {
        match (&self.cert_file, &self.key_file) {
            (Some(_), None) => Some(("tls.key_file", "a certificate without its key cannot be served; name both")),
            (None, Some(_)) => Some(("tls.cert_file", "a key without its certificate cannot be served; name both")),
            _ => None,
        }
    }
}
