//! `/api/v1/auth/service-accounts` and below.

use serde_json::{Value, json};

use super::credentials::credential;
use super::sample::AT;
use crate::access::ServiceAccount;
use crate::openapi::shape::Shape;
use crate::page::Page;

pub(super) fn account() -> Value {
    json!({
        "name": "billing-ci",
        "title": "Billing CI",
        "description": "Runs the nightly billing pipeline",
        "team": "billing",
        "owner": null,
        "scopes": ["pipelines:execute"],
        "workspaces": ["billing"],
        "networks": ["10.0.0.0/8"],
        "trusts": [],
        "expires_at": null,
        "active": true,
        "sample": false,
        "created_at": AT,
        "credentials": [credential()],
    })
}

pub(super) fn accounts() -> Shape {
    Shape::json::<Page<ServiceAccount>>(json!({ "items": [account()], "next": null }))
}
