//! No policy that ships fails, whatever the host asks.

use countersign_policy::{
    Approval, Declared, ExecutionContext, ExecutionMode, KnownResource, PrincipalKind, Question, TicketFacts,
};
use domain::Instant;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::fixtures::{account, at, reviewer, shipped};

fn names() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(select(vec!["billing-ci", "web-deployer", "x"]).prop_map(str::to_owned), 0..3)
}

fn anything_known() -> impl Strategy<Value = KnownResource> {
    let name = || select(vec!["billing-ci", "web-deployer"]).prop_map(str::to_owned);
    (
        option::of(names()),
        option::of(any::<u32>()),
        option::of(name()),
        names(),
        option::of(".{0,9}"),
        option::of(any::<bool>()),
    )
        .prop_map(|(allowed_accounts, max_duration_seconds, owner, trusted, workspace, widens)| KnownResource {
            allowed_accounts,
            max_duration_seconds,
            owner,
            trusted,
            workspace,
            widens,
        })
}

fn anything_declared() -> impl Strategy<Value = Declared> {
    let modes = select(vec![ExecutionMode::Local, ExecutionMode::Hybrid, ExecutionMode::Remote]);
    let contexts = select(vec![ExecutionContext::Cli, ExecutionContext::Automated, ExecutionContext::Remote]);
    let ip = select(vec!["192.0.2.1", "::1", "::ffff:10.0.0.1"]).prop_map(str::to_owned);
    let options =
        (option::of(modes), option::of(contexts), option::of(ip), option::of(any::<bool>()), option::of("\\S.{0,9}"));
    options.prop_map(|(execution_mode, execution_context, ip, known_network, break_glass)| Declared {
        execution_mode,
        execution_context,
        ip,
        known_network,
        break_glass,
    })
}

/// The first and the last that there are, the borders that policies know, and any between.
fn any_instant() -> impl Strategy<Value = Instant> {
    let known = ["1970-01-01T00:00:00Z", "2026-11-22T05:10:00Z", "2199-12-31T23:59:59.999Z", "2200-01-01T00:00:00Z"];
    let ends = [i64::MIN, i64::MAX].map(Instant::from_millis);
    let known = select([ends.as_slice(), &known.map(at)].concat());
    prop_oneof![known, any::<i64>().prop_map(Instant::from_millis)]
}

/// Whatever the host can build.
fn anything() -> impl Strategy<Value = Question> {
    let asked = select(vec![
        ("pipelines:execute", "pipeline:billing/nightly"),
        ("pipelines:stop", "pipeline:nightly"),
        ("deploy.app.update", "app:billing/shop"),
        ("artifacts:write", "artifact:a"),
        ("logs:read", "app:a"),
        ("policies:publish", "policy_set:0f"),
    ]);
    let approval = (any::<u32>(), names(), any_instant(), any_instant()).prop_map(
        |(approvers, groups, granted_at, expires_at)| Approval {
            approvers,
            groups,
            granted_at,
            expires_at,
            ticket: None,
        },
    );
    let who = (any::<bool>(), names(), names(), option::of(".{0,9}"));
    let envs = select(vec!["dev", "staging", "prod"]);
    let rest = (any_instant(), option::of(approval), option::of(anything_known()));
    (asked, who, envs, anything_declared(), rest).prop_map(|((action, resource), who, env, context, rest)| {
        let (is_person, workspaces, mut scopes, owner) = who;
        scopes.push(domain::policy::question::scope_of(action).to_owned());
        let kind = if is_person { PrincipalKind::User } else { PrincipalKind::ServiceAccount };
        Question {
            principal: countersign_policy::Principal { kind, workspaces, scopes, owner, ..account() },
            action: action.to_owned(),
            resources: vec![resource.to_owned()],
            env: env.to_owned(),
            context,
            now: rest.0,
            approval: rest.1,
            known: rest.2.map(|known| (resource.to_owned(), known)).into_iter().collect(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_policy_that_ships_ever_fails(asked in anything()) {
        let answer = shipped().decide(&asked).unwrap();
        prop_assert!(answer.errors.is_empty(), "{:?}", answer.errors);
        let ticket = TicketFacts {
            id: "tkt_1".to_owned(),
            requester: asked.principal.reference(),
            on_behalf_of: asked.principal.owner.iter().cloned().collect(),
            action: asked.action.clone(),
            resources: asked.resources.clone(),
            env: asked.env.clone(),
        };
        let review = shipped().may_review(&reviewer(asked.principal), &ticket).unwrap();
        prop_assert!(review.errors.is_empty() && !review.allowed, "nobody reviews what they asked for");
    }
}
