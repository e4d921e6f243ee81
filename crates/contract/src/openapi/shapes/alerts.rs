//! `/api/v1/alerts`, `/api/v1/alert-rules` and below.

use domain::alert::Alert;
use domain::id::AlertId;
use serde_json::{Value, json};

use super::sample::{ALERT, AT, ENTRY, USER};
use super::{REVISION, TAG};
use crate::Code;
use crate::alerts::{AlertFilter, AlertRules, HandleAlert};
use crate::openapi::shape::Shape;
use crate::page::Page;

fn alert() -> Value {
    json!({
        "id": ALERT,
        "rule": "failed_authentications",
        "severity": "warning",
        "subject": "address:192.0.2.7/32",
        "sentence": "at least 10 authentications from 192.0.2.7 failed within 300 s",
        "first_at": AT,
        "last_at": AT,
        "count": 12,
        "entries": [ENTRY],
        "state": "acknowledged",
        "acknowledged": { "by": format!("user:{USER}"), "at": AT, "note": "looking" },
        "resolved": null,
    })
}

fn rules() -> Value {
    json!({ "rules": [{
        "rule": "failed_authentications",
        "enabled": true,
        "severity": "warning",
        "threshold": 10,
        "within_seconds": 300,
    }] })
}

pub(super) fn list() -> Shape {
    Shape::json::<Page<Alert>>(json!({ "items": [alert()], "next": null })).query::<AlertFilter>()
}

pub(super) fn get() -> Shape {
    Shape::json::<Alert>(alert()).path::<AlertId>()
}

pub(super) fn handle() -> Shape {
    get().body::<HandleAlert>(json!({ "note": "a scanner of ours" }))
}

pub(super) fn get_rules() -> Shape {
    Shape::json::<AlertRules>(rules()).header(TAG, REVISION)
}

pub(super) fn set_rules() -> Shape {
    get_rules().if_match().body::<AlertRules>(rules()).problems(&[Code::Unprocessable])
}
