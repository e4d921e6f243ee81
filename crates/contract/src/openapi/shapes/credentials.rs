//! `/api/v1/auth/service-tokens`, `/api/v1/auth/api-keys` and below.

use serde_json::{Value, json};

use super::sample::{ACCOUNT, AT, CREDENTIAL, LATER, USER};
use crate::Code;
use crate::credentials::{
    CreateApiKey, CreateServiceToken, Credential, FreshSecret, RevokeCredential, RevokedCredentials, RotateCredential,
};
use crate::openapi::shape::Shape;
use crate::page::Page;

pub(super) fn credential() -> Value {
    json!({
        "id": CREDENTIAL,
        "kind": "service_token",
        "identifier": "my-ci-token",
        "holder": ACCOUNT,
        "label": "nightly",
        "scopes": ["pipelines:execute"],
        "workspaces": ["billing"],
        "networks": [],
        "state": "active",
        "created_by": USER,
        "created_at": AT,
        "expires_at": LATER,
        "family": CREDENTIAL,
        "rotated_from": null,
        "rotated_to": null,
        "rotated_at": null,
        "revoked_at": null,
        "revocation_reason": null,
        "last_used_at": null,
        "use_count": 0,
    })
}

fn fresh(message: &str) -> Shape {
    Shape::json::<FreshSecret>(json!({
        "id": CREDENTIAL,
        "secret": "cs_svt_example",
        "message": message,
        "expires_at": LATER,
        "credential": credential(),
        "account": null,
    }))
}

pub(super) fn list() -> Shape {
    Shape::json::<Page<Credential>>(json!({ "items": [credential()], "next": null }))
        .problems(&[Code::NotEligible, Code::MissingScope])
}

pub(super) fn create_service_token() -> Shape {
    let wish = json!({
        "identifier": "my-ci-token",
        "scopes": ["workflows:read", "workflows:execute"],
        "expires_in_seconds": 86_400,
    });
    fresh("Store this token securely. It will not be shown again.")
        .body::<CreateServiceToken>(wish)
        .idempotent()
        .problems(&[Code::NotFound, Code::AlreadyDone])
}

pub(super) fn create_api_key() -> Shape {
    let wish = json!({ "name": "My integration", "scopes": ["workflow.read"], "expires_in_seconds": 86_400 });
    fresh("Store this token securely. It will not be shown again.").body::<CreateApiKey>(wish).idempotent().problems(&[
        Code::NotFound,
        Code::NotEligible,
        Code::MissingScope,
        Code::AlreadyDone,
    ])
}

pub(super) fn get() -> Shape {
    Shape::json::<Credential>(credential()).path::<String>().problems(&[Code::NotEligible, Code::MissingScope])
}

pub(super) fn rotate() -> Shape {
    fresh("New token created. Old token 'my-ci-token' valid until 2026-11-22T09:00:00.000Z.")
        .path::<String>()
        .body::<RotateCredential>(json!({ "overlap_seconds": 300 }))
        .idempotent()
        .problems(&[Code::NotRotatable, Code::NotEligible, Code::MissingScope, Code::AlreadyDone])
}

pub(super) fn revoke() -> Shape {
    Shape::json::<RevokedCredentials>(json!({ "revoked": [CREDENTIAL] }))
        .path::<String>()
        .body::<RevokeCredential>(json!({ "reason": "leaked", "family": true }))
        .problems(&[Code::NotEligible, Code::MissingScope])
}
