//! Listening to a control plane: what changed, and whether it answers at all. Comes back by itself after every break.

use std::time::Duration;

use contract::status::Changed;
use reqwest::Response;

use crate::{Api, ClientError};

/// What a listener is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The control plane answers (again): look at everything.
    Connected,
    /// Something changed.
    Changed(Changed),
    /// The control plane does not answer; it is asked again soon.
    Lost(String),
    /// Nobody is signed in any more; listening ends.
    SignedOut,
}

/// The longest line of the stream that is read, in bytes.
const LINE: usize = 64 << 10;
/// The longest pause between two attempts.
const MAX_PAUSE: Duration = Duration::from_secs(5);
/// The stream says something at least every 15 seconds.
const SILENCE: Duration = Duration::from_secs(40);

/// Listens until the session ends or `hear` says to stop by answering `false`.
pub async fn listen(api: &Api, hear: impl Fn(Heard) -> bool) {
    let mut pause = Duration::from_millis(250);
    loop {
        let lost = match api.events().await {
            Ok(stream) => {
                pause = Duration::from_millis(250);
                match read(stream, &hear).await {
                    Some(lost) => lost,
                    None => return,
                }
            }
            Err(ClientError::SignedOut(_)) => {
                hear(Heard::SignedOut);
                return;
            }
            Err(error) => Some(error.to_string()),
        };
        // A stream that simply ended is opened again at once.
        if let Some(why) = lost {
            if !hear(Heard::Lost(why)) {
                return;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(MAX_PAUSE);
        }
    }
}

/// Reads one stream (WHATWG server-sent events) to its end. `None` when the listener has had enough; otherwise why the
/// stream ended, if it did not end by itself.
async fn read(mut stream: Response, hear: &impl Fn(Heard) -> bool) -> Option<Option<String>> {
    let (mut buffer, mut data) = (Vec::new(), String::new());
    loop {
        let chunk = match tokio::time::timeout(SILENCE, stream.chunk()).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => return Some(None),
            Ok(Err(error)) => return Some(Some(error.without_url().to_string())),
            Err(_) => return Some(Some("it went silent".into())),
        };
        buffer.extend_from_slice(&chunk);
        while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = buffer.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end();
            if let Some(rest) = line.strip_prefix("data:") {
                data.push_str(rest.trim_start());
            } else if line.is_empty() && !data.is_empty() {
                let heard = serde_json::from_str(&data).map_or(Heard::Connected, Heard::Changed);
                data.clear();
                if !hear(heard) {
                    return None;
                }
            }
        }
        if buffer.len() > LINE || data.len() > LINE {
            return Some(Some("a line of the stream does not end".into()));
        }
    }
}
