//! `[rate_limit]`: how many attempts to authenticate may fail.

use serde::{Deserialize, Serialize};

use crate::settings::Period;

/// `[rate_limit]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimit {
    /// Failures of one address within the interval; 0 switches it off.
    pub address: u32,
    /// Failures about one identity within the interval; 0 switches it off.
    pub identity: u32,
    /// The interval, in whole seconds.
    pub interval: Period,
    /// How many bits of an IPv6 address count as one address, 48 to 128.
    pub ipv6_prefix: u8,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self { address: 20, identity: 10, interval: Period::seconds(60), ipv6_prefix: 64 }
    }
}
