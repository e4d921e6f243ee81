//! `/api/v1/policies/simulate`.

use axum::Json;
use axum::extract::State;
use contract::policies::{PolicyEffect, Simulate, SimulatedQuestion, Simulation, Standing};
use control::policies::Effect;
use control::simulate::{Asking, PolicyStanding, Simulated};

use crate::app::{App, Authenticated};
use crate::body::StrictJson;
use crate::problem::Refusal;

pub(crate) async fn simulate(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    StrictJson(Simulate { subject, question }): StrictJson<Simulate>,
) -> Result<Json<Simulation>, Refusal> {
    let (subject, asking) = (super::subject(subject), asking(question));
    let simulated = app.run(move |control| control.simulate(&caller, &subject, asking)).await?;
    Ok(Json(shown(simulated)))
}

fn asking(question: SimulatedQuestion) -> Asking {
    Asking {
        principal: question.principal,
        teams: question.teams,
        scopes: question.scopes,
        workspaces: question.workspaces,
        action: question.action,
        resources: question.resources,
        env: question.env,
        context: question.context,
        known: question.known,
        now: question.now,
        approvers: question.approvers,
        groups: question.groups,
    }
}

fn shown(simulated: Simulated) -> Simulation {
    let Simulated { question, explained, plugins } = simulated;
    let answer = explained.answer;
    Simulation {
        question,
        outcome: answer.outcome,
        ground: answer.ground.name().to_owned(),
        reasons: answer.reasons,
        requirement: answer.requirement,
        policies: explained.policies.into_iter().map(effect).collect(),
        policy_set: answer.policy_set,
        plugins,
    }
}

fn effect(of: PolicyStanding) -> PolicyEffect {
    use control::simulate::Standing as Found;
    PolicyEffect {
        policy: of.policy,
        title: of.title,
        effect: match of.effect {
            Effect::Permit => "permit",
            Effect::Forbid => "forbid",
            Effect::Guard => "guard",
        }
        .to_owned(),
        standing: match of.standing {
            Found::OutOfScope => Standing::OutOfScope,
            Found::NotApplying => Standing::NotApplying,
            Found::Applying => Standing::Applying,
            Found::Failing => Standing::Failing,
        },
        determining: of.determining,
        sentence: of.sentence,
    }
}
