//! Whether the host can ask under a schema: each action is tried with all that the host may send, and with the least.
//!
//! Without this a schema could be published under which every request fails.

use std::collections::BTreeMap;

use domain::Instant;

use crate::Problem;
use crate::facts::{full_context, full_principal, full_resource};
use crate::problem::Text;
use crate::request::Prepared;
use crate::schema::Vocabulary;
use domain::policy::question::{
    APPROVE, Approval, Declared, ExecutionContext, ExecutionMode, Principal, Question, Reviewer, TicketFacts,
};

const HELP: &str =
    "keep the attributes of the shipped schema; more may be declared if they are optional (`name?: String`)";

/// What the host could not ask.
pub(crate) fn problems(vocabulary: &Vocabulary, text: Text<'_>) -> Vec<Problem> {
    let Some(env) = vocabulary.environments.first() else {
        let help = "declare `entity Environment enum [\"dev\", \"prod\"];`";
        return vec![text.problem(0, "the schema has no environments", help)];
    };
    let mut problems = vec![];
    if !vocabulary.actions.contains_key(APPROVE) {
        let help = "declare it as in the shipped schema: without it nobody can review a ticket";
        problems.push(text.problem(0, format!("the schema has no action `{APPROVE}`"), help));
    }
    for (name, action) in &vocabulary.actions {
        let kinds = action.principals.iter().map(|kind| full_principal(*kind));
        let refused = if name == APPROVE {
            kinds.map(|principal| review(vocabulary, principal, env)).find_map(Result::err)
        } else {
            let resources: Vec<_> =
                action.resources.keys().flat_map(|kind| [format!("{kind}:a"), format!("{kind}:a/b")]).collect();
            kinds.map(|principal| ask(vocabulary, &principal, name, &resources, env)).find_map(Result::err)
        };
        if let Some(refused) = refused {
            let at = text.text.find(&format!("\"{name}\"")).or_else(|| text.text.find(name)).unwrap_or_default();
            problems.push(text.problem(at, format!("`{name}` could never be asked: {refused}"), HELP));
        }
    }
    problems
}

fn ask(
    vocabulary: &Vocabulary,
    principal: &Principal,
    action: &str,
    resources: &[String],
    env: &str,
) -> Result<(), String> {
    let least = Question {
        principal: Principal { owner: None, ..principal.clone() },
        action: action.to_owned(),
        resources: resources.to_owned(),
        env: env.to_owned(),
        context: Declared::default(),
        now: Instant::from_seconds(0),
        approval: None,
        known: BTreeMap::new(),
    };
    let mut questions = vec![least.clone()];
    let modes = [ExecutionMode::Local, ExecutionMode::Hybrid, ExecutionMode::Remote];
    let contexts = [ExecutionContext::Cli, ExecutionContext::Automated, ExecutionContext::Remote];
    for (mode, started) in modes.into_iter().zip(contexts) {
        let (execution_mode, execution_context) = (Some(mode), Some(started));
        let context =
            Declared { execution_mode, execution_context, ip: Some("192.0.2.1".to_owned()), ..full_context() };
        let (granted_at, expires_at) = (Instant::from_seconds(0), Instant::from_seconds(1));
        let approval =
            Some(Approval { approvers: 1, groups: vec!["team".to_owned()], granted_at, expires_at, ticket: None });
        let known = resources.iter().map(|resource| (resource.clone(), full_resource())).collect();
        questions.push(Question { principal: principal.clone(), context, approval, known, ..least.clone() });
    }
    questions.iter().try_for_each(|question| {
        Prepared::question(vocabulary, question).map(|_| ()).map_err(|error| error.to_string())
    })
}

fn review(vocabulary: &Vocabulary, principal: Principal, env: &str) -> Result<(), String> {
    let ticket = TicketFacts {
        id: "id".to_owned(),
        requester: "user:id".to_owned(),
        on_behalf_of: vec!["user:id".to_owned()],
        action: "action".to_owned(),
        resources: vec!["kind:id".to_owned()],
        env: env.to_owned(),
    };
    let reviewer = Reviewer { principal, now: Instant::from_seconds(0) };
    Prepared::review(vocabulary, &reviewer, &ticket).map(|_| ()).map_err(|error| error.to_string())
}
