//! `/api/v1/users` and below.

use domain::id::UserId;
use serde_json::{Value, json};

use super::sample::{AT, USER};
use crate::Code;
use crate::access::{CreateUser, User};
use crate::accounts::Because;
use crate::context::ChangePassword;
use crate::credentials::FreshSecret;
use crate::openapi::shape::Shape;
use crate::page::Page;

fn user() -> Value {
    json!({
        "id": USER,
        "email": "ada@example.com",
        "name": "Ada",
        "teams": ["security"],
        "scopes": ["approvals:read"],
        "active": true,
        "on_roster": true,
        "created_at": AT,
    })
}

pub(super) fn list() -> Shape {
    Shape::json::<Page<User>>(json!({ "items": [user()], "next": null }))
}

pub(super) fn set_active() -> Shape {
    Shape::json::<User>(user())
        .path::<UserId>()
        .body::<Because>(json!({ "reason": "left the company" }))
        .problems(&[Code::NotEligible])
}

pub(super) fn change_password() -> Shape {
    Shape::empty()
        .body::<ChangePassword>(json!({
            "current": "correct horse battery staple",
            "new": "another horse, another staple",
        }))
        .problems(&[Code::NotEligible, Code::StepUp])
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
