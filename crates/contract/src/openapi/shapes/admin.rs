//! `/api/admin/service-tokens` and below.

use serde_json::{Value, json};

use crate::Code;
use crate::openapi::shape::Shape;
use crate::orcheo::{CreateServiceToken, RevokeServiceToken, RotateServiceToken, ServiceToken, ServiceTokens};

fn token(secret: Option<&str>, message: Option<&str>) -> Value {
    json!({
        "identifier": "my-ci-token",
        "secret": secret,
        "scopes": ["workflows:execute", "workflows:read"],
        "workspace_ids": ["ws-analytics"],
        "issued_at": "2026-11-22T05:00:00.000000Z",
        "expires_at": "2026-12-22T05:00:00.000000Z",
        "last_used_at": null,
        "use_count": 0,
        "revoked_at": null,
        "revocation_reason": null,
        "rotated_to": null,
        "message": message,
    })
}

pub(super) fn list() -> Shape {
    Shape::json::<ServiceTokens>(json!({ "tokens": [token(None, None)], "total": 1 }))
}

pub(super) fn create() -> Shape {
    let message = "Store this token securely. It will not be shown again.";
    Shape::json::<ServiceToken>(token(Some("cs_svt_example"), Some(message)))
        .body::<CreateServiceToken>(json!({
            "identifier": "my-ci-token",
            "scopes": ["workflows:read", "workflows:execute"],
            "workspace_ids": ["ws-analytics"],
            "expires_in_seconds": 2_592_000,
        }))
        .idempotent()
        .problems(&[Code::AlreadyDone])
}

pub(super) fn get() -> Shape {
    Shape::json::<ServiceToken>(token(None, None)).path::<String>()
}

pub(super) fn rotate() -> Shape {
    let message = "New token created. Old token 'my-ci-token' valid for 300s.";
    Shape::json::<ServiceToken>(token(Some("cs_svt_example"), Some(message)))
        .path::<String>()
        .body::<RotateServiceToken>(json!({ "overlap_seconds": 300 }))
        .idempotent()
        .problems(&[Code::NotRotatable, Code::AlreadyDone])
}

pub(super) fn revoke() -> Shape {
    Shape::empty().path::<String>().body::<RevokeServiceToken>(json!({ "reason": "Token compromised" }))
}
