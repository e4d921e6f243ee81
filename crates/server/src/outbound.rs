//! The one door through which the server makes HTTP requests.
//!
//! The invariant: no byte goes to an address that was not judged. The host is read after parsing, every address that
//! its name has is judged, and the connection is made to one of those and to nothing else (H-01 to H-06). A redirect is
//! a failure. Deliberately absent: proxy variables, cookies, connection reuse, decompression, retries.

mod address;
mod connection;
mod error;
mod resolve;
mod settings;
mod target;

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, COOKIE, HOST, TRANSFER_ENCODING, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Body as _, Bytes};
use ipnet::IpNet;
use tokio_rustls::TlsConnector;

pub use error::{BadPolicy, OutboundError};
pub use resolve::{Resolve, SystemResolver};
pub use settings::OutboundSettings;

use crate::outbound::connection::Connection;
use crate::outbound::target::Target;

const NAME: &str = concat!("countersign/", env!("CARGO_PKG_VERSION"));

/// What an operator lets the server call. Nothing that is set over the API reaches it (H-07).
#[derive(Clone, Debug, Default)]
pub struct OutboundPolicy {
    /// Ranges that are called although they are private, local or otherwise not of the public internet.
    pub allowed_ranges: Vec<IpNet>,
    /// Whether addresses in those ranges may be called without TLS.
    pub plain_http: bool,
    /// Certificate authorities besides the system's, as PEM.
    pub extra_ca_pem: Option<Vec<u8>>,
}

/// One request.
#[derive(Debug)]
pub struct OutboundRequest {
    /// The method.
    pub method: Method,
    /// Where to. `https`, or `http` if the policy says so.
    pub url: String,
    /// Further headers; those that belong to the connection are ours and are replaced.
    pub headers: HeaderMap,
    /// The body, if any.
    pub body: Bytes,
    /// How long and how much.
    pub limits: Limits,
}

/// How long a request may take and how much may come back.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For everything: finding, connecting, sending, reading to the end.
    pub total: Duration,
    /// The most bytes of a body.
    pub most_body_bytes: usize,
}

/// What came back. Never a redirect.
#[derive(Debug)]
pub struct OutboundResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, whole.
    pub body: Bytes,
}

/// The way out. Cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    inner: Arc<Inner>,
}

struct Inner {
    policy: OutboundPolicy,
    resolver: Arc<dyn Resolve>,
    /// Or why there is none, which only matters to those who call `https`.
    tls: Result<TlsConnector, String>,
}

impl Outbound {
    /// With the system's resolver and the system's certificate authorities.
    pub fn new(policy: OutboundPolicy) -> Result<Self, BadPolicy> {
        Self::with_resolver(policy, Arc::new(SystemResolver))
    }

    /// With another way to find addresses. What it answers is judged all the same.
    pub fn with_resolver(policy: OutboundPolicy, resolver: Arc<dyn Resolve>) -> Result<Self, BadPolicy> {
        let tls = connection::tls(policy.extra_ca_pem.as_deref())?;
        Ok(Self { inner: Arc::new(Inner { policy, resolver, tls }) })
    }

    /// Judges an address when it is saved, as far as that can be done without asking for its name.
    pub fn check(&self, url: &str) -> Result<(), OutboundError> {
        Target::parse(url, &self.inner.policy).map(|_| ())
    }

    /// Sends one request and reads the answer whole.
    pub async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        let total = request.limits.total;
        tokio::time::timeout(total, self.exchange(request)).await.unwrap_or(Err(OutboundError::TooSlow(total)))
    }

    async fn exchange(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        let Inner { policy, resolver, tls } = &*self.inner;
        let target = Target::parse(&request.url, policy)?;
        let addresses = target.addresses(&**resolver, policy).await?;
        let mut connection = Connection::open(&target, &addresses, tls).await?;

        let mut message = Request::builder().method(request.method).uri(target.path());
        if let Some(headers) = message.headers_mut() {
            *headers = request.headers;
            for ours in [COOKIE, TRANSFER_ENCODING, CONTENT_LENGTH] {
                headers.remove(ours);
            }
            headers.insert(HOST, target.host_header()?);
            headers.insert(USER_AGENT, HeaderValue::from_static(NAME));
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let message =
            message.body(Full::new(request.body)).map_err(|error| OutboundError::Protocol(error.to_string()))?;
        let response = connection.send(message).await?;

        let (parts, body) = response.into_parts();
        if parts.status.is_redirection() {
            return Err(OutboundError::Redirect(parts.status.as_u16()));
        }
        let most = request.limits.most_body_bytes;
        if body.size_hint().lower() > most as u64 {
            return Err(OutboundError::TooLarge(most));
        }
        let body =
            Limited::new(body, most).collect().await.map_err(|error| match error.downcast::<hyper::Error>() {
                Ok(error) => OutboundError::Protocol(error.to_string()),
                Err(_) => OutboundError::TooLarge(most),
            })?;
        Ok(OutboundResponse { status: parts.status, headers: parts.headers, body: body.to_bytes() })
    }
}
