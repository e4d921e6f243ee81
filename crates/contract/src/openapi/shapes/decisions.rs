//! `/api/v1/authz/decisions`.

use domain::binding::Action;
use serde_json::{Value, json};

use super::sample::{self, DECISION, DIGEST};
use crate::approvals::Decision;
use crate::batch::{BatchAnswers, DecideBatch};
use crate::openapi::shape::Shape;
use crate::{Code, Problem};

fn decision() -> Value {
    json!({
        "id": DECISION,
        "outcome": "require_approval",
        "reasons": [sample::reason()],
        "requirement": sample::requirement(),
        "policy_set": DIGEST,
    })
}

pub(super) fn decide() -> Shape {
    Shape::json::<Decision>(decision()).body::<Action>(sample::action()).problems(&[Code::NotFound])
}

pub(super) fn batch() -> Shape {
    let problem = Problem::new(Code::Unprocessable, "`env` is `prd`, which the policy schema does not have");
    let answers = json!({ "answers": [{ "decision": decision() }, { "problem": problem }] });
    Shape::json::<BatchAnswers>(answers)
        .body::<DecideBatch>(json!({ "actions": [sample::action(), sample::action()] }))
        .problems(&[Code::NotFound])
}
