//! The question of the flags, as the control plane completes it, and as it is asked here.

use contract::policies::SimulatedQuestion;
use domain::Clock as _;
use domain::ambient::SystemClock;
use domain::outcome::Outcome;
use domain::policy::{Case, CaseApproval, Declared, Expectation, Question};
use serde_json::{Map, Value};

use super::Args;
use crate::exit::Failure;

/// `NAME=VALUE`.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let pair = pair.map(|(name, value)| (name.to_owned(), value.to_owned()));
    pair.ok_or_else(|| "write it like `execution_mode=remote`".to_owned())
}

pub(super) fn question(args: &Args) -> Result<SimulatedQuestion, Failure> {
    let unless_empty = |names: &[String]| (!names.is_empty()).then(|| names.to_vec());
    Ok(SimulatedQuestion {
        principal: args.principal.clone(),
        teams: unless_empty(&args.teams),
        scopes: unless_empty(&args.scopes),
        workspaces: unless_empty(&args.workspaces),
        action: args.action.clone(),
        resources: args.resources.clone(),
        env: args.env.clone(),
        context: declared(&args.context)?,
        known: std::collections::BTreeMap::default(),
        now: args.at,
        approvers: args.approvers,
        groups: args.groups.clone(),
    })
}

/// The same, where nobody knows more than the flags say: what a case leaves out has the same defaults.
pub(super) fn here(args: &Args) -> Result<Question, Failure> {
    let approval = args.approvers.map(|approvers| CaseApproval {
        approvers,
        groups: args.groups.clone(),
        granted_seconds_ago: 0,
        granted_at: None,
        expires_at: None,
    });
    let case = Case {
        name: String::new(),
        principal: args.principal.clone(),
        teams: args.teams.clone(),
        scopes: (!args.scopes.is_empty()).then(|| args.scopes.clone()),
        workspaces: args.workspaces.clone(),
        owner: None,
        action: args.action.clone(),
        resources: args.resources.clone(),
        env: args.env.clone(),
        context: declared(&args.context)?,
        known: std::collections::BTreeMap::default(),
        ticket: None,
        now: Some(args.at.unwrap_or_else(|| SystemClock.now())),
        approval,
        expect: Expectation { outcome: Outcome::Allow, because: vec![], approvers: None, groups: None },
    };
    case.question().map_err(Failure::usage)
}

fn declared(pairs: &[(String, String)]) -> Result<Declared, Failure> {
    let mut object = Map::new();
    for (name, value) in pairs {
        if object.insert(name.clone(), Value::from(value.as_str())).is_some() {
            return Err(Failure::usage(format!("`--context {name}` is given twice")));
        }
    }
    serde_json::from_value(object.into()).map_err(|error| Failure::usage(format!("`--context`: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_about_the_request_is_read_and_nothing_else() {
        let read = |pairs: &[&str]| declared(&pairs.iter().map(|text| pair(text).unwrap()).collect::<Vec<_>>());
        assert_eq!(read(&["ip=::1"]).unwrap().ip.as_deref(), Some("::1"));
        for bad in [&["approvers=2"][..], &["execution_mode=moon"], &["ip=1", "ip=2"]] {
            let Failure::Told { sentence, .. } = read(bad).unwrap_err() else { panic!() };
            assert!(sentence.contains("`--context"), "{sentence}");
        }
        assert!(pair("ip").is_err() && pair("=x").is_err());
    }
}
