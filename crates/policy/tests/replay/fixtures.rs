//! Engines, questions, and histories made of them.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Arc, LazyLock};

use countersign_policy::replay::{Answered, History, Limits, Narrower, RecordedDecision, replay};
use countersign_policy::{Declared, Engine, PolicySource, Principal, PrincipalKind, Question};
use domain::Instant;
use domain::id::DecisionId;
use domain::policy::replay::ReplayReport;

/// The shipped schema with other policies.
pub(crate) fn engine(policies: &str) -> Arc<Engine> {
    let source = PolicySource { policies: policies.to_owned(), ..PolicySource::shipped() };
    Arc::new(Engine::compile(source).unwrap_or_else(|error| panic!("{error}\n{policies}")))
}

pub(crate) fn shipped() -> Arc<Engine> {
    static SHIPPED: LazyLock<Arc<Engine>> = LazyLock::new(|| engine(&PolicySource::shipped().policies));
    Arc::clone(&SHIPPED)
}

/// The shipped set, but production needs two.
pub(crate) fn two() -> Arc<Engine> {
    static TWO: LazyLock<Arc<Engine>> = LazyLock::new(|| {
        let text = PolicySource::shipped().policies;
        let changed = text.replace("context.approval.approvers >= 1", "context.approval.approvers >= 2");
        assert_ne!(changed, text);
        engine(&changed)
    });
    Arc::clone(&TWO)
}

pub(crate) fn at(text: &str) -> Instant {
    text.parse().expect("an instant")
}

/// `service_account:ci` executes a pipeline in production.
pub(crate) fn question() -> Question {
    Question {
        principal: Principal {
            kind: PrincipalKind::ServiceAccount,
            id: "ci".to_owned(),
            name: "CI".to_owned(),
            teams: vec!["billing".to_owned()],
            scopes: vec!["pipelines:execute".to_owned(), "logs:read".to_owned()],
            workspaces: vec![],
            owner: None,
        },
        action: "pipelines:execute".to_owned(),
        resources: vec!["pipeline:billing/nightly".to_owned()],
        env: "prod".to_owned(),
        context: Declared::default(),
        now: at("2026-11-22T05:10:00Z"),
        approval: None,
        known: BTreeMap::new(),
    }
}

pub(crate) fn id(number: usize) -> DecisionId {
    format!("dec_{number:026}").parse().unwrap()
}

/// A decision as this set answers it; as an answer that nobody gives, if it cannot be asked.
pub(crate) fn decided(number: usize, question: &Question, by: &Engine) -> RecordedDecision {
    let answer = match by.decide(question) {
        Ok(answer) => Answered {
            outcome: answer.outcome,
            because: answer.reasons.into_iter().map(|reason| reason.policy).collect(),
            requirement: answer.requirement,
            policy_set: answer.policy_set,
        },
        Err(_) => Answered {
            outcome: domain::outcome::Outcome::Deny,
            because: vec!["nobody".to_owned()],
            requirement: None,
            policy_set: by.digest(),
        },
    };
    RecordedDecision { id: id(number), question: question.clone(), answer }
}

/// Its index is ten times its number.
pub(crate) fn history(decisions: &[RecordedDecision]) -> Arc<History> {
    let mut history = History::new(Limits::default());
    for (number, decision) in (0..).zip(decisions) {
        history.add(decision.clone(), Some(number * 10)).unwrap();
    }
    Arc::new(history)
}

pub(crate) fn replayed(
    decisions: &[RecordedDecision],
    live: &Arc<Engine>,
    draft: &Engine,
    narrower: Option<&Narrower>,
) -> ReplayReport {
    let go_on = |_| ControlFlow::Continue(());
    replay(history(decisions), Arc::clone(live), draft, narrower, 2, &go_on).unwrap()
}
