//! `/api/v1/authz/decisions/batch`.

use axum::Json;
use axum::extract::State;
use contract::Problem;
use contract::batch::{BatchAnswer, BatchAnswers, DecideBatch};
use control::Error;

use crate::app::{App, Authenticated};
use crate::body::StrictJson;
use crate::outer::RequestId;
use crate::problem::Refusal;

pub(crate) async fn decide(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    axum::Extension(RequestId(id)): axum::Extension<RequestId>,
    StrictJson(DecideBatch { actions }): StrictJson<DecideBatch>,
) -> Result<Json<BatchAnswers>, Refusal> {
    let answered = app.run(move |control| control.decide_each(&caller, &actions)).await?;
    let shown = |answer: Result<control::decide::Decision, Error>| match answer {
        Ok(decision) => BatchAnswer::Decision(super::shown(decision)),
        Err(error) => {
            let problem = Problem { request_id: Some(id.clone()), ..Refusal::from(error).into_problem() };
            BatchAnswer::Problem(Box::new(problem))
        }
    };
    Ok(Json(BatchAnswers { answers: answered.into_iter().map(shown).collect() }))
}
