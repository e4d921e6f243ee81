//! `/api/v1/authz/decisions`.

pub(crate) mod batch;

use axum::Json;
use axum::extract::State;
use contract::approvals::Decision;
use domain::binding::Action;

use crate::app::{App, Authenticated};
use crate::body::StrictJson;
use crate::problem::Refusal;

pub(crate) async fn decide(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    StrictJson(action): StrictJson<Action>,
) -> Result<Json<Decision>, Refusal> {
    let decision = app.run_soon(move |control, told| control.decide(&caller, &action, told)).await?;
    Ok(Json(shown(decision)))
}

/// A decision as the contract has it.
fn shown(decision: control::decide::Decision) -> Decision {
    let control::decide::Decision { id, answer } = decision;
    Decision {
        id,
        outcome: answer.outcome,
        reasons: answer.reasons,
        requirement: answer.requirement,
        policy_set: answer.policy_set,
    }
}
