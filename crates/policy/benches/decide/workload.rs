//! Policies and questions to measure with: who may run which pipelines of which workspaces, for as many teams as it takes.
//!
//! The same workload for every engine: rules as data, which each engine writes in its own language. No chance in it, so that
//! two runs measure the same.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use countersign_policy::{Approval, Declared, PolicySource, Principal, PrincipalKind, Question};

/// One rule.
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) effect: Effect,
    pub(crate) who: Who,
    /// An action or a group of actions.
    pub(crate) action: &'static str,
    pub(crate) workspace: Option<String>,
    pub(crate) resource: Option<String>,
    pub(crate) env: Option<&'static str>,
    pub(crate) unless: Unless,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Permit,
    Forbid,
    /// Forbids until it is approved.
    Guard,
}

pub(crate) enum Who {
    Anybody,
    Team(String),
    Account(String),
}

/// What lifts a rule.
pub(crate) enum Unless {
    Nothing,
    /// The principal holds the scope that the action needs.
    HoldsScope,
    /// The resource is in one of the principal's workspaces.
    InWorkspaces,
    /// The request comes from here; the beginning of an address, for a network of 16 bits.
    From(String),
    /// So many people agreed.
    Approved(u32),
}

/// Actions with the groups that they are in.
pub(crate) const ACTIONS: [(&str, &[&str]); 3] = [
    ("pipelines:execute", &["execute", "operate"]),
    ("pipelines:stop", &["stop", "operate"]),
    ("logs:read", &["read", "operate"]),
];

/// So many rules: four for everybody, and for each team and its workspace eight more.
pub(crate) fn rules(count: usize) -> Vec<Rule> {
    let plain = |id: &str, effect, unless| {
        let (who, action) = (Who::Anybody, "operate");
        Rule { id: id.to_owned(), effect, who, action, workspace: None, resource: None, env: None, unless }
    };
    let guard = plain("prod-needs-approval", Effect::Guard, Unless::Approved(1));
    let mut rules = vec![
        plain("scopes", Effect::Forbid, Unless::HoldsScope),
        plain("workspaces", Effect::Forbid, Unless::InWorkspaces),
        Rule { action: "execute", env: Some("prod"), ..guard },
        Rule { action: "read", ..plain("sre-reads", Effect::Permit, Unless::Nothing) }.of(Who::Team("sre".to_owned())),
    ];
    rules.extend((0..).flat_map(of_team).take(count - rules.len()));
    rules
}

fn of_team(number: usize) -> [Rule; 8] {
    let workspace = format!("ws{number}");
    let rule = |id: &str, effect, action| Rule {
        id: format!("{workspace}-{id}"),
        effect,
        who: Who::Team(format!("team{number}")),
        action,
        workspace: Some(workspace.clone()),
        resource: None,
        env: None,
        unless: Unless::Nothing,
    };
    let anybody = |rule: Rule| rule.of(Who::Anybody);
    [
        rule("team-reads", Effect::Permit, "read"),
        Rule { env: Some("dev"), ..rule("team-tries", Effect::Permit, "execute") },
        Rule { env: Some("prod"), ..rule("team-runs", Effect::Permit, "execute") },
        rule("ci-runs", Effect::Permit, "pipelines:execute").of(Who::Account(format!("ci{number}"))),
        rule("ci-stops", Effect::Permit, "pipelines:stop").of(Who::Account(format!("ci{number}"))),
        Rule {
            resource: Some(format!("{workspace}/frozen")),
            workspace: None,
            ..anybody(rule("frozen", Effect::Forbid, "operate"))
        },
        Rule {
            env: Some("prod"),
            unless: Unless::From(format!("10.{}.", number % 200)),
            ..anybody(rule("own-network", Effect::Forbid, "execute"))
        },
        Rule { env: Some("prod"), unless: Unless::Approved(2), ..anybody(rule("two-agree", Effect::Guard, "execute")) },
    ]
}

impl Rule {
    fn of(self, who: Who) -> Self {
        Self { who, ..self }
    }

    /// As Cedar has it.
    pub(crate) fn cedar(&self) -> String {
        let principal = match &self.who {
            Who::Anybody => "principal".to_owned(),
            Who::Team(team) => format!("principal in Team::\"{team}\""),
            Who::Account(name) => format!("principal == ServiceAccount::\"{name}\""),
        };
        let resource = self.resource.as_ref().map_or_else(String::new, |id| format!(" == Pipeline::\"{id}\""));
        let effect = if self.effect == Effect::Permit { "permit" } else { "forbid" };
        let marked = if self.effect == Effect::Guard { "@require_approval " } else { "" };
        let mut text = format!(
            "@id(\"{}\") {marked}{effect} ({principal}, action in Action::\"{}\", resource{resource})",
            self.id, self.action
        );
        let workspace =
            self.workspace.as_ref().map(|name| format!("resource has workspace && resource.workspace == \"{name}\""));
        let env = self.env.map(|env| format!("resource.env == Environment::\"{env}\""));
        let when: Vec<_> = workspace.into_iter().chain(env).collect();
        if !when.is_empty() {
            write!(text, " when {{ {} }}", when.join(" && ")).unwrap();
        }
        let unless = match &self.unless {
            Unless::Nothing => String::new(),
            Unless::HoldsScope => "principal.scopes.contains(context.scope)".to_owned(),
            Unless::InWorkspaces => "principal.workspaces.isEmpty() || (resource has workspace && \
                 principal.workspaces.contains(resource.workspace))"
                .to_owned(),
            Unless::From(beginning) => format!("context has ip && context.ip.isInRange(ip(\"{beginning}0.0/16\"))"),
            Unless::Approved(people) => format!(
                "context has approval && context.approval.approvers >= {people} && \
                 context.approval.requester == principal.ref && context.approval.target == resource.ref && \
                 context.now < context.approval.expiresAt"
            ),
        };
        if !unless.is_empty() {
            write!(text, " unless {{ {unless} }}").unwrap();
        }
        text + ";\n"
    }
}

/// The rules as a policy set, with the schema that ships.
pub(crate) fn source(rules: &[Rule]) -> PolicySource {
    PolicySource { policies: rules.iter().map(Rule::cedar).collect(), ..PolicySource::shipped() }
}

/// Questions about the first `teams` teams: of everybody, approved or not, from here and elsewhere.
pub(crate) fn questions(teams: usize) -> Vec<Question> {
    let question = |number: usize| {
        let team = number * 7 % teams.max(1);
        let (action, _) = ACTIONS[[0, 0, 0, 2, 1][number % 5]];
        let person = number % 4 == 3;
        let lacks_scope = number % 17 == 5;
        let principal = Principal {
            kind: if person { PrincipalKind::User } else { PrincipalKind::ServiceAccount },
            id: if person { format!("usr_{number}") } else { format!("ci{team}") },
            name: String::new(),
            teams: vec![format!("team{team}"), "builders".to_owned()],
            scopes: if lacks_scope { vec![] } else { ACTIONS.iter().map(|(name, _)| (*name).to_owned()).collect() },
            workspaces: if number.is_multiple_of(3) { vec![format!("ws{team}"), "shared".to_owned()] } else { vec![] },
            owner: None,
        };
        let name = if number % 11 == 4 { "frozen" } else { "nightly" };
        let workspace = if number % 13 == 6 { team + 1 } else { team };
        let network = if number % 9 == 7 { 201 } else { workspace % 200 };
        let granted = domain::Instant::from_seconds(1_795_000_000);
        let now = granted.plus(u32::try_from(number).unwrap());
        let approval =
            Approval { approvers: 2, groups: vec![], granted_at: granted, expires_at: granted.plus(900), ticket: None };
        Question {
            principal,
            action: action.to_owned(),
            resources: vec![format!("pipeline:ws{workspace}/{name}")],
            env: ["prod", "dev"][number % 2].to_owned(),
            context: Declared { ip: Some(format!("10.{network}.0.7")), ..Declared::default() },
            now,
            approval: (number.is_multiple_of(4)).then_some(approval),
            known: BTreeMap::new(),
        }
    };
    (0..120).map(question).collect()
}
