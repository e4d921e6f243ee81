//! `/api/v1/roster` and below.

use domain::roster::SignedRoster;
use serde_json::{Value, json};

use super::sample::{self, AT, ENROLMENT, JWS, KEY_ID, USER};
use crate::Code;
use crate::openapi::shape::Shape;
use crate::page::Page;
use crate::roster::{Enrol, Enrolled, Enrolment, RosterVersions};

fn version() -> Value {
    json!({ "payload": "e30", "signatures": [{ "protected": "e30", "signature": "c2ln" }] })
}

pub(super) fn get() -> Shape {
    Shape::json::<RosterVersions>(json!({ "versions": [version()] }))
}

pub(super) fn publish() -> Shape {
    get().body::<SignedRoster>(version()).problems(&[Code::NotEligible, Code::StepUp, Code::RosterInvalid])
}

pub(super) fn enrol() -> Shape {
    Shape::json::<Enrolled>(json!({ "id": ENROLMENT }))
        .body::<Enrol>(json!({ "device": "laptop", "key": sample::key(), "proof": JWS }))
        .problems(&[Code::NotEligible])
}

pub(super) fn enrolments() -> Shape {
    let enrolment = json!({
        "id": ENROLMENT,
        "user": USER,
        "name": "Ada",
        "device": "laptop",
        "key": sample::key(),
        "key_id": KEY_ID,
        "groups": ["security"],
        "requested_at": AT,
        "roster_version": null,
    });
    Shape::json::<Page<Enrolment>>(json!({ "items": [enrolment], "next": null }))
}
