//! What is said on the event stream. A message says that something changed, never what it holds.

use domain::Instant;
use serde::{Deserialize, Serialize};

/// `POST /api/v1/events/tickets`: a ticket for one connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FreshStreamTicket {
    /// Its text. It opens one connection.
    pub ticket: String,
    /// For so many seconds.
    pub expires_in: u32,
}

/// The query of the server-sent events.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EventsQuery {
    /// A ticket, for a browser that cannot send a header.
    pub ticket: Option<String>,
}

/// The query of a WebSocket.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SocketQuery {
    /// A ticket, for a browser that cannot send a header.
    pub ticket: Option<String>,
    /// A credential, where `[http] query_tokens` lets it stand in an address.
    pub token: Option<String>,
    /// The same.
    pub access_token: Option<String>,
}

/// What the control plane says on a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SocketMessage {
    /// Always first.
    Hello {
        /// To find the connection in the logs.
        request_id: String,
        /// How often it pings, in milliseconds.
        ping_interval_ms: u64,
    },
    /// Something changed: ask for it again.
    Changed {
        /// The audit kind, for example `ticket.opened`.
        kind: String,
        /// The id of what changed, if there is one.
        about: Option<String>,
        /// When.
        at: Instant,
    },
    /// Messages were missed: everything may have changed.
    Missed,
    /// From now on only these are told.
    Subscribed {
        /// As they were asked for.
        kinds: Vec<String>,
    },
}

/// What a client may say on a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum SocketRequest {
    /// Tell only these from now on.
    Subscribe {
        /// Beginnings of audit kinds, for example `ticket.`; none means all.
        kinds: Vec<String>,
    },
}
