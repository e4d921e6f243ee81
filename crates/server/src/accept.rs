//! The accept loop: bounded connections, and a deadline for every stage in which a peer can keep us waiting.
//!
//! The framework's own loop keeps slow sockets for ever; this one closes a connection that sends no byte, no complete
//! header, or nothing between requests, within seconds.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How many connections at once.
const CONNECTIONS: usize = 1024;
/// How long a request may go on after the control plane was told to stop.
const GRACE: Duration = Duration::from_secs(5);
/// How long for the first byte and for the whole header.
const HEADER: Duration = Duration::from_secs(10);

/// Accepts until `stop`, then lets open connections finish what they are doing.
pub(crate) async fn run(listener: TcpListener, router: Router, stop: CancellationToken, tasks: TaskTracker) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                let (router, stop) = (router.clone(), stop.clone());
                tasks.spawn(async move {
                    serve(stream, router, stop).await;
                    drop(place);
                });
            }
            Err(error) => {
                // Out of file descriptors, most likely: give others time to close theirs.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, router: Router, stop: CancellationToken) {
    // A peer that sends no byte never reaches the header's deadline.
    let mut byte = [0];
    if !matches!(tokio::time::timeout(HEADER, stream.peek(&mut byte)).await, Ok(Ok(1))) {
        return;
    }
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER).max_buf_size(64 * 1024);
    let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(GRACE, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
