//! `[proxy]`: whose word about the client's address counts.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// `[proxy]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Proxy {
    /// Networks of reverse proxies before this control plane, as `10.0.0.0/8`. What they say in `X-Forwarded-For` or
    /// `Forwarded`, and the request id that they give, is believed.
    pub trusted: Vec<IpNet>,
}
