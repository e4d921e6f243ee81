//! `/access/v1` and `/.well-known/authzen-configuration`.

use serde_json::{Value, json};

use super::sample::{self, DECISION, DIGEST};
use crate::Code;
use crate::authzen::{Configuration, Decision, Decisions, Evaluation, Evaluations};
use crate::openapi::shape::Shape;

pub(super) fn configuration() -> Shape {
    Shape::json::<Configuration>(json!({
        "policy_decision_point": "https://countersign.example.com",
        "access_evaluation_endpoint": "https://countersign.example.com/access/v1/evaluation",
        "access_evaluations_endpoint": "https://countersign.example.com/access/v1/evaluations",
    }))
}

fn subject() -> Value {
    json!({ "type": "service_account", "id": "billing-ci" })
}

fn resource() -> Value {
    json!({ "type": "pipeline", "id": "billing/nightly" })
}

fn decision() -> Value {
    let context = json!({
        "id": DECISION,
        "outcome": "require_approval",
        "reasons": [sample::reason()],
        "requirement": sample::requirement(),
        "policy_set": DIGEST,
    });
    json!({ "decision": false, "context": context })
}

pub(super) fn evaluation() -> Shape {
    asks(Shape::json::<Decision>(decision())).body::<Evaluation>(json!({
        "subject": subject(),
        "action": { "name": "pipelines:execute" },
        "resource": resource(),
        "context": { "env": "prod", "execution_mode": "remote" },
    }))
}

pub(super) fn evaluations() -> Shape {
    asks(Shape::json::<Decisions>(json!({ "evaluations": [decision()] }))).body::<Evaluations>(json!({
        "subject": subject(),
        "action": { "name": "pipelines:execute" },
        "context": { "env": "prod" },
        "evaluations": [{ "resource": resource() }],
        "options": { "evaluations_semantic": "deny_on_first_deny" },
    }))
}

fn asks(shape: Shape) -> Shape {
    let id = json!({ "type": "string" });
    shape.reads("X-Request-ID", "Comes back in the answer, as it is.", id).problems(&[Code::NotFound])
}
