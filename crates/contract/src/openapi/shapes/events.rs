//! `/api/v1/events`, `/api/v1/ws` and the paths that mean the same.

use serde_json::json;

use crate::Code;
use crate::events::{EventsQuery, FreshStreamTicket, SocketQuery};
use crate::openapi::shape::Shape;

pub(super) fn stream() -> Shape {
    let example =
        "id: 41\nevent: changed\ndata: {\"kind\":\"ticket.opened\",\"about\":\"tkt_01HZY3V5W2M4Q6S8T0XABCDEFG\"}\n\n";
    let number = json!({ "type": "string", "pattern": "^[0-9]{1,19}$" });
    Shape::text("text/event-stream", example)
        .meaning(
            "`hello` at once, then `changed` for each change, for five minutes at most; `ended` when the credential \
             no longer holds. Then come back.",
        )
        .query::<EventsQuery>()
        .reads("Last-Event-ID", "Goes on after the event with this id; another value is passed over.", number)
}

pub(super) fn ticket() -> Shape {
    let ticket = "cs_st_000102030405060708090a0b0c0d0e0f1011121300000000";
    Shape::json::<FreshStreamTicket>(json!({ "ticket": ticket, "expires_in": 30 }))
}

pub(super) fn socket() -> Shape {
    let protocols = json!({ "type": "string" });
    Shape::empty()
        .meaning("A WebSocket (RFC 6455) begins; `docs/EVENTS.md` says what is said on it.")
        .query::<SocketQuery>()
        .reads("Sec-WebSocket-Protocol", "`countersign` or `orcheo-auth`, and `bearer.TOKEN` if need be.", protocols)
        .problems(&[Code::ForeignOrigin])
}
