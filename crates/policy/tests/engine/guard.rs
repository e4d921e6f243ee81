//! The guard that ships, case by case.

use std::str::FromStr;

use cedar_policy::{Authorizer, Context, Decision, Entities, PolicySet, Request, Schema};
use countersign_policy::{Approval, Ground, PolicySource, Question};
use domain::budget::Budget;
use domain::outcome::Outcome;
use serde_json::json;

use crate::fixtures::{PERMIT, approval, at, engine, guard, question, shipped};

fn outcome(question: &Question) -> Outcome {
    shipped().decide(question).unwrap().outcome
}

fn with(approval: Approval) -> Question {
    Question { approval: Some(approval), ..question() }
}

#[test]
fn without_an_approval_production_asks_for_one_and_says_what_it_takes() {
    let answer = shipped().decide(&question()).unwrap();
    assert_eq!((answer.outcome, answer.ground), (Outcome::RequireApproval, Ground::ApprovalNeeded));
    let requirement = answer.requirement.unwrap();
    assert_eq!((requirement.quorum, requirement.groups.len()), (1, 0));
    assert_eq!(
        (requirement.step_up_seconds, requirement.approval_ttl_seconds, requirement.execution_ttl_seconds),
        (300, 3600, 900)
    );
    assert_eq!(requirement.standing, Some(Budget { uses: 5, window_seconds: 900 }));
    assert_eq!(answer.reasons.len(), 1);
    assert_eq!(answer.reasons[0].policy, "prod-needs-approval");
    assert_eq!(answer.reasons[0].title, "Production needs approval");
    assert_eq!(answer.reasons[0].sentence, "`prod-needs-approval` requires 1 approver; this request has 0");
    assert!(answer.errors.is_empty());
}

#[test]
fn an_approval_lifts_it() {
    let answer = shipped().decide(&with(approval())).unwrap();
    assert_eq!((answer.outcome, answer.ground), (Outcome::Allow, Ground::Permitted));
    assert_eq!(answer.requirement, None);
    assert_eq!(answer.reasons[0].policy, "scopes-permit");
    assert_eq!(outcome(&with(Approval { approvers: 2, ..approval() })), Outcome::Allow);
}

#[test]
fn an_approval_by_nobody_does_not() {
    assert_eq!(outcome(&with(Approval { approvers: 0, ..approval() })), Outcome::RequireApproval);
}

#[test]
fn an_approval_is_over_at_its_own_deadline() {
    let before = Question { now: at("2026-11-22T05:19:59.999Z"), ..with(approval()) };
    assert_eq!(outcome(&before), Outcome::Allow);
    let after = Question { now: at("2026-11-22T05:20:00Z"), ..with(approval()) };
    assert_eq!(outcome(&after), Outcome::RequireApproval);
    let sentence = &shipped().decide(&after).unwrap().reasons[0].sentence;
    assert!(sentence.ends_with("; the approval of this request expired at 2026-11-22T05:20:00.000Z"), "{sentence}");
}

#[test]
fn an_approval_that_was_granted_for_too_long_does_not_count() {
    let long = with(Approval { expires_at: at("2026-11-22T05:20:00.001Z"), ..approval() });
    assert_eq!(outcome(&long), Outcome::RequireApproval);
    let sentence = &shipped().decide(&long).unwrap().reasons[0].sentence;
    assert!(sentence.ends_with("the approval of this request does not meet its condition"), "{sentence}");
    let far =
        with(Approval { granted_at: at("9999-01-01T00:00:00Z"), expires_at: at("9999-01-01T00:01:00Z"), ..approval() });
    assert_eq!(outcome(&far), Outcome::RequireApproval);
}

#[test]
fn too_few_people_or_the_wrong_group_do_not_lift_a_stricter_guard() {
    let more = r#"&& context.approval.groups.contains(Team::"sre")"#;
    let engine = engine(&[PERMIT, &guard("two", "", 2, more)].concat());
    let cases = [
        (1, vec!["sre"], Outcome::RequireApproval, "this request has 1"),
        (2, vec![], Outcome::RequireApproval, "nobody from `sre` approved this request"),
        (2, vec!["dev"], Outcome::RequireApproval, "nobody from `sre` approved this request"),
        (2, vec!["dev", "sre"], Outcome::Allow, "`permit` permits it"),
        (3, vec!["sre"], Outcome::Allow, "`permit` permits it"),
    ];
    for (approvers, groups, expected, sentence) in cases {
        let groups: Vec<_> = groups.into_iter().map(str::to_owned).collect();
        let answer = engine.decide(&with(Approval { approvers, groups: groups.clone(), ..approval() })).unwrap();
        assert_eq!(answer.outcome, expected, "{approvers} {groups:?}");
        assert!(answer.reasons[0].sentence.ends_with(sentence), "{}", answer.reasons[0].sentence);
    }
    let answer = engine.decide(&question()).unwrap();
    let sentence = "`two` requires 2 approvers, with somebody from `sre` among them; this request has 0";
    assert_eq!(answer.reasons[0].sentence, sentence);
    assert_eq!(answer.requirement.unwrap().groups, ["sre"]);
}

/// The engine always fills in whose approval it is, so this asks Cedar itself, with the shipped text.
#[test]
fn an_approval_for_another_requester_or_another_target_does_not_count() {
    let source = PolicySource::shipped();
    let schema = Schema::from_str(&source.schema).unwrap();
    let policies = PolicySet::from_str(&source.policies).unwrap();
    let entities = json!([
        {"uid": {"type": "ServiceAccount", "id": "billing-ci"}, "parents": [],
         "attrs": {"ref": "service_account:billing-ci", "scopes": ["pipelines:execute"], "workspaces": []}},
        {"uid": {"type": "Pipeline", "id": "billing/nightly"}, "parents": [],
         "attrs": {"ref": "pipeline:billing/nightly", "env": {"type": "Environment", "id": "prod"}, "workspace": "billing"}},
    ]);
    let entities = Entities::from_json_value(entities, Some(&schema)).unwrap();
    let decide = |requester: &str, target: &str| {
        let context = json!({
            "now": "2026-11-22T05:10:00Z", "scope": "pipelines:execute",
            "approval": {"approvers": 1, "groups": [], "requester": requester, "target": target,
                "grantedAt": "2026-11-22T05:05:00Z", "expiresAt": "2026-11-22T05:20:00Z"},
        });
        let action = r#"Action::"pipelines:execute""#.parse().unwrap();
        let context = Context::from_json_value(context, Some((&schema, &action))).unwrap();
        let principal = r#"ServiceAccount::"billing-ci""#.parse().unwrap();
        let resource = r#"Pipeline::"billing/nightly""#.parse().unwrap();
        let request = Request::new(principal, action, resource, context, Some(&schema)).unwrap();
        Authorizer::new().is_authorized(&request, &policies, &entities).decision()
    };
    assert_eq!(decide("service_account:billing-ci", "pipeline:billing/nightly"), Decision::Allow);
    assert_eq!(decide("user:billing-ci", "pipeline:billing/nightly"), Decision::Deny);
    assert_eq!(decide("service_account:other", "pipeline:billing/nightly"), Decision::Deny);
    assert_eq!(decide("service_account:billing-ci", "pipeline:billing/hourly"), Decision::Deny);
    assert_eq!(decide("service_account:billing-ci", "app:billing/nightly"), Decision::Deny);
}

#[test]
fn reading_and_stopping_in_production_and_everything_elsewhere_need_no_approval() {
    let scopes = ["logs:read", "pipelines:stop", "artifacts:read", "pipelines:execute"].map(str::to_owned).to_vec();
    let mut question = question();
    question.principal.scopes = scopes;
    for (action, resource, env) in [
        ("logs:read", "pipeline:billing/nightly", "prod"),
        ("logs:read", "app:shop", "prod"),
        ("pipelines:stop", "pipeline:billing/nightly", "prod"),
        ("artifacts:read", "artifact:billing/report", "prod"),
        ("pipelines:execute", "pipeline:billing/nightly", "dev"),
        ("pipelines:execute", "pipeline:billing/nightly", "staging"),
    ] {
        let asked = Question {
            action: action.to_owned(),
            resources: vec![resource.to_owned()],
            env: env.to_owned(),
            ..question.clone()
        };
        assert_eq!(outcome(&asked), Outcome::Allow, "{action} {resource} {env}");
    }
}

#[test]
fn two_approvers_are_one_edit_away() {
    let mut source = PolicySource::shipped();
    source.policies = source.policies.replace("context.approval.approvers >= 1", "context.approval.approvers >= 2");
    let engine = countersign_policy::Engine::compile(source).unwrap();
    assert_eq!(engine.decide(&with(approval())).unwrap().requirement.unwrap().quorum, 2);
    assert_eq!(engine.decide(&with(Approval { approvers: 2, ..approval() })).unwrap().outcome, Outcome::Allow);
}
