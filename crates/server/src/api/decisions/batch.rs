//! `/api/v1/authz/decisions/batch`.

use axum::Json;
use axum::extract::State;
use contract::Problem;
use contract::batch::{BatchAnswer, BatchAnswers, DecideBatch};
use control::Error;
use domain::binding::Action;
use serde_json::Value;

use crate::app::{App, Authenticated};
use crate::body::{StrictJson, unquoted};
use crate::outer::RequestId;
use crate::problem::Refusal;

pub(crate) async fn decide(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    axum::Extension(RequestId(id)): axum::Extension<RequestId>,
    StrictJson(DecideBatch { actions }): StrictJson<DecideBatch>,
) -> Result<Json<BatchAnswers>, Refusal> {
    let actions: Vec<_> = actions.into_iter().map(read).collect();
    let answered = app.run(move |control| control.decide_each(&caller, actions)).await?;
    let shown = |answer: Result<control::decide::Decision, Error>| match answer {
        Ok(decision) => BatchAnswer::Decision(super::shown(decision)),
        Err(error) => {
            let problem = Problem { request_id: Some(id.clone()), ..Refusal::from(error).into_problem() };
            BatchAnswer::Problem(Box::new(problem))
        }
    };
    Ok(Json(BatchAnswers { answers: answered.into_iter().map(shown).collect() }))
}

fn read(action: Value) -> Result<Action, Error> {
    serde_json::from_value(action).map_err(|error| {
        let problem = format!("it does not fit: {}", unquoted(&error.to_string()));
        Error::Invalid { field: "actions", problem }
    })
}
