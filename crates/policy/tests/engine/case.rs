//! Test cases: what fails says why, and what no case touches is named.

use domain::outcome::Outcome;
use domain::policy::Case;
use serde_json::{Value, json};

use crate::fixtures::{PERMIT, approval, engine, guard, question, shipped};
use countersign_policy::Question;

fn case(name: &str, changes: &Value) -> Case {
    let mut case = json!({
        "name": name, "principal": "service_account:ci", "action": "pipelines:execute",
        "resources": ["pipeline:billing/nightly"], "env": "prod", "expect": {"outcome": "require_approval"},
    });
    for (field, value) in changes.as_object().unwrap() {
        case[field] = value.clone();
    }
    serde_json::from_value(case).unwrap()
}

fn complaints(changes: &Value) -> Vec<String> {
    let report = shipped().test(&[case("one", changes)]);
    let result = &report.results[0];
    assert_eq!((result.passed, report.failed), (result.complaints.is_empty(), u32::from(!result.passed)));
    result.complaints.clone()
}

#[test]
fn a_review_is_a_case_too() {
    let review = |who: &str, expect: Value| {
        json!({"principal": who, "action": "approve", "resources": ["ticket:tkt_1"], "expect": expect,
        "ticket": {"requester": "service_account:ci", "on_behalf_of": ["user:usr_ada"],
        "action": "pipelines:execute", "resources": ["pipeline:billing/nightly"]}})
    };
    let denied = |because: &str| json!({"outcome": "deny", "because": [because]});
    let cases = [
        case(
            "somebody else reviews",
            &review("user:usr_eve", json!({"outcome": "allow", "because": ["scopes-permit"]})),
        ),
        case("not who is asked for", &review("user:usr_ada", denied("nobody-reviews-their-own"))),
        case("no account", &review("service_account:bot", denied("people-review"))),
    ];
    let report = shipped().test(&cases);
    assert_eq!((report.passed, report.failed), (3, 0), "{report:#?}");
    let untouched = |id: &str| report.untouched.iter().any(|policy| policy == id);
    assert!(!untouched("people-review") && !untouched("nobody-reviews-their-own"));
    let told = complaints(&review("user:usr_ada", json!({"outcome": "require_approval", "approvers": 1})));
    assert_eq!(told.len(), 2, "{told:?}");
    let told = complaints(&json!({"action": "approve", "resources": ["ticket:tkt_1"]}));
    assert!(told[0].contains("`ticket` is missing"), "{told:?}");
}

#[test]
fn a_suite_counts_what_passes_and_names_what_it_leaves_untouched() {
    let cases = [
        case(
            "production needs one",
            &json!({"expect": {"outcome": "require_approval", "because": ["prod-needs-approval"],
            "approvers": 1, "groups": []}}),
        ),
        case(
            "approved",
            &json!({"approval": {"approvers": 1}, "expect": {"outcome": "allow", "because": ["scopes-permit"]}}),
        ),
        case("too late", &json!({"approval": {"approvers": 1, "granted_seconds_ago": 900}})),
        case("not in dev", &json!({"env": "dev"})),
    ];
    let report = shipped().test(&cases);
    assert_eq!((report.passed, report.failed), (3, 1), "{report:#?}");
    let touched = ["scopes-permit", "prod-needs-approval"];
    let others = shipped().policies().into_iter().map(|policy| policy.id).filter(|id| !touched.contains(&id.as_str()));
    assert_eq!(report.untouched, others.collect::<Vec<_>>());
    let names: Vec<_> = report.results.iter().map(|result| result.name.as_str()).collect();
    assert_eq!(names, ["production needs one", "approved", "too late", "not in dev"]);
    let failed = &report.results[3];
    assert_eq!(failed.outcome, Some(Outcome::Allow));
    assert_eq!(
        failed.complaints,
        ["expected `require_approval`, got `allow`: A principal may do what its scopes name."]
    );
    let report = shipped().test(&[]);
    assert_eq!((report.passed, report.failed, report.untouched.len()), (0, 0, shipped().policies().len()));
}

#[test]
fn a_wrong_answer_is_told_with_what_led_to_it() {
    let got = complaints(&json!({"scopes": [], "expect": {"outcome": "allow"}}));
    assert_eq!(got, ["expected `allow`, got `deny`: no policy permits it"]);
    let got = complaints(&json!({"expect": {"outcome": "allow"}}));
    assert_eq!(
        got,
        ["expected `allow`, got `require_approval`: `prod-needs-approval` requires 1 approver; this request has 0"]
    );
    let wanted = json!({"expect": {"outcome": "require_approval", "because": ["scopes-permit", "prod-need-approval"]}});
    let got = complaints(&wanted);
    assert_eq!(got[0], "expected `scopes-permit` among its reasons, which are: `prod-needs-approval`");
    let unknown = "expected `prod-need-approval` among its reasons, but the set has no such policy; there are: `prod-needs-approval`, ";
    assert!(got[1].starts_with(unknown), "{got:?}");
}

#[test]
fn wrong_approvers_and_groups_are_told() {
    let two = json!({"expect": {"outcome": "require_approval", "approvers": 2, "groups": ["sre"]}});
    let got = complaints(&two);
    assert_eq!(
        got,
        [
            "expected 2 approvers, but it asks for 1",
            "expected approvers from `sre`, but it asks for none in particular"
        ]
    );
    let got = complaints(&json!({"env": "dev", "expect": {"outcome": "allow", "approvers": 1, "groups": []}}));
    assert_eq!(got[0], "expected 1 approver, but it asks for no approval");
    assert_eq!(got[1], "expected approvers from none in particular, but it asks for no approval");
}

#[test]
fn what_cannot_be_asked_names_the_field() {
    for (changes, field) in [
        (json!({"action": "pipeline:execute"}), "`action` is `pipeline:execute`"),
        (json!({"env": "production"}), "`env` is `production`"),
        (json!({"resources": []}), "`resources` is empty"),
        (json!({"resources": ["app:shop"]}), "`resources[0]` is `app:shop`"),
        (json!({"principal": "ci"}), "`principal` is `ci`"),
        (json!({"context": {"ip": "here"}}), "`context.ip` is `here`"),
    ] {
        let got = complaints(&changes);
        assert!(got.len() == 1 && got[0].starts_with(&format!("the question cannot be asked: {field}")), "{got:?}");
    }
}

#[test]
fn a_name_is_used_once_and_says_something() {
    let report = shipped().test(&[case("one", &json!({})), case("one", &json!({})), case(" ", &json!({}))]);
    let passed: Vec<_> = report.results.iter().map(|result| result.passed).collect();
    assert_eq!(passed, [true, false, false]);
    assert!(report.results[1].complaints[0].contains("same `name`"));
    assert!(report.results[2].complaints[0].contains("`name` is empty"));
}

#[test]
fn a_recorded_decision_becomes_a_case_that_passes_until_the_policies_change() {
    let two = engine(&[PERMIT, &guard("two", "", 2, "")].concat());
    let one = engine(&[PERMIT, &guard("two", "", 1, "")].concat());
    for asked in [question(), Question { approval: Some(approval()), ..question() }] {
        let answer = two.decide(&asked).unwrap();
        let case = Case::of(&asked, answer.outcome, "as it was");
        assert_eq!(two.test(std::slice::from_ref(&case)).failed, 0);
        assert_eq!(one.test(&[case]).failed, u32::from(asked.approval.is_some()));
    }
}
