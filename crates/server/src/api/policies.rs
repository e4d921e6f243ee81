//! `/api/v1/policies`.

use axum::Json;
use axum::extract::State;
use contract::policies::{Policies, Policy};
use control::policies::Effect;

use crate::app::{App, Authenticated};
use crate::problem::Refusal;

pub(crate) async fn list(State(app): State<App>, Authenticated(_): Authenticated) -> Result<Json<Policies>, Refusal> {
    let (live, policies) = app.run(control::Control::policies).await?;
    let policies = policies
        .into_iter()
        .map(|policy| Policy {
            id: policy.id,
            title: policy.title,
            description: policy.description.unwrap_or_default(),
            effect: match policy.effect {
                Effect::Permit => "permit",
                Effect::Forbid => "forbid",
                Effect::Guard => "guard",
            }
            .to_owned(),
            quorum: policy.requirement.map(|requirement| requirement.quorum),
            line: policy.line,
            text: policy.text,
        })
        .collect();
    Ok(Json(Policies { version: live.version, digest: live.digest, sample: live.sample, policies }))
}
