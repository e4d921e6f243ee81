//! `/access/v1` and `/.well-known/authzen-configuration`: OpenID AuthZEN Authorization API 1.0.
//!
//! A caller that asks for itself gets a decision, recorded like any other. One that asks for somebody else needs the scope
//! `policies:read`, and gets a simulation, which leaves no entry and has no id.

mod asked;

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use contract::Code;
use contract::authzen::{
    Configuration, Context, Decision, Decisions, Evaluation, Evaluations, Failure, MOST, Part, Semantic,
};
use control::Caller;
use domain::outcome::Outcome;
use serde::de::DeserializeOwned;

use crate::app::{App, Authenticated};
use crate::body::StrictJson;
use crate::problem::Refusal;

use asked::Asked;

pub(crate) async fn configuration(State(app): State<App>) -> Json<Configuration> {
    let issuer = &app.control.config().issuer;
    Json(Configuration {
        policy_decision_point: issuer.clone(),
        access_evaluation_endpoint: format!("{issuer}/access/v1/evaluation"),
        access_evaluations_endpoint: format!("{issuer}/access/v1/evaluations"),
    })
}

pub(crate) async fn evaluation(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Form(evaluation): Form<Evaluation>,
) -> Result<Json<Decision>, Refusal> {
    answer(&app, &caller, evaluation).await.map(Json)
}

pub(crate) async fn evaluations(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Form(Evaluations { subject, action, resource, context, evaluations, options }): Form<Evaluations>,
) -> Result<Json<Decisions>, Refusal> {
    let defaults = Part { subject, action, resource, context };
    if evaluations.is_empty() {
        let one = whole(Part::default(), &defaults)?;
        return Ok(Json(Decisions::One(answer(&app, &caller, one).await?)));
    }
    if evaluations.len() > MOST {
        let help = format!("`evaluations` has {}; at most {MOST} go into one request", evaluations.len());
        return Err(Refusal::new(Code::RequestMalformed, help));
    }
    let mut answers = Vec::with_capacity(evaluations.len());
    for part in evaluations {
        let answered = match whole(part, &defaults) {
            Ok(evaluation) => answer(&app, &caller, evaluation).await,
            Err(refusal) => Err(refusal),
        };
        let decision = answered.or_else(failed)?;
        let ends = match options.evaluations_semantic {
            Semantic::ExecuteAll => false,
            Semantic::DenyOnFirstDeny => !decision.decision,
            Semantic::PermitOnFirstPermit => decision.decision,
        };
        answers.push(decision);
        if ends {
            break;
        }
    }
    Ok(Json(Decisions::Many { evaluations: answers }))
}

/// An evaluation that says for itself what the request says for all.
fn whole(part: Part, defaults: &Part) -> Result<Evaluation, Refusal> {
    let missing = |field: &str| {
        let help = format!("`{field}` is missing, and the request has none for all");
        Refusal::new(Code::RequestMalformed, help)
    };
    Ok(Evaluation {
        subject: part.subject.or_else(|| defaults.subject.clone()).ok_or_else(|| missing("subject"))?,
        action: part.action.or_else(|| defaults.action.clone()).ok_or_else(|| missing("action"))?,
        resource: part.resource.or_else(|| defaults.resource.clone()).ok_or_else(|| missing("resource"))?,
        context: part.context.or_else(|| defaults.context.clone()).unwrap_or_default(),
    })
}

async fn answer(app: &App, caller: &Caller, evaluation: Evaluation) -> Result<Decision, Refusal> {
    let caller = caller.clone();
    let answered = match Asked::of(&caller, evaluation)? {
        Asked::Own(action) => {
            let decided = app.run_soon(move |control, told| control.decide(&caller, &action, told)).await;
            decided.map(|decision| (Some(decision.id), decision.answer))
        }
        Asked::Other(asking) => {
            let simulated = app.run(move |control| control.simulate(&caller, &asked::live(), asking)).await;
            simulated.map(|simulated| (None, simulated.explained.answer))
        }
    };
    let (id, answer) = answered.map_err(asked::in_its_words)?;
    let decision = answer.outcome == Outcome::Allow;
    let (outcome, reasons, requirement, policy_set) =
        (answer.outcome, answer.reasons, answer.requirement, answer.policy_set);
    Ok(Decision { decision, context: Context::Answer { id, outcome, reasons, requirement, policy_set } })
}

/// What is wrong with one evaluation of many is told in its place; what is wrong here ends them all.
fn failed(refusal: Refusal) -> Result<Decision, Refusal> {
    let status = refusal.code().status();
    if status >= 500 {
        return Err(refusal);
    }
    let error = Failure { status, message: refusal.detail().to_owned() };
    Ok(Decision { decision: false, context: Context::Error { error } })
}

/// A body in the standard's form: what does not fit it is malformed (§10.1.2), and what it does not define is passed over.
pub(crate) struct Form<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let StrictJson(body) = StrictJson::from_request(request, state).await.map_err(asked::malformed)?;
        Ok(Self(body))
    }
}
