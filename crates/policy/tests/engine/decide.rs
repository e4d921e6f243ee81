//! Allow, deny and `require_approval`: how policies work together, what errors mean, several resources.

use countersign_policy::{Declared, Effect, ExecutionMode, Ground, Question};
use domain::budget::Budget;
use domain::outcome::Outcome;

use crate::fixtures::{PERMIT, approval, at, engine, guard, question, shipped};

/// Fails whenever the clock is after 1970.
const OVERFLOWS: &str = r#"context.now.offset(duration("9223372036854775807ms")) < context.now"#;

fn ask(policies: &[&str], question: &Question) -> countersign_policy::Answer {
    engine(&policies.concat()).decide(question).unwrap()
}

#[test]
fn what_no_policy_permits_is_denied_and_no_approval_helps() {
    let mut unscoped = question();
    unscoped.principal.scopes.clear();
    for approval in [None, Some(approval())] {
        let answer = shipped().decide(&Question { approval, ..unscoped.clone() }).unwrap();
        assert_eq!((answer.outcome, answer.ground), (Outcome::Deny, Ground::NotPermitted));
        assert_eq!((answer.reasons.len(), answer.requirement), (0, None));
    }
}

#[test]
fn a_forbid_denies_whatever_is_approved() {
    let forbid = r#"@id("freeze") @title("Freeze") @description("Nothing runs this week.") forbid (principal, action in Action::"execute", resource);"#;
    let policies = [PERMIT, &guard("guard", "", 1, ""), forbid];
    for approval in [None, Some(approval())] {
        let answer = ask(&policies, &Question { approval, ..question() });
        assert_eq!((answer.outcome, answer.ground), (Outcome::Deny, Ground::Forbidden));
        assert_eq!(answer.reasons.len(), 1);
        assert_eq!(answer.reasons[0].sentence, "Nothing runs this week.");
    }
}

#[test]
fn a_forbid_that_cannot_be_evaluated_denies() {
    let forbid = format!(r#"@id("broken") forbid (principal, action, resource) when {{ {OVERFLOWS} }};"#);
    let answer = ask(&[PERMIT, &forbid], &question());
    assert_eq!((answer.outcome, answer.ground), (Outcome::Deny, Ground::ForbidFailed));
    assert!(answer.reasons[0].sentence.starts_with("`broken` cannot be evaluated, so it counts as forbidding: "));
    assert_eq!((answer.errors.len(), answer.errors[0].policy.as_str()), (1, "broken"));
    let well =
        ask(&[PERMIT, &forbid], &Question { now: at("1960-01-01T00:00:00Z"), env: "dev".to_owned(), ..question() });
    assert_eq!((well.outcome, well.errors.len()), (Outcome::Allow, 0));
}

#[test]
fn a_guard_that_cannot_be_evaluated_stands_even_with_an_approval() {
    let more = format!("&& {OVERFLOWS}");
    let asked = Question { approval: Some(approval()), ..question() };
    let answer = ask(&[PERMIT, &guard("broken", "", 1, &more)], &asked);
    assert_eq!((answer.outcome, answer.ground), (Outcome::RequireApproval, Ground::ApprovalNeeded));
    assert_eq!(answer.requirement.unwrap().quorum, 1);
    assert!(answer.reasons[0].sentence.starts_with("`broken` cannot be evaluated, so it stands: "));
    assert_eq!(answer.errors[0].policy, "broken");
}

#[test]
fn a_guard_that_cannot_be_evaluated_asks_nobody_about_what_is_not_permitted() {
    let more = format!("&& {OVERFLOWS}");
    let answer = ask(&[&guard("broken", "", 1, &more)], &Question { approval: Some(approval()), ..question() });
    assert_eq!((answer.outcome, answer.ground, answer.errors.len()), (Outcome::Deny, Ground::NotPermitted, 1));
}

#[test]
fn a_permit_that_cannot_be_evaluated_permits_nothing() {
    let permit = format!(r#"@id("broken") permit (principal, action, resource) when {{ !({OVERFLOWS}) }};"#);
    let answer = ask(&[&permit], &question());
    assert_eq!((answer.outcome, answer.ground, answer.errors.len()), (Outcome::Deny, Ground::NotPermitted, 1));
}

#[test]
fn the_strictest_of_all_standing_guards_is_required() {
    let annotations = r#"@step_up("60s") @approval_ttl("2h") @execution_ttl("5m") @max_duration("4h")"#;
    let sre = guard("sre", annotations, 1, r#"&& context.approval.groups.contains(Team::"sre")"#);
    let annotations = r#"@approval_ttl("30m") @max_duration("1d") @approvers("Team::\"dba\", Team::\"app\"")"#;
    let more = r#"&& context.approval.groups.containsAll([Team::"dba", Team::"app"])"#;
    let other = guard("other", annotations, 3, more);
    let answer = ask(&[PERMIT, &sre, &other], &question());
    assert_eq!(answer.reasons.iter().map(|reason| reason.policy.as_str()).collect::<Vec<_>>(), ["sre", "other"]);
    let requirement = answer.requirement.unwrap();
    assert_eq!((requirement.quorum, requirement.groups), (3, ["app", "dba", "sre"].map(str::to_owned).to_vec()));
    assert_eq!((requirement.step_up_seconds, requirement.approval_ttl_seconds), (60, 1800));
    assert_eq!((requirement.execution_ttl_seconds, requirement.max_duration_seconds), (300, Some(14_400)));
}

#[test]
fn a_budget_is_what_every_standing_guard_allows() {
    let allows = |id: &str, standing: &str| guard(id, standing, 1, "");
    let most = |guards: &[&str]| {
        let texts: Vec<_> = std::iter::once(PERMIT).chain(guards.iter().copied()).collect();
        ask(&texts, &question()).requirement.unwrap().standing
    };
    let (five, nine) = (allows("five", r#"@standing("5 in 30m")"#), allows("nine", r#"@standing("9 in 10m")"#));
    assert_eq!(most(&[&five]), Some(Budget { uses: 5, window_seconds: 1800 }));
    assert_eq!(most(&[&five, &nine]), Some(Budget { uses: 5, window_seconds: 600 }));
    assert_eq!(most(&[&five, &nine, &allows("none", "")]), None);
    let engine = engine(&[PERMIT, &five].concat());
    assert_eq!(engine.standing("five"), Some(Budget { uses: 5, window_seconds: 1800 }));
    assert_eq!((engine.standing("permit"), engine.standing("nobody")), (None, None));
}

#[test]
fn of_several_resources_the_strictest_answer_wins() {
    let policies = [
        PERMIT,
        r#"@id("never") forbid (principal, action, resource) when { resource.ref == "pipeline:never" };"#,
        r#"@id("one") @require_approval forbid (principal, action in Action::"execute", resource) when { resource.ref like "pipeline:one*" }
            unless { context has approval && context.approval.approvers >= 1 && context.now < context.approval.expiresAt };"#,
        r#"@id("two") @require_approval forbid (principal, action in Action::"execute", resource) when { resource.ref == "pipeline:two" }
            unless { context has approval && context.approval.approvers >= 2 && context.now < context.approval.expiresAt };"#,
    ];
    let engine = engine(&policies.concat());
    let ask = |names: &[&str]| {
        let resources = names.iter().map(|name| format!("pipeline:{name}")).collect();
        let answer = engine.decide(&Question { resources, ..question() }).unwrap();
        let reasons: Vec<_> = answer.reasons.into_iter().map(|reason| reason.policy).collect();
        (answer.outcome, reasons.join(" "), answer.requirement.map(|requirement| requirement.quorum))
    };
    assert_eq!(ask(&["free", "free"]), (Outcome::Allow, "permit".to_owned(), None));
    assert_eq!(ask(&["free", "one"]), (Outcome::RequireApproval, "one".to_owned(), Some(1)));
    assert_eq!(ask(&["one", "one-more"]), (Outcome::RequireApproval, "one".to_owned(), Some(1)));
    assert_eq!(ask(&["two", "free", "one"]), (Outcome::RequireApproval, "one two".to_owned(), Some(2)));
    assert_eq!(ask(&["two", "never", "one"]), (Outcome::Deny, "never".to_owned(), None));
}

#[test]
fn who_names_workspaces_stays_inside_them() {
    let mut inside = Question { env: "dev".to_owned(), ..question() };
    inside.principal.workspaces = vec!["billing".to_owned()];
    let outcome = |resource: &str| {
        let asked = Question { resources: vec![resource.to_owned()], ..inside.clone() };
        shipped().decide(&asked).unwrap().ground
    };
    assert_eq!(outcome("pipeline:billing/nightly"), Ground::Permitted);
    assert_eq!(outcome("pipeline:billing/nightly/eu"), Ground::Permitted);
    assert_eq!(outcome("pipeline:shop/nightly"), Ground::Forbidden);
    assert_eq!(outcome("pipeline:billing"), Ground::Forbidden, "it is in no workspace");
}

#[test]
fn policies_read_what_the_client_declares_and_what_it_leaves_out() {
    let forbid = r#"@id("office") forbid (principal, action in Action::"execute", resource)
        unless { context has ip && context.ip.isInRange(ip("10.0.0.0/8")) && context has executionMode && context.executionMode != ExecutionMode::"local" };"#;
    let engine = engine(&[PERMIT, forbid].concat());
    let outcome = |ip: Option<&str>, execution_mode| {
        let context = Declared { ip: ip.map(str::to_owned), execution_mode, ..Declared::default() };
        engine.decide(&Question { context, ..question() }).unwrap().outcome
    };
    assert_eq!(outcome(Some("10.1.2.3"), Some(ExecutionMode::Remote)), Outcome::Allow);
    assert_eq!(outcome(Some("::ffff:10.1.2.3"), Some(ExecutionMode::Hybrid)), Outcome::Allow, "the same address");
    assert_eq!(outcome(Some("192.0.2.1"), Some(ExecutionMode::Remote)), Outcome::Deny);
    assert_eq!(outcome(Some("10.1.2.3"), Some(ExecutionMode::Local)), Outcome::Deny);
    assert_eq!(outcome(Some("10.1.2.3"), None), Outcome::Deny);
    assert_eq!(outcome(None, Some(ExecutionMode::Remote)), Outcome::Deny);
}

#[test]
fn the_list_of_policies_shows_what_each_does() {
    let policies = shipped().policies();
    let ids: Vec<_> = policies.iter().map(|policy| (policy.id.as_str(), policy.effect)).collect();
    let expected = [
        ("scopes-permit", Effect::Permit),
        ("stay-in-workspaces", Effect::Forbid),
        ("listed-accounts-run", Effect::Forbid),
        ("accounts-keep-to-their-networks", Effect::Forbid),
        ("automation-uses-accounts", Effect::Forbid),
        ("no-local-deploys", Effect::Forbid),
        ("writers-publish", Effect::Forbid),
        ("prod-needs-approval", Effect::Guard),
        ("break-glass", Effect::Guard),
        ("publishing-needs-approval", Effect::Guard),
        ("people-review", Effect::Forbid),
        ("nobody-reviews-their-own", Effect::Forbid),
    ];
    assert_eq!(ids, expected);
    let lines: Vec<_> = shipped().source().policies.lines().collect();
    for policy in &policies {
        assert!(policy.description.is_some() && policy.title != policy.id, "{}", policy.id);
        assert_eq!(lines[policy.line as usize - 1], format!("@id(\"{}\")", policy.id));
        assert!(policy.text.starts_with("@id(") && policy.text.ends_with(';'), "{}", policy.text);
        assert_eq!(policy.requirement.is_some(), policy.effect == Effect::Guard);
    }
}

#[test]
fn one_engine_answers_many_threads() {
    let answer = shipped().decide(&question()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(shipped().decide(&question()).unwrap(), answer));
        }
    });
}
