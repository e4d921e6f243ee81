//! `/api/v1/auth/service-accounts` and below.

use domain::account::AccountName;
use serde_json::{Value, json};

use super::credentials::credential;
use super::sample::{ACCOUNT, AT, CREDENTIAL, LATER};
use super::{REVISION, TAG};
use crate::Code;
use crate::access::ServiceAccount;
use crate::accounts::{Because, CreateAccount, ReplaceAccount, Trust};
use crate::credentials::FreshSecret;
use crate::openapi::shape::Shape;
use crate::page::Page;
use crate::usage::{AccountUsage, UsageFilter};

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

pub(super) fn usage() -> Shape {
    let used = |name: &str| json!({ "name": name, "times": 12, "last_used_at": AT });
    let reach =
        |name: &str| json!({ "name": name, "granted": true, "use_of": "used", "times": 12, "last_used_at": AT });
    let scope = json!({
        "scope": "pipelines:execute",
        "use_of": "used",
        "times": 12,
        "last_used_at": AT,
        "sentence": "used 12 times",
    });
    let credential = json!({
        "id": CREDENTIAL,
        "identifier": "billing-ci-1",
        "label": "first key",
        "scopes": ["pipelines:execute"],
        "last_used_at": AT,
        "never_used": false,
    });
    let grant = json!({ "principal": ACCOUNT, "scopes": ["pipelines:execute"], "workspaces": ["billing"] });
    let because = ["`logs:read` was not used in 90 days, and its use would have left an entry"];
    Shape::json::<AccountUsage>(json!({
        "account": "billing-ci",
        "from": AT,
        "until": LATER,
        "complete": true,
        "decisions": 12,
        "scopes": [scope],
        "resources": [reach("pipeline:billing/nightly")],
        "environments": [used("prod")],
        "workspaces": [reach("billing")],
        "credentials": [credential],
        "proposal": { "grant": grant, "removes": ["logs:read"], "because": because },
    }))
    .path::<AccountName>()
    .query::<UsageFilter>()
    .problems(&[Code::Unprocessable])
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
