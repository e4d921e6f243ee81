//! The rules in Rego, a rule of the language for each, run by regorus' virtual machine.

use std::fmt::Write as _;
use std::sync::Arc;

use countersign_policy::{PrincipalKind, Question};
use regorus::Value;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::RegoVM;
use serde_json::json;

use crate::facts::{approvers, name, workspace};
use crate::workload::{ACTIONS, Effect, Rule, Unless, Who};

const HEAD: &str = r#"package pipelines

default allow := false

allow if {
    count(permit) > 0
    count(forbid) == 0
}

"#;

/// A virtual machine with the rules loaded.
pub(crate) struct Rego(RegoVM);

impl Rego {
    pub(crate) fn new(rules: &[Rule]) -> Self {
        let groups: serde_json::Map<_, _> = ACTIONS
            .iter()
            .map(|(action, groups)| ((*action).to_owned(), json!([&[*action], *groups].concat())))
            .collect();
        let mut text = format!("{HEAD}groups := {}\n", json!(groups));
        for rule in rules {
            writeln!(text, "{}", written(rule)).unwrap();
        }
        let mut engine = regorus::Engine::new();
        engine.add_policy("pipelines.rego".to_owned(), text).unwrap();
        let entry = "data.pipelines.allow";
        let compiled = engine.compile_with_entrypoint(&Arc::from(entry)).unwrap();
        let program = Compiler::compile_from_policy(&compiled, &[entry]).unwrap();
        let mut machine = RegoVM::new();
        machine.load_program(program);
        Self(machine)
    }

    pub(crate) fn allows(&mut self, input: &Value) -> bool {
        self.0.set_input(input.clone());
        *self.0.execute().unwrap().as_bool().unwrap()
    }
}

fn written(rule: &Rule) -> String {
    let who = match &rule.who {
        Who::Anybody => None,
        Who::Team(team) => Some(format!("\"{team}\" in input.principal.teams")),
        Who::Account(account) => Some(format!("input.principal.account == \"{account}\"")),
    };
    let unless = match &rule.unless {
        Unless::Nothing => None,
        Unless::HoldsScope => Some("not input.action in input.principal.scopes".to_owned()),
        Unless::InWorkspaces => Some(
            "count(input.principal.workspaces) > 0\n    not input.resource.workspace in input.principal.workspaces"
                .to_owned(),
        ),
        Unless::From(beginning) => Some(format!("not startswith(input.ip, \"{beginning}\")")),
        Unless::Approved(people) => Some(format!("input.approvers < {people}")),
    };
    let equal = |what: &str, value: &str| format!("input.{what} == \"{value}\"");
    let conditions = [
        rule.env.map(|env| equal("env", env)),
        rule.workspace.as_deref().map(|workspace| equal("resource.workspace", workspace)),
        rule.resource.as_deref().map(|resource| equal("resource.name", resource)),
        who,
        Some(format!("\"{}\" in groups[input.action]", rule.action)),
        unless,
    ];
    let set = if rule.effect == Effect::Permit { "permit" } else { "forbid" };
    let conditions: Vec<_> = conditions.into_iter().flatten().collect();
    format!("{set} contains \"{}\" if {{\n    {}\n}}\n", rule.id, conditions.join("\n    "))
}

/// A question as Rego takes it.
pub(crate) fn input(question: &Question) -> Value {
    let principal = &question.principal;
    let account = (principal.kind == PrincipalKind::ServiceAccount).then_some(&principal.id);
    Value::from(json!({
        "principal": {
            "account": account, "teams": principal.teams, "scopes": principal.scopes, "workspaces": principal.workspaces,
        },
        "action": question.action,
        "resource": { "name": name(question), "workspace": workspace(question) },
        "env": question.env,
        "ip": question.context.ip,
        "approvers": approvers(question),
    }))
}
