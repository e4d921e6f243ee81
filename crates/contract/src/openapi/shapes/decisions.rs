//! `/api/v1/authz/decisions`.

use domain::binding::Action;
use serde_json::json;

use super::sample::{self, DECISION, DIGEST};
use crate::Code;
use crate::approvals::Decision;
use crate::openapi::shape::Shape;

pub(super) fn decide() -> Shape {
    Shape::json::<Decision>(json!({
        "id": DECISION,
        "outcome": "require_approval",
        "reasons": [sample::reason()],
        "requirement": sample::requirement(),
        "policy_set": DIGEST,
    }))
    .body::<Action>(sample::action())
    .problems(&[Code::NotFound])
}
