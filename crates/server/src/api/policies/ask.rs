//! `/api/v1/policies/check` and `/test`: they ask and change nothing.

use axum::Json;
use axum::extract::State;
use contract::policies::{CheckPolicies, CheckedPolicies, TestPolicies, Tested};
use control::policies::ask::Checked;

use crate::app::{App, Authenticated};
use crate::body::StrictJson;
use crate::problem::Refusal;

pub(crate) async fn check(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    StrictJson(request): StrictJson<CheckPolicies>,
) -> Result<Json<CheckedPolicies>, Refusal> {
    let texts = super::source(request.texts);
    let found = app.run(move |control| control.check_policies(&caller, texts)).await?;
    let Checked { digest, problems, findings, policies, invariants } = found;
    Ok(Json(CheckedPolicies { digest, problems, findings, policies: super::policies(policies), invariants }))
}

pub(crate) async fn test(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    StrictJson(request): StrictJson<TestPolicies>,
) -> Result<Json<Tested>, Refusal> {
    let (subject, cases) = (super::subject(request.subject), request.cases);
    app.run(move |control| control.test_policies(&caller, &subject, cases)).await.map(Json)
}
