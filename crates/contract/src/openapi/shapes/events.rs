//! `/api/v1/events`.

use crate::openapi::shape::Shape;

pub(super) fn stream() -> Shape {
    let example = "event: changed\ndata: {\"kind\":\"ticket.opened\",\"about\":\"tkt_01HZY3V5W2M4Q6S8T0XABCDEFG\"}\n\n";
    Shape::text("text/event-stream", example)
        .meaning("`hello` at once, then `changed` for each change, for five minutes at most. Then come back.")
}
