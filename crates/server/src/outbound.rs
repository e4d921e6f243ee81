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
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Body as _, Bytes, Incoming};
use ipnet::IpNet;
use tokio_rustls::TlsConnector;

pub use error::{BadPolicy, OutboundError};
pub use resolve::{Resolve, SystemResolver};
pub use settings::OutboundSettings;

use crate::outbound::connection::Connection;
use crate::outbound::target::Target;

const NAME: &str = concat!("countersign/", env!("CARGO_PKG_VERSION"));
/// How long the rest of an answer is read whose status is all that matters.
const REST: Duration = Duration::from_secs(1);

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
        let limits = request.limits;
        let whole = async {
            let (_connection, response) = self.exchange(request).await?;
            let (parts, body) = response.into_parts();
            let body = read(body, limits.most_body_bytes).await?;
            Ok::<_, OutboundError>(OutboundResponse { status: parts.status, headers: parts.headers, body })
        };
        tokio::time::timeout(limits.total, whole).await.unwrap_or(Err(OutboundError::TooSlow(limits.total)))
    }

    /// Sends one request and gives the status of its answer, which stands whatever follows: of the rest only so much is read
    /// as lets a well-behaved other side end in peace.
    pub async fn send_for_status(&self, request: OutboundRequest) -> Result<StatusCode, OutboundError> {
        let limits = request.limits;
        let answered = tokio::time::timeout(limits.total, self.exchange(request)).await;
        let (_connection, response) = answered.unwrap_or(Err(OutboundError::TooSlow(limits.total)))?;
        let status = response.status();
        // That the rest is too long, too slow or broken changes nothing.
        drop(tokio::time::timeout(REST.min(limits.total), read(response.into_body(), limits.most_body_bytes)).await);
        Ok(status)
    }

    /// Up to the head of an answer that is no redirect. The connection ends with what holds it.
    async fn exchange(&self, request: OutboundRequest) -> Result<(Connection, Response<Incoming>), OutboundError> {
        let Inner { policy, resolver, tls } = &*self.inner;
        let target = Target::parse(&request.url, policy)?;
        let addresses = target.addresses(&**resolver, policy).await?;
        let mut connection = Connection::open(&target, &addresses, tls, request.limits.total).await?;

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
        if response.status().is_redirection() {
            return Err(OutboundError::Redirect(response.status().as_u16()));
        }
        Ok((connection, response))
    }
}

/// Reads a body to its end, so many bytes at most.
async fn read(body: Incoming, most: usize) -> Result<Bytes, OutboundError> {
    if body.size_hint().lower() > most as u64 {
        return Err(OutboundError::TooLarge(most));
    }
    let whole = Limited::new(body, most).collect().await.map_err(|error| match error.downcast::<hyper::Error>() {
        Ok(error) => OutboundError::Protocol(error.to_string()),
        Err(_) => OutboundError::TooLarge(most),
    })?;
    Ok(whole.to_bytes())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// What a receiver does after it has answered.
    #[derive(Clone, Copy, Debug)]
    enum Then {
        Closes,
        Stalls,
        GoesOnForEver,
    }

    /// Where somebody answers one request like this.
    async fn receiver(answer: &'static str, then: Then) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") && stream.read_buf(&mut request).await.unwrap() > 0 {}
            stream.write_all(answer.as_bytes()).await.unwrap();
            match then {
                Then::Closes => {}
                Then::Stalls => std::future::pending::<()>().await,
                Then::GoesOnForEver => while stream.write_all(&[b'x'; 4096]).await.is_ok() {},
            }
        });
        url
    }

    #[tokio::test]
    async fn h_12_a_status_stands_whatever_follows_it() {
        let allowed_ranges = vec!["127.0.0.0/8".parse().unwrap()];
        let policy = OutboundPolicy { allowed_ranges, plain_http: true, extra_ca_pem: None };
        let outbound = Outbound::new(policy).unwrap();
        for (answer, then, status) in [
            ("HTTP/1.1 204 No Content\r\n\r\n", Then::Closes, 204_u16),
            ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", Then::Closes, 200),
            ("HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\nhalf", Then::Stalls, 202),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n", Then::GoesOnForEver, 200),
            ("HTTP/1.1 410 Gone\r\n\r\n", Then::GoesOnForEver, 410),
        ] {
            let request = OutboundRequest {
                method: Method::POST,
                url: receiver(answer, then).await,
                headers: HeaderMap::new(),
                body: Bytes::new(),
                limits: Limits { total: Duration::from_secs(20), most_body_bytes: 1024 },
            };
            assert_eq!(outbound.send_for_status(request).await.unwrap(), status, "{answer} {then:?}");
        }
    }
}
