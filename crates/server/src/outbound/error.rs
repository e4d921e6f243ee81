//! Why a request was not made or has no answer. The text names the host, never the path or query: they may hold secrets.

use std::time::Duration;

/// Why a request was not made or has no answer.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The address cannot be read, or has something in it that has no place there.
    #[error("the address is not taken: {0}")]
    Url(&'static str),
    /// It leads where this server does not go.
    #[error("`{0}` is not on the public internet; an operator allows private ranges in `outbound.allowed_ranges`")]
    Denied(String),
    /// It has no TLS.
    #[error("`{0}` would be called without TLS; use `https`")]
    PlainHttp(String),
    /// The name has no address.
    #[error("`{host}` cannot be found: {problem}")]
    Resolve {
        /// The name.
        host: String,
        /// What the resolver says.
        problem: String,
    },
    /// Nobody answers there.
    #[error("cannot connect to `{host}`: {problem}")]
    Connect {
        /// The host.
        host: String,
        /// What the operating system says.
        problem: String,
    },
    /// Whoever answers did not prove to be the host.
    #[error("no secure connection to `{host}`: {problem}; `outbound.ca_file` adds certificate authorities")]
    Tls {
        /// The host.
        host: String,
        /// What the check says.
        problem: String,
    },
    /// It answered that the answer is elsewhere.
    #[error("it redirects (status {0}), and redirects are not followed; configure the final address")]
    Redirect(u16),
    /// It did not answer to the end in time.
    #[error("it did not answer within {0:?}")]
    TooSlow(Duration),
    /// It answered more than is read.
    #[error("its answer is larger than {0} bytes")]
    TooLarge(usize),
    /// What it answered is not HTTP, or ended early.
    #[error("its answer is broken: {0}")]
    Protocol(String),
}

/// A setting of the policy that cannot stand.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`outbound.{key}`: {problem}")]
pub struct BadPolicy {
    /// The setting.
    pub key: &'static str,
    /// What is wrong and what would help.
    pub problem: String,
}
