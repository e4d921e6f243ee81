//! `/api/v1/policies/simulate`, `/access` and `/vocabulary`.

use serde_json::{Value, json};

use super::sample::{self, ACCOUNT, AT, DIGEST};
use crate::Code;
use crate::openapi::shape::Shape;
use crate::policies::{AccessReport, AskAccess, AskVocabulary, Simulate, Simulation, Vocabulary};

pub(super) fn simulate() -> Shape {
    let question = json!({
        "principal": ACCOUNT,
        "action": "pipelines:execute",
        "resources": ["pipeline:billing/nightly"],
        "env": "prod",
    });
    let completed = json!({
        "principal": {
            "kind": "service_account",
            "id": "billing-ci",
            "name": "billing-ci",
            "teams": ["billing"],
            "scopes": ["pipelines:execute"],
            "workspaces": [],
        },
        "action": "pipelines:execute",
        "resources": ["pipeline:billing/nightly"],
        "env": "prod",
        "context": {},
        "now": AT,
    });
    let effect = json!({
        "policy": "prod-needs-approval",
        "title": "Production needs approval",
        "effect": "guard",
        "standing": "applying",
        "determining": true,
        "sentence": "`prod-needs-approval` requires 1 approver; this request has 0",
    });
    Shape::json::<Simulation>(json!({
        "question": completed,
        "outcome": "require_approval",
        "ground": "approval_needed",
        "reasons": [sample::reason()],
        "requirement": sample::requirement(),
        "policies": [effect],
        "policy_set": DIGEST,
        "plugins": ["office-hours"],
    }))
    .body::<Simulate>(json!({ "subject": "live", "question": question }))
    .problems(&[Code::NotFound, Code::WorkspaceForbidden])
}

pub(super) fn access() -> Shape {
    let row = json!({
        "principal": ACCOUNT,
        "name": "billing-ci",
        "action": "pipelines:execute",
        "resource": "pipeline:*",
        "env": "prod",
        "outcome": "require_approval",
        "approvers": 1,
        "because": ["prod-needs-approval"],
    });
    Shape::json::<AccessReport>(json!({ "rows": [row], "asked": 5, "cut": false, "policy_set": DIGEST }))
        .body::<AskAccess>(json!({ "subject": "live", "action": "pipelines:execute", "env": "prod" }))
        .problems(&[Code::NotFound, Code::WorkspaceForbidden])
}

fn names() -> Value {
    let action = json!({
        "name": "pipelines:execute",
        "scope": "pipelines:execute",
        "groups": ["execute", "operate"],
        "principals": ["user", "service_account"],
        "resources": ["pipeline"],
        "context": [{ "name": "now", "kind": "datetime", "optional": false }],
    });
    let outline = json!({
        "actions": [action],
        "groups": ["execute", "operate"],
        "environments": ["dev", "prod"],
        "entities": [{ "name": "Environment", "within": [], "choices": ["dev", "prod"], "attributes": [] }],
        "teams": ["sre"],
    });
    json!({
        "policy_set": DIGEST,
        "outline": outline,
        "principals": [{ "principal": ACCOUNT, "name": "billing-ci" }],
        "teams": ["billing"],
        "pipelines": ["billing/nightly"],
        "cut": false,
    })
}

pub(super) fn vocabulary() -> Shape {
    Shape::json::<Vocabulary>(names()).problems(&[Code::NotFound])
}

pub(super) fn ask_vocabulary() -> Shape {
    vocabulary().body::<AskVocabulary>(json!({ "subject": { "version": 2 } }))
}
