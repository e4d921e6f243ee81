//! `/api/v1/auth/service-accounts` and below.

use domain::account::AccountName;
use serde_json::{Value, json};

use super::credentials::credential;
use super::sample::{AT, CREDENTIAL, LATER};
use super::{REVISION, TAG};
use crate::Code;
use crate::access::ServiceAccount;
use crate::accounts::{Because, CreateAccount, ReplaceAccount, Trust};
use crate::credentials::FreshSecret;
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

pub(super) fn create() -> Shape {
    Shape::json::<FreshSecret>(json!({
        "id": CREDENTIAL,
        "secret": "cs_key_example",
        "message": "Store this token securely. It will not be shown again.",
        "expires_at": LATER,
        "credential": credential(),
        "account": account(),
    }))
    .header(TAG, REVISION)
    .body::<CreateAccount>(json!({
        "name": "CI/CD Pipeline",
        "description": "Automated deployment service account",
        "scopes": ["workflow.read", "workflow.execute"],
        "networks": ["192.168.1.0/24", "10.0.0.0/8"],
    }))
    .idempotent()
    .problems(&[Code::AlreadyDone])
}

pub(super) fn get() -> Shape {
    Shape::json::<ServiceAccount>(account()).header(TAG, REVISION).path::<AccountName>()
}

pub(super) fn replace() -> Shape {
    changed().if_match().body::<ReplaceAccount>(json!({
        "title": "Billing CI",
        "description": "Runs the nightly billing pipeline",
        "team": "billing",
        "scopes": ["pipelines:execute"],
        "workspaces": ["billing"],
        "networks": ["10.0.0.0/8"],
        "trusts": [],
        "expires_at": null,
    }))
}

pub(super) fn set_active() -> Shape {
    changed().body::<Because>(json!({ "reason": "the pipeline moved" }))
}

pub(super) fn trust() -> Shape {
    changed().body::<Trust>(json!({ "account": "release-manager" }))
}

fn changed() -> Shape {
    get().problems(&[Code::WorkspaceForbidden])
}
