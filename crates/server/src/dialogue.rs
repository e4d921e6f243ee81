//! The conversation on one WebSocket (RFC 6455), from its first message to its close.
//!
//! The invariant: no peer can keep it. Each write has its time, unanswered pings end it, messages are small, and what a
//! slow reader has not taken is not piled up for it. Deliberately absent: what a change holds; a client asks for that.

use std::time::Duration;

use axum::extract::WebSocketUpgrade;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use contract::events::{SocketMessage, SocketRequest};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use crate::follow::{Follower, News};
use crate::orcheo;
use crate::presented::PROTOCOLS;

/// The largest message that is read, in bytes.
const LARGEST: usize = 4096;
/// How long the peer may take for a message.
const WRITE: Duration = Duration::from_secs(5);
/// How long the peer may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);
/// After so many pings without an answer nobody is there.
const UNANSWERED: u32 = 2;
/// How many kinds a client may ask for, and how long each may be.
const KINDS: (usize, usize) = (32, 64);

/// What is gathered before it is written, and the most that may wait, in bytes.
const WRITE_BUFFER: (usize, usize) = (4 << 10, 64 << 10);

/// A socket that is about to open, with its limits: before anybody is authenticated they hold too.
pub(crate) fn bounded(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .protocols(PROTOCOLS)
        .max_message_size(LARGEST)
        .max_frame_size(LARGEST)
        .read_buffer_size(LARGEST)
        .write_buffer_size(WRITE_BUFFER.0)
        .max_write_buffer_size(WRITE_BUFFER.1)
}

/// Why a socket is closed.
#[derive(Debug)]
pub(crate) struct Farewell {
    pub(crate) code: u16,
    pub(crate) reason: String,
}

/// The peer is not there any more, or does not listen.
struct Gone;

impl Farewell {
    /// A close frame has room for 123 bytes of reason.
    pub(crate) fn new(code: u16, reason: impl Into<String>) -> Self {
        let mut reason = reason.into();
        reason.truncate(reason.floor_char_boundary(123));
        Self { code, reason }
    }
}

/// Holds the conversation until one side ends it.
pub(crate) async fn hold(mut socket: WebSocket, mut follower: Follower, request_id: String, beat: Duration) {
    if let Ok(farewell) = converse(&mut socket, &mut follower, request_id, beat).await {
        close(socket, farewell).await;
    }
}

/// Closes a socket and waits a moment for the peer to do the same.
pub(crate) async fn close(mut socket: WebSocket, Farewell { code, reason }: Farewell) {
    let frame = CloseFrame { code, reason: reason.into() };
    if let Ok(Ok(())) = timeout(WRITE, socket.send(Message::Close(Some(frame)))).await {
        let answered = async { while let Some(Ok(_)) = socket.recv().await {} };
        drop(timeout(GOODBYE, answered).await);
    }
}

async fn converse(
    socket: &mut WebSocket,
    follower: &mut Follower,
    request_id: String,
    beat: Duration,
) -> Result<Farewell, Gone> {
    let ping_interval_ms = u64::try_from(beat.as_millis()).unwrap_or(u64::MAX);
    say(socket, &SocketMessage::Hello { request_id, ping_interval_ms }).await?;
    let mut pings = interval_at(Instant::now() + beat, beat);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut unanswered, mut wanted) = (0, Vec::new());
    loop {
        tokio::select! {
            news = follower.next() => match news {
                News::Changed(change) => {
                    let kind = change.kind.name();
                    if wanted.is_empty() || wanted.iter().any(|wanted: &String| kind.starts_with(wanted)) {
                        say(socket, &SocketMessage::Changed { kind, about: change.about, at: change.at }).await?;
                    }
                }
                News::Missed => say(socket, &SocketMessage::Missed).await?,
                News::Stopping => return Ok(Farewell::new(1001, "the control plane stops; come back")),
                News::Refused(refusal) => {
                    let otherwise = || Farewell::new(1013, refusal.detail());
                    return Ok(orcheo::socket::farewell(&refusal).unwrap_or_else(otherwise));
                }
            },
            heard = socket.recv() => match heard {
                None => return Err(Gone),
                Some(Ok(Message::Pong(_))) => unanswered = 0,
                // The library answers both.
                Some(Ok(Message::Ping(_) | Message::Close(_))) => {}
                Some(Ok(Message::Text(text))) => match understood(&text) {
                    Some(kinds) => {
                        wanted.clone_from(&kinds);
                        say(socket, &SocketMessage::Subscribed { kinds }).await?;
                    }
                    None => return Ok(Farewell::new(1003, "the only message here is `subscribe`, with its `kinds`")),
                },
                Some(Ok(Message::Binary(_))) => return Ok(Farewell::new(1003, "send text")),
                Some(Err(_)) => return Ok(Farewell::new(1009, format!("a message has at most {LARGEST} bytes"))),
            },
            _ = pings.tick() => {
                if unanswered == UNANSWERED {
                    return Ok(Farewell::new(1008, "pings were not answered"));
                }
                unanswered += 1;
                send(socket, Message::Ping(<_>::default())).await?;
            }
        }
    }
}

fn understood(text: &str) -> Option<Vec<String>> {
    let SocketRequest::Subscribe { kinds } = domain::strict_json::parse(text.as_bytes()).ok()?;
    let (most, longest) = KINDS;
    (kinds.len() <= most && kinds.iter().all(|kind| kind.len() <= longest)).then_some(kinds)
}

async fn say(socket: &mut WebSocket, message: &SocketMessage) -> Result<(), Gone> {
    let text = serde_json::to_string(message).map_err(|_| Gone)?;
    send(socket, Message::Text(text.into())).await
}

async fn send(socket: &mut WebSocket, message: Message) -> Result<(), Gone> {
    match timeout(WRITE, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        _ => Err(Gone),
    }
}
