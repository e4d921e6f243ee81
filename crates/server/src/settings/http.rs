//! `[http]`: limits and time limits of connections and requests.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::settings::Period;

/// `[http]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// How long a new connection may be silent.
    pub first_byte_timeout: Period,
    /// How long a request's header may take from its first byte.
    pub header_timeout: Period,
    /// How long a request's body may take.
    pub body_timeout: Period,
    /// How long a connection may be silent between requests.
    pub idle_timeout: Period,
    /// How long a client may take no byte of an answer.
    pub write_timeout: Period,
    /// How long requests may go on after the control plane was told to stop.
    pub stop_timeout: Period,
    /// How often an open WebSocket is pinged; it is closed when two pings were not answered.
    pub ping_interval: Period,
    /// How many connections at once.
    pub max_connections: usize,
    /// How many of them from one client: an IPv4 address or an IPv6 /64.
    pub max_connections_per_client: usize,
    /// Networks whose clients have no such limit of their own. Trusted proxies have none either.
    pub unlimited_clients: Vec<IpNet>,
    /// The largest request line with its headers, in bytes; at least 8192.
    pub max_header_bytes: usize,
    /// The largest request target, in bytes.
    pub max_target_bytes: usize,
    /// The largest body, in bytes.
    pub max_body_bytes: usize,
    /// The largest body where a request carries signed documents or whole commands, in bytes.
    pub max_large_body_bytes: usize,
    /// Names that a `Host` header may have besides the public address and the listening address.
    pub allowed_hosts: Vec<String>,
    /// Origins of pages that may change something besides our own.
    pub allowed_origins: Vec<String>,
    /// Whether a WebSocket may carry a lasting credential in its address, where proxies and browsers keep it.
    pub query_tokens: bool,
}

impl Default for Http {
    fn default() -> Self {
        let loopback = ["127.0.0.0/8", "::1/128"];
        Self {
            first_byte_timeout: Period::seconds(10),
            header_timeout: Period::seconds(10),
            body_timeout: Period::seconds(15),
            idle_timeout: Period::seconds(60),
            write_timeout: Period::seconds(30),
            stop_timeout: Period::seconds(5),
            ping_interval: Period::seconds(20),
            max_connections: 1024,
            max_connections_per_client: 256,
            unlimited_clients: loopback.into_iter().filter_map(|network| network.parse().ok()).collect(),
            max_header_bytes: 64 << 10,
            max_target_bytes: 8 << 10,
            max_body_bytes: 64 << 10,
            max_large_body_bytes: 1 << 20,
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            query_tokens: false,
        }
    }
}

impl Http {
    /// What is wrong with a value, by its key.
    pub(crate) fn problem(&self) -> Option<(&'static str, &'static str)> {
        if self.max_connections == 0 || self.max_connections_per_client == 0 {
            return Some(("http.max_connections", "it would let nobody in; the least is 1"));
        }
        if self.ping_interval.duration().is_zero() {
            return Some(("http.ping_interval", "it would ping without a pause; the least is `1ms`"));
        }
        if self.max_header_bytes < 8192 {
            return Some(("http.max_header_bytes", "a usual request would not fit; the least is 8192"));
        }
        None
    }
}
