//! Key sets of JWT issuers over the network: through the one door, JSON only, and renewed before they are too old.

use std::sync::Arc;
use std::time::Duration;

use control::jwt::{FetchError, FetchKeys, Fetched, Verifier};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use hyper::body::Bytes;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::outbound::{Limits, Outbound, OutboundRequest, OutboundResponse};

/// The largest key set that is read.
const MOST_BYTES: usize = 256 * 1024;
/// How often the age of the keys is looked at. They are asked for far less often.
const LOOK: Duration = Duration::from_secs(5);

/// Fetches key sets for a [`Verifier`]. Its calls block, so they belong on a thread that may.
pub struct JwksFetcher {
    outbound: Outbound,
    runtime: Handle,
}

impl JwksFetcher {
    /// Over the door, on the runtime that drives it.
    #[must_use]
    pub const fn new(outbound: Outbound, runtime: Handle) -> Self {
        Self { outbound, runtime }
    }
}

impl FetchKeys for JwksFetcher {
    fn fetch(&self, url: &str, timeout: Duration) -> Result<Fetched, FetchError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/jwk-set+json, application/json"));
        let request = OutboundRequest {
            method: Method::GET,
            url: url.to_owned(),
            headers,
            body: Bytes::new(),
            limits: Limits { total: timeout, most_body_bytes: MOST_BYTES },
        };
        let response = self.runtime.block_on(self.outbound.send(request));
        read(&response.map_err(|error| FetchError(error.to_string()))?)
    }
}

/// Renews the keys in the background until `stop`, so that no request waits for an issuer.
pub async fn renew(verifier: Arc<Verifier>, stop: CancellationToken) {
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while stop.run_until_cancelled(looks.tick()).await.is_some() {
        let verifier = verifier.clone();
        if let Err(error) = tokio::task::spawn_blocking(move || verifier.refresh_due()).await {
            tracing::error!(%error, "renewing the keys of JWT issuers ended badly");
        }
    }
}

fn read(response: &OutboundResponse) -> Result<Fetched, FetchError> {
    if response.status != StatusCode::OK {
        return Err(FetchError(format!("it answered with status {}", response.status.as_u16())));
    }
    let text =
        |name| response.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let media = text(CONTENT_TYPE).split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media != "application/json" && media != "application/jwk-set+json" {
        return Err(FetchError("it answered something that is not JSON; check the address".to_owned()));
    }
    Ok(Fetched { body: response.body.to_vec(), max_age: max_age(text(CACHE_CONTROL)) })
}

/// How long an answer may be kept (RFC 9111 §5.2.2), in seconds.
fn max_age(cache_control: &str) -> Option<u32> {
    let directives = || cache_control.split(',').map(|directive| directive.trim().to_ascii_lowercase());
    if directives().any(|directive| directive == "no-store" || directive == "no-cache") {
        return Some(0);
    }
    let seconds = directives().find_map(|directive| directive.strip_prefix("max-age=").map(str::to_owned))?;
    Some(seconds.trim_matches('"').parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::max_age;

    #[test]
    fn the_issuers_word_on_age_is_heard() {
        for (header, expected) in [
            ("", None),
            ("public", None),
            ("max-age=60", Some(60)),
            ("public, Max-Age=600, must-revalidate", Some(600)),
            ("max-age=\"60\"", Some(60)),
            ("no-store", Some(0)),
            ("no-cache, max-age=600", Some(0)),
            ("max-age=99999999999999", Some(0)),
            ("max-age=soon", Some(0)),
        ] {
            assert_eq!(max_age(header), expected, "{header}");
        }
    }
}
