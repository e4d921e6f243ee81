//! What the outermost layer knows: which hosts and origins are ours, whom it believes, what it limits.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::http::HeaderValue;
use ipnet::IpNet;

use crate::settings::{Http, MetricsAccess, Settings};
use crate::tls::Certificates;

/// The front of one control plane.
pub(crate) struct Front {
    /// What a `Host` header may be.
    pub(crate) hosts: Vec<String>,
    /// Origins besides those of our hosts.
    pub(crate) origins: Vec<String>,
    /// Peers that are believed.
    pub(crate) proxies: Vec<IpNet>,
    pub(crate) http: Http,
    pub(crate) metrics: MetricsAccess,
    pub(crate) certificates: Option<Arc<Certificates>>,
    /// `Strict-Transport-Security`, where clients come by TLS.
    pub(crate) hsts: Option<HeaderValue>,
}

impl Front {
    pub(crate) fn new(
        settings: &Settings,
        issuer: &str,
        address: SocketAddr,
        certificates: Option<Arc<Certificates>>,
    ) -> Self {
        let authority = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
        let mut hosts = vec![authority.to_owned(), address.to_string(), format!("localhost:{}", address.port())];
        hosts.extend(settings.http.allowed_hosts.iter().cloned());
        let age = format!("max-age={}", settings.tls.hsts_max_age.duration().as_secs());
        let insist = if issuer.starts_with("https://") { HeaderValue::from_str(&age).ok() } else { None };
        Self {
            hosts,
            origins: settings.http.allowed_origins.clone(),
            proxies: settings.proxy.trusted.clone(),
            http: settings.http.clone(),
            metrics: settings.telemetry.metrics,
            certificates,
            hsts: insist,
        }
    }

    /// Whether a `Host` header names this control plane.
    pub(crate) fn is_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
    }

    /// Whether a page of this origin may change something.
    pub(crate) fn is_origin(&self, origin: &str) -> bool {
        let ours = origin.split_once("://").is_some_and(|(_, host)| self.is_host(host));
        ours || self.origins.iter().any(|known| known.eq_ignore_ascii_case(origin))
    }
}
