//! `/api/v1/policies/vocabulary`.

use axum::Json;
use axum::extract::State;
use contract::policies::{AskVocabulary, PrincipalName, Vocabulary};
use control::Caller;
use control::access::vocabulary::Names;
use control::policies::subject::Subject;

use crate::app::{App, Authenticated};
use crate::body::StrictJson;
use crate::problem::Refusal;

pub(crate) async fn live(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Vocabulary>, Refusal> {
    names(&app, caller, Subject::Live).await
}

pub(crate) async fn ask(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    StrictJson(AskVocabulary { subject }): StrictJson<AskVocabulary>,
) -> Result<Json<Vocabulary>, Refusal> {
    names(&app, caller, super::subject(subject)).await
}

async fn names(app: &App, caller: Caller, subject: Subject) -> Result<Json<Vocabulary>, Refusal> {
    let Names { policy_set, outline, principals, teams, pipelines, cut } =
        app.run(move |control| control.vocabulary(&caller, &subject)).await?;
    let named = |(principal, name)| PrincipalName { principal, name };
    let principals = principals.into_iter().map(named).collect();
    Ok(Json(Vocabulary { policy_set, outline, principals, teams, pipelines, cut }))
}
