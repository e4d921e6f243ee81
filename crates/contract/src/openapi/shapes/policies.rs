//! `/api/v1/policies`.

use serde_json::json;

use super::sample::DIGEST;
use crate::Code;
use crate::openapi::shape::Shape;
use crate::policies::Policies;

pub(super) fn list() -> Shape {
    let policy = json!({
        "id": "prod-needs-approval",
        "title": "Production needs approval",
        "description": "Somebody of security countersigns what runs in production.",
        "effect": "guard",
        "quorum": 1,
        "line": 12,
        "text": "forbid (principal, action, resource) when { context.env == \"prod\" };",
    });
    Shape::json::<Policies>(json!({ "version": 1, "digest": DIGEST, "sample": true, "policies": [policy] }))
        .problems(&[Code::NotFound])
}
