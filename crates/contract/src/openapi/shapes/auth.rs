//! `/api/v1/auth/service-accounts`, `/api/v1/auth/service-tokens` and below.

use domain::id::CredentialId;
use serde_json::json;

use super::sample::{AT, CREDENTIAL, LATER, USER};
use crate::Code;
use crate::access::{CreateServiceToken, FreshSecret, Revoked, ServiceAccount};
use crate::openapi::shape::Shape;
use crate::page::Page;

pub(super) fn accounts() -> Shape {
    let credential = json!({
        "id": CREDENTIAL,
        "account": "billing-ci",
        "label": "nightly",
        "scopes": ["pipelines:execute"],
        "created_by": USER,
        "created_at": AT,
        "expires_at": LATER,
        "revoked_at": null,
        "last_used_at": null,
    });
    let account = json!({
        "name": "billing-ci",
        "description": "Runs the nightly billing pipeline",
        "team": "billing",
        "owner": null,
        "scopes": ["pipelines:execute"],
        "workspaces": ["billing"],
        "active": true,
        "sample": true,
        "created_at": AT,
        "credentials": [credential],
    });
    Shape::json::<Page<ServiceAccount>>(json!({ "items": [account], "next": null }))
}

pub(super) fn create_token() -> Shape {
    Shape::json::<FreshSecret>(json!({
        "id": CREDENTIAL,
        "secret": "cs_svt_example",
        "message": "Store this token securely. It will not be shown again.",
        "expires_at": LATER,
    }))
    .body::<CreateServiceToken>(json!({ "account": "billing-ci", "label": "nightly", "expires_in_seconds": 86_400 }))
    .problems(&[Code::NotFound])
}

pub(super) fn revoke_token() -> Shape {
    Shape::json::<Revoked>(json!({ "id": CREDENTIAL })).path::<CredentialId>()
}
