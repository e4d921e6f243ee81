//! `/api/v1/scopes`.

use serde_json::json;

use crate::access::{AddScope, ScopeEntry};
use crate::openapi::shape::Shape;
use crate::page::Page;

pub(super) fn list() -> Shape {
    let entry = json!({
        "name": "pipelines:execute",
        "aliases": ["workflows:execute", "workflow.execute"],
        "description": "start pipelines",
    });
    Shape::json::<Page<ScopeEntry>>(json!({ "items": [entry], "next": null }))
}

pub(super) fn add() -> Shape {
    Shape::json::<ScopeEntry>(json!({ "name": "shop:refund", "aliases": [], "description": "refund an order" }))
        .body::<AddScope>(json!({ "name": "shop:refund", "description": "refund an order" }))
        .idempotent()
}
