//! `/api/v1/policies` and below.

pub(crate) mod access;
pub(crate) mod ask;
pub(crate) mod drafts;
pub(crate) mod simulate;
pub(crate) mod vocabulary;
pub(crate) mod works;

use axum::Json;
use axum::extract::State;
use contract::Page;
use contract::policies::{Policies, Policy, PolicyTexts, PolicyVersion, PolicyVersionSummary};
use control::policies::subject::Subject;
use control::policies::{Effect, PolicyInfo, PolicySource, VersionFacts};

use crate::api::PathId;
use crate::app::{App, Authenticated};
use crate::problem::Refusal;

pub(crate) async fn list(State(app): State<App>, Authenticated(_): Authenticated) -> Result<Json<Policies>, Refusal> {
    let (live, found) = app.run(control::Control::policies).await?;
    let policies = policies(found);
    Ok(Json(Policies { version: live.version, digest: live.digest, sample: live.sample, policies }))
}

pub(crate) async fn versions(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Page<PolicyVersionSummary>>, Refusal> {
    let items = app.run(move |control| control.policy_versions(&caller)).await?;
    Ok(Json(Page { items: items.into_iter().map(summary).collect(), next: None }))
}

pub(crate) async fn version(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathId(version): PathId<u32>,
) -> Result<Json<PolicyVersion>, Refusal> {
    let known = app.run(move |control| control.policy_version(&caller, version)).await?;
    let texts = PolicyTexts { schema: known.schema, policies: known.policies, invariants: known.invariants };
    let facts = VersionFacts {
        version: known.version,
        digest: known.digest,
        published_at: known.published_at,
        published_by: known.published_by,
        sample: known.sample,
        title: known.title,
        ticket: known.ticket,
        restores: known.restores,
    };
    Ok(Json(PolicyVersion { summary: summary(facts), texts, cases: known.cases }))
}

fn summary(facts: VersionFacts) -> PolicyVersionSummary {
    PolicyVersionSummary {
        version: facts.version,
        digest: facts.digest,
        published_at: facts.published_at,
        published_by: facts.published_by,
        ticket: facts.ticket,
        title: facts.title,
        restores: facts.restores,
        sample: facts.sample,
    }
}

/// Policies as the contract has them.
fn policies(found: Vec<PolicyInfo>) -> Vec<Policy> {
    let policy = |policy: PolicyInfo| Policy {
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
    };
    found.into_iter().map(policy).collect()
}

/// Texts as the engine takes them.
fn source(texts: PolicyTexts) -> PolicySource {
    let PolicyTexts { schema, policies, invariants } = texts;
    PolicySource { schema, policies, invariants }
}

/// The set that a question is put to.
fn subject(subject: contract::policies::Subject) -> Subject {
    use contract::policies::Subject as Wanted;
    match subject {
        Wanted::Live => Subject::Live,
        Wanted::Version(version) => Subject::Version(version),
        Wanted::Draft(id) => Subject::Draft(id),
        Wanted::Texts(texts) => Subject::Texts(source(texts)),
    }
}
