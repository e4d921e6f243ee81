//! Real servers on loopback that answer as badly as a test wants, and names that lead where it wants.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign_server::outbound::{
    Limits, Outbound, OutboundError, OutboundPolicy, OutboundRequest, OutboundResponse, Resolve,
};
use futures_util::future::{BoxFuture, pending};
use http::{HeaderMap, Method};
use hyper::body::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What a site does with a connection.
#[derive(Clone)]
pub(crate) enum Mode {
    /// Reads the head of the request, writes this, and closes.
    Say(Vec<u8>),
    /// Writes this and then nothing, for ever.
    Stall(Vec<u8>),
    /// Writes the first, and then the second for ever.
    Endless(Vec<u8>, Vec<u8>),
    /// Closes at once.
    HangUp,
}

impl Mode {
    pub(crate) fn ok(headers: &str, body: &str) -> Self {
        let length = body.len();
        Self::Say(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n{headers}\r\n{body}").into_bytes())
    }

    pub(crate) fn json(body: &serde_json::Value) -> Self {
        Self::ok("Content-Type: application/json\r\n", &body.to_string())
    }
}

/// A site. It ends with the value.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    heads: Arc<Mutex<Vec<String>>>,
    mode: Arc<Mutex<Mode>>,
    _accepting: JoinSet<()>,
}

impl Site {
    pub(crate) async fn start(mode: Mode) -> Self {
        Self::start_at("127.0.0.1:0", mode).await
    }

    pub(crate) async fn start_at(address: &str, mode: Mode) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, heads) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let mode = Arc::new(Mutex::new(mode));
        let (count, seen, now) = (connections.clone(), heads.clone(), mode.clone());
        let mut accepting = JoinSet::new();
        accepting.spawn(async move {
            let mut open = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let mode = now.lock().unwrap().clone();
                open.spawn(answer(stream, mode, seen.clone()));
            }
        });
        Self { address, connections, heads, mode, _accepting: accepting }
    }

    pub(crate) fn now(&self, mode: Mode) {
        *self.mode.lock().unwrap() = mode;
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn last_head(&self) -> String {
        self.heads.lock().unwrap().last().unwrap().clone()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

/// Serves one connection; that the other side goes away is what most of these tests are about.
async fn answer(mut stream: TcpStream, mode: Mode, heads: Arc<Mutex<Vec<String>>>) {
    let mut received = Vec::new();
    while !matches!(mode, Mode::HangUp) && !received.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read_buf(&mut received).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
    heads.lock().unwrap().push(String::from_utf8_lossy(&received).into_owned());
    match mode {
        Mode::Say(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Mode::Stall(bytes) => {
            let _ = stream.write_all(&bytes).await;
            pending::<()>().await;
        }
        Mode::Endless(bytes, rest) => {
            let _ = stream.write_all(&bytes).await;
            while stream.write_all(&rest).await.is_ok() {}
        }
        Mode::HangUp => {}
    }
}

/// Answers the scripted addresses in turn; the last answer stays.
pub(crate) struct Names {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    pub(crate) asked: AtomicUsize,
}

impl Names {
    pub(crate) fn new(answers: &[&[&str]]) -> Arc<Self> {
        let answers = answers.iter().map(|all| all.iter().map(|text| text.parse().unwrap()).collect()).collect();
        Arc::new(Self { answers: Mutex::new(answers), asked: AtomicUsize::new(0) })
    }
}

impl Resolve for Names {
    fn resolve<'a>(&'a self, _: &'a str, port: u16) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        let answer = answer.unwrap_or_default().into_iter().map(|ip| SocketAddr::new(ip, port)).collect();
        Box::pin(async move { Ok(answer) })
    }
}

/// A policy that opens these ranges, without TLS.
pub(crate) fn open_to(ranges: &[&str]) -> OutboundPolicy {
    let allowed_ranges = ranges.iter().map(|range| range.parse().unwrap()).collect();
    OutboundPolicy { allowed_ranges, plain_http: true, extra_ca_pem: None }
}

pub(crate) const LIMITS: Limits = Limits { total: Duration::from_secs(20), most_body_bytes: 64 * 1024 };
/// For servers that never end: what is waited for is that it is given up.
pub(crate) const SHORT: Limits = Limits { total: Duration::from_millis(300), ..LIMITS };

pub(crate) async fn get(outbound: &Outbound, url: &str, limits: Limits) -> Result<OutboundResponse, OutboundError> {
    let headers = HeaderMap::new();
    outbound
        .send(OutboundRequest { method: Method::GET, url: url.to_owned(), headers, body: Bytes::new(), limits })
        .await
}
