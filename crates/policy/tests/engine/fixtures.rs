//! Questions to start from, and engines to ask.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use countersign_policy::{
    Approval, Declared, Engine, PolicySource, Principal, PrincipalKind, Question, Reviewer, TicketFacts,
};
use domain::Instant;

/// The shipped set.
pub(crate) fn shipped() -> &'static Engine {
    static SHIPPED: LazyLock<Engine> =
        LazyLock::new(|| Engine::compile(PolicySource::shipped()).expect("the shipped set compiles"));
    &SHIPPED
}

/// The shipped schema with other policies.
pub(crate) fn engine(policies: &str) -> Engine {
    Engine::compile(source(policies)).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn source(policies: &str) -> PolicySource {
    PolicySource { policies: policies.to_owned(), ..PolicySource::shipped() }
}

/// What compiling says, one line for each problem.
pub(crate) fn problems(policies: &str) -> Vec<String> {
    problems_of(source(policies))
}

pub(crate) fn problems_of(source: PolicySource) -> Vec<String> {
    match Engine::compile(source) {
        Ok(_) => vec![],
        Err(error) => error.problems.iter().map(ToString::to_string).collect(),
    }
}

pub(crate) fn at(text: &str) -> Instant {
    text.parse().expect("an instant")
}

pub(crate) fn account() -> Principal {
    let scopes = ["pipelines:execute", "deploy.app.update", "logs:read"].map(str::to_owned).to_vec();
    Principal {
        kind: PrincipalKind::ServiceAccount,
        id: "billing-ci".to_owned(),
        name: "Billing CI".to_owned(),
        teams: vec!["billing".to_owned()],
        scopes,
        workspaces: vec![],
        owner: None,
    }
}

pub(crate) fn person(id: &str) -> Principal {
    let scopes = vec!["approvals:review".to_owned()];
    let (kind, id, name) = (PrincipalKind::User, id.to_owned(), "Ada".to_owned());
    Principal { kind, id, name, teams: vec!["sre".to_owned()], scopes, workspaces: vec![], owner: None }
}

/// The sample account executes a pipeline in production at ten past.
pub(crate) fn question() -> Question {
    Question {
        principal: account(),
        action: "pipelines:execute".to_owned(),
        resources: vec!["pipeline:billing/nightly".to_owned()],
        env: "prod".to_owned(),
        context: Declared::default(),
        now: at("2026-11-22T05:10:00Z"),
        approval: None,
        known: BTreeMap::new(),
    }
}

/// One person agreed at five past; good until twenty past.
pub(crate) fn approval() -> Approval {
    let (granted_at, expires_at) = (at("2026-11-22T05:05:00Z"), at("2026-11-22T05:20:00Z"));
    Approval { approvers: 1, groups: vec![], granted_at, expires_at, ticket: None }
}

pub(crate) fn reviewer(principal: Principal) -> Reviewer {
    Reviewer { principal, now: at("2026-11-22T05:10:00Z") }
}

pub(crate) fn ticket() -> TicketFacts {
    TicketFacts {
        id: "tkt_1".to_owned(),
        requester: "service_account:billing-ci".to_owned(),
        on_behalf_of: vec!["user:usr_owner".to_owned()],
        action: "pipelines:execute".to_owned(),
        resources: vec!["pipeline:billing/nightly".to_owned()],
        env: "prod".to_owned(),
    }
}

/// A guard in the shipped form for any number of people and any further demands.
pub(crate) fn guard(id: &str, annotations: &str, approvers: u32, more: &str) -> String {
    format!(
        r#"@id("{id}") @require_approval {annotations}
        forbid (principal, action in [Action::"execute", Action::"deploy"], resource)
        when {{ resource.env == Environment::"prod" }}
        unless {{
          context has approval && context.approval.approvers >= {approvers} &&
          context.now < context.approval.expiresAt {more}
        }};"#
    )
}

pub(crate) const PERMIT: &str =
    r#"@id("permit") permit (principal, action, resource) when { principal.scopes.contains(context.scope) };"#;
