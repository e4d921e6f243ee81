//! The accept loop: bounded connections, each with its deadlines, in TLS or plain.
//!
//! The framework's own loop keeps slow sockets for ever; here every stage in which a peer can keep us waiting ends
//! within seconds, and one client cannot take every place.

use std::any::Any;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::address::Peer;
use crate::metrics::Metrics;
use crate::places::Places;
use crate::settings::{Http, Settings};
use crate::socket::{Busy, Stage, Timed};
use crate::tls::Certificates;

/// What every connection is served with.
pub(crate) struct Door {
    pub(crate) router: Router,
    pub(crate) http: Http,
    pub(crate) places: Places,
    pub(crate) certificates: Option<Arc<Certificates>>,
    pub(crate) handshake: Duration,
    pub(crate) metrics: Metrics,
}

/// A connection's place among all that there may be, given back when the last holder drops it: whoever serves it, or
/// goes on with it once it is no longer HTTP.
#[derive(Clone)]
pub(crate) struct Seat(#[expect(dead_code, reason = "it is held, not looked at")] Arc<dyn Any + Send + Sync>);

impl Door {
    pub(crate) fn new(
        router: Router,
        settings: &Settings,
        certificates: Option<Arc<Certificates>>,
        metrics: Metrics,
    ) -> Self {
        let http = settings.http.clone();
        let unlimited = [http.unlimited_clients.as_slice(), &settings.proxy.trusted].concat();
        let places = Places::new(http.max_connections_per_client, unlimited);
        Self { router, http, places, certificates, handshake: settings.tls.handshake_timeout.duration(), metrics }
    }
}

/// Accepts until `stop`, then lets open connections finish what they are doing.
pub(crate) async fn run(listener: TcpListener, door: Arc<Door>, stop: CancellationToken, tasks: TaskTracker) {
    let all = Arc::new(Semaphore::new(door.http.max_connections.min(Semaphore::MAX_PERMITS)));
    loop {
        let Ok(one) = Arc::clone(&all).acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                let Some(place) = door.places.take(peer.ip()) else {
                    door.metrics.connection_refused("too_many_of_one_client");
                    continue;
                };
                let (door, stop) = (Arc::clone(&door), stop.clone());
                let seat = Seat(Arc::new((door.metrics.connection(), place, one, tasks.token())));
                tasks.spawn(async move { serve(stream, peer, seat, &door, stop).await });
            }
            Err(error) => {
                // Out of file descriptors, most likely: give others time to close theirs.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, peer: SocketAddr, seat: Seat, door: &Door, stop: CancellationToken) {
    // Answers are small and wanted at once; without it they only come later.
    drop(stream.set_nodelay(true));
    let Some(certificates) = &door.certificates else { return speak(stream, peer, seat, door, stop).await };
    let shaken = tokio::select! {
        shaken = tokio::time::timeout(door.handshake, certificates.acceptor().accept(stream)) => shaken,
        () = stop.cancelled() => return,
    };
    match shaken {
        Ok(Ok(stream)) => speak(stream, peer, seat, door, stop).await,
        Ok(Err(error)) => {
            door.metrics.connection_refused("handshake_failed");
            tracing::debug!(%error, "a TLS handshake failed");
        }
        Err(_) => door.metrics.connection_refused("handshake_slow"),
    }
}

async fn speak<S>(stream: S, peer: SocketAddr, seat: Seat, door: &Door, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (stream, stage) = Timed::new(stream, &door.http, door.metrics.clone());
    let mut http = http1::Builder::new();
    // The deadlines are the socket's.
    http.timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(door.http.max_header_bytes.max(8192));
    let service = service_fn(|request| answer(request, (Peer(peer), seat.clone()), door.router.clone(), &stage));
    let connection = http.serve_connection(TokioIo::new(stream), service).with_upgrades();
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(door.http.stop_timeout.duration(), connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer(
    mut request: hyper::Request<Incoming>,
    (peer, seat): (Peer, Seat),
    router: Router,
    stage: &Stage,
) -> Result<hyper::Response<Held>, Infallible> {
    let busy = stage.busy();
    request.extensions_mut().insert(peer);
    request.extensions_mut().insert(seat);
    let response = router.oneshot(request.map(Body::new)).await?;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        stage.upgrade();
    }
    Ok(response.map(|body| Held { body, _busy: busy }))
}

/// A body that keeps its connection busy until it is sent.
struct Held {
    body: Body,
    _busy: Busy,
}

impl hyper::body::Body for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
