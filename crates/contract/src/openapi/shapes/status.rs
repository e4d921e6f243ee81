//! `/healthz`, `/readyz`, `/api/v1/system/info`, `/api/v1/authn/status`, `/api/v1/authz/status`.

use serde_json::json;

use super::sample::AT;
use crate::openapi::shape::Shape;
use crate::status::{Status, SystemInfo};

pub(super) fn healthz() -> Shape {
    Shape::text("text/plain", "ok\n")
}

pub(super) fn readyz() -> Shape {
    Shape::text("text/plain", "ready\n")
}

pub(super) fn system_info() -> Shape {
    Shape::json::<SystemInfo>(json!({
        "name": "countersign",
        "version": "0.1.0",
        "status": "ready",
        "reasons": [],
        "now": AT,
        "ledger_origin": "countersign.local/01HZY3V5W2M4Q6S8T0XABCDEFG",
    }))
}

pub(super) fn part() -> Shape {
    Shape::json::<Status>(json!({ "status": "placeholder", "reasons": ["no policy set is in force"] }))
}
