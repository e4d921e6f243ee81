//! A WebSocket client over a real socket: how it is let in, what it is told, how it ends.

use std::net::SocketAddr;

use contract::events::SocketMessage;
use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::header::HeaderMap;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::Message;

use crate::wait::PATIENCE;

/// The headers of a request, by name.
pub type Headers<'a> = &'a [(&'static str, &'a str)];

/// An open socket.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    /// The headers that came with it.
    pub headers: HeaderMap,
}

/// How a socket ended: the code and reason of its close frame, or nothing if it broke off.
pub type Ending = Option<(u16, String)>;

impl Socket {
    /// Opens one.
    ///
    /// # Errors
    /// If it is not let in.
    ///
    /// # Panics
    /// If nothing listens, or a header cannot be one.
    pub async fn open(at: SocketAddr, target: &str, headers: Headers<'_>) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(at).await.expect("the control plane listens");
        Self::over(stream, at, target, headers).await
    }

    /// Opens one over a connection that is there.
    ///
    /// # Errors
    /// If it is not let in.
    ///
    /// # Panics
    /// If a header cannot be one.
    pub async fn over(stream: TcpStream, at: SocketAddr, target: &str, headers: Headers<'_>) -> anyhow::Result<Self> {
        let mut request = format!("ws://{at}{target}").into_client_request()?;
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).expect("a header's value");
            request.headers_mut().append(HeaderName::from_static(name), value);
        }
        let (stream, response) = tokio_tungstenite::client_async(request, stream).await?;
        Ok(Self { stream, headers: response.headers().clone() })
    }

    /// Says something.
    ///
    /// # Errors
    /// If the other side is gone.
    pub async fn say(&mut self, message: Message) -> anyhow::Result<()> {
        Ok(self.stream.send(message).await?)
    }

    /// What it is told next; how it ended, if it is told nothing more.
    ///
    /// # Panics
    /// If nothing comes for a minute, or it is no message of the contract.
    pub async fn hear(&mut self) -> Result<SocketMessage, Ending> {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.stream.next()).await.expect("something comes");
            match next {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).expect("a message")),
                Some(Ok(Message::Close(Some(frame)))) => {
                    let ending = Some((u16::from(frame.code), frame.reason.to_string()));
                    // The answer to it is sent by asking on.
                    while let Some(Ok(_)) = self.stream.next().await {}
                    return Err(ending);
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// Waits until it ends, whatever it is told before.
    pub async fn ending(mut self) -> Ending {
        loop {
            if let Err(ending) = self.hear().await {
                return ending;
            }
        }
    }

    /// Says goodbye, and waits for the answer.
    pub async fn leave(mut self) {
        drop(self.stream.close(None).await);
        self.ending().await;
    }
}

/// Asks for a socket and gives the answer instead: its status, and its problem if it is one.
///
/// # Panics
/// If there is no answer.
pub async fn knock(at: SocketAddr, target: &str, headers: Headers<'_>) -> (u16, Value) {
    let mut request = reqwest::Client::new()
        .get(format!("http://{at}{target}"))
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let problem = if status == 101 { Value::Null } else { response.json().await.expect("a problem") };
    (status, problem)
}
