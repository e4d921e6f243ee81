//! `/api/v1/authz/decisions`.

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
    let answer = decision.answer;
    Ok(Json(Decision {
        id: decision.id,
        outcome: answer.outcome,
        reasons: answer.reasons,
        requirement: answer.requirement,
        policy_set: answer.policy_set,
    }))
}
