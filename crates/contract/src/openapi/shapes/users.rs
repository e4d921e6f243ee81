//! `/api/v1/users`.

use serde_json::json;

use super::sample::{AT, USER};
use crate::Code;
use crate::access::{CreateUser, User};
use crate::credentials::FreshSecret;
use crate::openapi::shape::Shape;
use crate::page::Page;

pub(super) fn list() -> Shape {
    let user = json!({
        "id": USER,
        "email": "ada@example.com",
        "name": "Ada",
        "teams": ["security"],
        "scopes": ["approvals:read"],
        "active": true,
        "on_roster": true,
        "created_at": AT,
    });
    Shape::json::<Page<User>>(json!({ "items": [user], "next": null }))
}

pub(super) fn create() -> Shape {
    Shape::json::<FreshSecret>(json!({
        "id": USER,
        "secret": "correct horse battery staple",
        "message": "Give this first password to the person by a safe way. It is not shown again.",
        "expires_at": null,
        "credential": null,
        "account": null,
    }))
    .body::<CreateUser>(json!({ "email": "ada@example.com", "name": "Ada", "scopes": ["approvals:read"] }))
    .idempotent()
    .problems(&[Code::NotEligible, Code::AlreadyDone])
}
