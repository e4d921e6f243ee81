//! `/healthz`, `/readyz`, `/api/v1/system/info`, `/api/v1/authn/status`, `/api/v1/authz/status`.

use serde_json::json;

use super::sample::AT;
use crate::Code;
use crate::openapi::shape::Shape;
use crate::status::{Readiness, Status, SystemInfo};

pub(super) fn healthz() -> Shape {
    Shape::text("text/plain", "ok\n")
}

pub(super) fn readyz() -> Shape {
    let well = json!({ "status": "ready", "checks": { "store": { "ok": true, "reason": null } } });
    let ill = json!({ "status": "degraded", "checks": { "store": { "ok": false, "reason": "it does not answer" } } });
    Shape::json::<Readiness>(well).or_json::<Readiness>(503, ill).meaning("Something that it depends on does not hold.")
}

pub(super) fn metrics() -> Shape {
    Shape::text("application/openmetrics-text", "# EOF\n").problems(&[Code::NotFound])
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
