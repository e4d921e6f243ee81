//! The rules for casbin: roles for teams and groups of actions, columns for the rest, a function for what lifts a rule.

use std::collections::BTreeSet;

use casbin::function_map::OperatorFunction;
use casbin::prelude::*;
use casbin::rhai::Dynamic;
use countersign_policy::{PrincipalKind, Question};

use crate::facts::{approvers, lifted_by, name, workspace};
use crate::workload::{ACTIONS, Effect, Rule, Who};

const MATCHER: &str = r#"(p.env == "*" || p.env == r.env) && (p.ws == "*" || p.ws == r.ws) && (p.res == "*" || p.res == r.res)
    && (p.sub == "*" || g(r.sub, p.sub)) && g2(r.act, p.act) && !lifted(p.unless, p.about, r.facts)"#;

/// An enforcer with the rules loaded.
pub(crate) struct Roles(Enforcer);

/// A question as casbin takes it.
pub(crate) type Asked = [String; 6];

impl Roles {
    pub(crate) fn new(rules: &[Rule], questions: &[Question]) -> Self {
        let mut model = DefaultModel::default();
        for (section, key, definition) in [
            ("r", "r", "sub, act, ws, res, env, facts"),
            ("p", "p", "sub, act, ws, res, env, unless, about, eft"),
            ("g", "g", "_, _"),
            ("g", "g2", "_, _"),
            ("e", "e", "some(where (p.eft == allow)) && !some(where (p.eft == deny))"),
            ("m", "m", &MATCHER.replace('\n', " ")),
        ] {
            assert!(model.add_def(section, key, definition), "{key}");
        }
        let mut enforcer = pollster::block_on(Enforcer::new(model, MemoryAdapter::default())).unwrap();
        enforcer.add_function("lifted", OperatorFunction::Arg3(lifted));
        let teams = questions.iter().flat_map(|question| {
            let teams = question.principal.teams.iter();
            teams.map(|team| vec![subject(question), team.clone()])
        });
        let groups = ACTIONS
            .iter()
            .flat_map(|(action, groups)| groups.iter().map(|group| vec![(*action).to_owned(), (*group).to_owned()]));
        let teams: BTreeSet<_> = teams.collect();
        pollster::block_on(async {
            enforcer.add_named_grouping_policies("g", teams.into_iter().collect()).await.unwrap();
            enforcer.add_named_grouping_policies("g2", groups.collect()).await.unwrap();
            enforcer.add_policies(rules.iter().map(row).collect()).await.unwrap();
        });
        Self(enforcer)
    }

    pub(crate) fn allows(&self, asked: &Asked) -> bool {
        let [sub, act, ws, res, env, facts] = asked;
        self.0.enforce((sub.as_str(), act.as_str(), ws.as_str(), res.as_str(), env.as_str(), facts.as_str())).unwrap()
    }
}

fn row(rule: &Rule) -> Vec<String> {
    let any = |name: Option<&str>| name.unwrap_or("*").to_owned();
    let (unless, about) = lifted_by(rule);
    let effect = if rule.effect == Effect::Permit { "allow" } else { "deny" };
    let who = match &rule.who {
        Who::Anybody => None,
        Who::Team(name) | Who::Account(name) => Some(name.as_str()),
    };
    let (workspace, resource) = (rule.workspace.as_deref(), rule.resource.as_deref());
    let names = [any(who), rule.action.to_owned(), any(workspace), any(resource), any(rule.env)];
    // The id stands in for nothing, but two rules must not be one.
    let about = if about.is_empty() { rule.id.clone() } else { about };
    names.into_iter().chain([unless.to_owned(), about, effect.to_owned()]).collect()
}

fn subject(question: &Question) -> String {
    question.principal.id.clone()
}

/// Whether a rule is lifted: the facts are whether the scope is held and the workspace is right, the address, the approvers.
fn lifted(unless: Dynamic, about: Dynamic, facts: Dynamic) -> Dynamic {
    let (about, facts) = (about.to_string(), facts.to_string());
    let mut facts = facts.split(';');
    let (scope, workspaces) = (facts.next() == Some("true"), facts.next() == Some("true"));
    let (ip, approvers) = (facts.next().unwrap(), facts.next().unwrap());
    let lifted = match unless.to_string().as_str() {
        "scope" => scope,
        "workspaces" => workspaces,
        "from" => ip.starts_with(&about),
        "approved" => approvers.parse::<u32>().unwrap() >= about.parse().unwrap(),
        _ => false,
    };
    lifted.into()
}

/// A question as casbin takes it.
pub(crate) fn request(question: &Question) -> Asked {
    let principal = &question.principal;
    assert!(principal.kind == PrincipalKind::User || principal.id.starts_with("ci"));
    let (scope, place) = (principal.scopes.contains(&question.action), workspace(question).to_owned());
    let inside = principal.workspaces.is_empty() || principal.workspaces.contains(&place);
    let ip = question.context.ip.as_deref().unwrap();
    let facts = format!("{scope};{inside};{ip};{}", approvers(question));
    [subject(question), question.action.clone(), place, name(question).to_owned(), question.env.clone(), facts]
}
