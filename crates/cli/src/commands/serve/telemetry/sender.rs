//! The way to the collector: HTTP/1.1, plain or TLS, no redirects.
//!
//! The exporter calls from a thread of its own, without a runtime; the request is made on ours.

use std::time::Duration;

use async_trait::async_trait;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use tokio::runtime::Handle;

/// How long one delivery may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest answer that is read.
const ANSWER: usize = 64 << 10;

/// Delivers to a collector.
#[derive(Debug)]
pub(super) struct Sender {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    runtime: Handle,
}

impl Sender {
    /// One whose requests run on the runtime of the caller.
    pub(super) fn new() -> Result<Self, std::io::Error> {
        let connector = HttpsConnectorBuilder::new().try_with_platform_verifier().map_err(std::io::Error::other)?;
        let connector = connector.https_or_http().enable_http1().build();
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector), runtime: Handle::current() })
    }
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let whole = async move {
            let (head, body) = client.request(request.map(Full::new)).await?.into_parts();
            let body = Limited::new(body, ANSWER).collect().await?.to_bytes();
            Ok::<_, HttpError>(Response::from_parts(head, body))
        };
        // The clock is the runtime's too.
        self.runtime.spawn(async { tokio::time::timeout(PATIENCE, whole).await }).await??
    }
}
