//! A connection to one judged address, for one request. It ends with the value that holds it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls_platform_verifier::Verifier;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

use crate::outbound::target::Target;
use crate::outbound::{BadPolicy, OutboundError};

/// How many addresses of one name are tried.
const MOST_TRIES: usize = 4;
/// The most bytes of an answer's head.
const MOST_HEAD_BYTES: usize = 64 * 1024;

pub(crate) struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    /// Drives the connection; ends with it.
    _driver: JoinSet<()>,
}

impl Connection {
    /// Connects to one of the addresses. `total` is what there is for the whole request; an address that does not answer
    /// takes no more of it than its share, as long as there is another one.
    pub(crate) async fn open(
        target: &Target,
        addresses: &[SocketAddr],
        tls: &Result<TlsConnector, String>,
        total: Duration,
    ) -> Result<Self, OutboundError> {
        let stream = connect(target, addresses, total).await?;
        if !target.tls {
            return Self::over(stream).await;
        }
        let refused = |problem: String| OutboundError::Tls { host: target.name(), problem };
        let connector = tls.as_ref().map_err(|problem| refused(problem.clone()))?;
        let name = ServerName::try_from(target.name()).map_err(|error| refused(error.to_string()))?;
        let stream = connector.connect(name, stream).await.map_err(|error| refused(error.to_string()))?;
        Self::over(stream).await
    }

    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, OutboundError> {
        self.sender.send_request(request).await.map_err(|error| OutboundError::Protocol(error.to_string()))
    }

    async fn over(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<Self, OutboundError> {
        let mut builder = http1::Builder::new();
        let (sender, connection) = builder
            .max_buf_size(MOST_HEAD_BYTES)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| OutboundError::Protocol(error.to_string()))?;
        let mut driver = JoinSet::new();
        driver.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "an outbound connection ended badly");
            }
        });
        Ok(Self { sender, _driver: driver })
    }
}

async fn connect(target: &Target, addresses: &[SocketAddr], total: Duration) -> Result<TcpStream, OutboundError> {
    let refused = |problem: String| OutboundError::Connect { host: target.name(), problem };
    let (stream, address) = first(addresses, total, TcpStream::connect).await.map_err(refused)?;
    let peer = stream.peer_addr().map_err(|error| refused(error.to_string()))?;
    if peer == address { Ok(stream) } else { Err(OutboundError::Denied(target.name())) }
}

/// Asks one address after the other until one answers; why the last did not, if none does. The last one may take what is
/// left of the time, which the caller sees to.
async fn first<T, F: Future<Output = io::Result<T>>>(
    addresses: &[SocketAddr],
    total: Duration,
    ask: impl Fn(SocketAddr) -> F,
) -> Result<(T, SocketAddr), String> {
    let tried = addresses.len().min(MOST_TRIES);
    let share = total / u32::try_from(tried.max(1)).unwrap_or(u32::MAX);
    let mut last = "there is no address".to_owned();
    for (place, address) in (1..).zip(addresses.iter().take(tried)) {
        let asked = ask(*address);
        let answer = if place == tried {
            asked.await
        } else {
            tokio::time::timeout(share, asked).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        };
        match answer {
            Ok(found) => return Ok((found, *address)),
            Err(error) => last = error.to_string(),
        }
    }
    Err(last)
}

/// TLS with the system's certificate authorities and the operator's.
pub(crate) fn tls(extra_ca_pem: Option<&[u8]>) -> Result<Result<TlsConnector, String>, BadPolicy> {
    let bad = |problem: &dyn std::fmt::Display| BadPolicy { key: "ca_file", problem: problem.to_string() };
    let mut extra = Vec::new();
    if let Some(pem) = extra_ca_pem {
        for certificate in CertificateDer::pem_slice_iter(pem) {
            extra.push(certificate.map_err(|error| bad(&error))?);
        }
        if extra.is_empty() {
            return Err(bad(&"there is no certificate in it; it should be PEM"));
        }
        let mut roots = rustls::RootCertStore::empty();
        for certificate in &extra {
            roots.add(certificate.clone()).map_err(|error| bad(&error))?;
        }
    }
    Ok(connector(extra).map_err(|error| error.to_string()))
}

fn connector(extra: Vec<CertificateDer<'static>>) -> Result<TlsConnector, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Verifier::new_with_extra_roots(extra, provider.clone())?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], port))
    }

    /// Port 1 never answers, port 2 refuses, any other answers.
    async fn ask(address: SocketAddr) -> io::Result<u16> {
        match address.port() {
            1 => std::future::pending().await,
            2 => Err(io::ErrorKind::ConnectionRefused.into()),
            port => Ok(port),
        }
    }

    #[tokio::test]
    async fn an_address_that_never_answers_leaves_time_for_the_next() {
        let total = Duration::from_millis(40);
        let found = first(&[address(1), address(2), address(1), address(7)], total, ask).await;
        assert_eq!(found, Ok((7, address(7))));
        let found = tokio::time::timeout(total, first(&[address(1), address(1)], total, ask)).await;
        assert!(found.is_err(), "the last one takes what is left");
    }

    #[tokio::test]
    async fn four_addresses_are_tried_and_the_last_says_why_not() {
        let total = Duration::from_secs(20);
        let many = [address(2), address(2), address(2), address(2), address(7)];
        let refused: String = io::Error::from(io::ErrorKind::ConnectionRefused).to_string();
        assert_eq!(first(&many, total, ask).await, Err(refused));
        assert_eq!(first(&[], total, ask).await, Err("there is no address".to_owned()));
    }
}
