//! A receiver of webhooks on a real socket: it notes what came and answers as it was told to.
//!
//! It verifies signatures by itself, with nothing of ours but SHA-256, so that a mistake in our signing is not repeated.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Digest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How a message is answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// With this status and no body.
    Status(u16),
    /// With a redirect to there.
    Redirect(String),
    /// Never.
    Stall,
    /// With a body that does not end.
    Endless,
}

/// A message as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its path.
    pub path: String,
    /// Its headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

/// A running receiver. It ends with the test's runtime.
#[derive(Clone)]
pub struct Receiver {
    /// Where it listens.
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl Receiver {
    /// Starts one that gives these answers one after the other, and then answers 204.
    ///
    /// # Panics
    /// If it cannot listen.
    pub async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let receiver = Self {
            address: listener.local_addr().expect("it listens"),
            received: Arc::default(),
            answers: Arc::new(Mutex::new(answers.into_iter().collect())),
        };
        let serving = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = serving.clone();
                tokio::spawn(async move { serving.serve(stream).await });
            }
        });
        receiver
    }

    /// Its address as a URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// What came so far.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until so many messages came; gives all.
    ///
    /// # Panics
    /// If they do not come.
    pub async fn after(&self, many: usize) -> Vec<Received> {
        let came = crate::until("messages come", async || Ok(Some(self.received()).filter(|all| all.len() >= many)));
        came.await.expect("the messages come")
    }

    async fn serve(&self, mut stream: TcpStream) -> Option<()> {
        let received = read(&mut stream).await?;
        self.received.lock().unwrap_or_else(PoisonError::into_inner).push(received);
        let answer = self.answers.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        match answer.unwrap_or(Answer::Status(204)) {
            Answer::Status(status) => {
                let text = format!("HTTP/1.1 {status} Done\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                stream.write_all(text.as_bytes()).await.ok()
            }
            Answer::Redirect(to) => {
                let text = format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
                stream.write_all(text.as_bytes()).await.ok()
            }
            Answer::Stall => stream.read(&mut [0]).await.ok().map(drop),
            Answer::Endless => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n").await.ok()?;
                while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
                None
            }
        }
    }
}

impl Received {
    /// A header; empty if it did not come.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The body, read as JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Whether it was signed with the secret `whsec_…`.
    #[must_use]
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = secret.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
        let head = format!("{}.{}.", self.header("webhook-id"), self.header("webhook-timestamp"));
        let code = hmac(&key, &[head.as_bytes(), &self.body].concat());
        let expected = format!("v1,{}", STANDARD.encode(code));
        !key.is_empty() && self.header("webhook-signature").split(' ').any(|one| one == expected)
    }
}

/// HMAC (RFC 2104) over plain SHA-256.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let padded = |with: u8| (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ with).collect::<Vec<u8>>();
    let inner = Digest::of_content(&[padded(0x36).as_slice(), message].concat());
    *Digest::of_content(&[padded(0x5c).as_slice(), inner.as_bytes()].concat()).as_bytes()
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await.ok()? {
            0 => return None,
            length => bytes.extend_from_slice(&buffer[..length]),
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let named = |line: &str| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    let headers: Vec<_> = lines.filter_map(named).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length")?.1.parse::<usize>().ok()?;
    let mut body = bytes.split_off(end + 4);
    let missing = length.saturating_sub(body.len());
    let mut rest = vec![0; missing];
    stream.read_exact(&mut rest).await.ok()?;
    body.append(&mut rest);
    Some(Received { path, headers, body })
}

impl std::fmt::Display for Received {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.path)?;
        f.write_char(' ')?;
        f.write_str(&String::from_utf8_lossy(&self.body))
    }
}
