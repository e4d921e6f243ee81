//! An explanation says of every policy what it does with a question, and agrees with the answer.

use countersign_policy::{Effect, Question, Standing};

use crate::fixtures::{PERMIT, approval, engine, guard, question};

/// Standing, whether it determined the answer, and words, of each policy.
fn explained(policies: &str, question: &Question) -> Vec<(Standing, bool, String)> {
    let engine = engine(policies);
    let explained = engine.explain(question).unwrap();
    assert_eq!(explained.answer, engine.decide(question).unwrap());
    explained.policies.into_iter().map(|policy| (policy.standing, policy.determining, policy.sentence)).collect()
}

fn one(policy: &str, question: &Question) -> (Standing, String) {
    let (standing, _, sentence) = explained(&format!("@id(\"p\") {policy};"), question).remove(0);
    (standing, sentence)
}

#[test]
fn each_policy_is_told_in_the_order_of_the_text() {
    let nobody =
        r#"@id("nobody") @description("Nobody stops.") forbid (principal, action in Action::"stop", resource);"#;
    let text = [nobody, PERMIT, &guard("prod-needs-two", "", 2, r#"&& context.approval.groups.contains(Team::"sre")"#)];
    let told = explained(&text.join("\n"), &question());
    assert_eq!(
        told,
        [
            (
                Standing::OutOfScope,
                false,
                "`nobody` is about actions of `stop`, and `pipelines:execute` is none".to_owned()
            ),
            (Standing::Applying, false, "`permit` permits it".to_owned()),
            (
                Standing::Applying,
                true,
                "`prod-needs-two` requires 2 approvers, with somebody from `sre` among them; this request has 0"
                    .to_owned()
            ),
        ]
    );
    let effects = engine(&text.join("\n")).explain(&question()).unwrap().policies;
    let effects: Vec<_> = effects.into_iter().map(|policy| policy.effect).collect();
    assert_eq!(effects, [Effect::Forbid, Effect::Permit, Effect::Guard]);
}

#[test]
fn a_guard_that_the_approval_lifts_says_so_and_one_that_is_not_about_it_does_not() {
    let approved = Question { approval: Some(approval()), ..question() };
    let text = format!("{PERMIT}\n{}", guard("g", "", 1, ""));
    assert_eq!(explained(&text, &approved)[1].2, "`g` is lifted by the approval of this request");
    assert!(explained(&text, &approved)[0].1, "the permit determines it now");
    let elsewhere = Question { env: "dev".to_owned(), ..approved };
    let (standing, determining, sentence) = explained(&text, &elsewhere).remove(1);
    assert_eq!((standing, determining), (Standing::NotApplying, false));
    assert_eq!(sentence, "the conditions of `g` do not hold: it is about the environment `prod`, and this is `dev`");
}

#[test]
fn what_does_not_fit_is_named() {
    let ask = |policy: &str| one(policy, &question());
    for (policy, words) in [
        ("permit (principal is User, action, resource)", "principals of type `User`, and this is a `ServiceAccount`"),
        (
            r#"permit (principal in Team::"sre", action, resource)"#,
            "`Team::\"sre\"`, and this is `service_account:billing-ci`",
        ),
        (
            r#"permit (principal, action == Action::"logs:read", resource)"#,
            "`logs:read`, and this is `pipelines:execute`",
        ),
        ("permit (principal, action, resource is App)", "resources of type `App`, and this is a `Pipeline`"),
        (
            r#"permit (principal, action, resource == Pipeline::"x")"#,
            "`Pipeline::\"x\"`, and this is `pipeline:billing/nightly`",
        ),
    ] {
        assert_eq!(ask(policy), (Standing::OutOfScope, format!("`p` is about {words}")), "{policy}");
    }
    for (condition, words) in [
        (
            r#"resource has workspace && resource.workspace == "shop""#,
            ": it is about the workspace `shop`, and this is in `billing`",
        ),
        (
            r#"["logs:read"].contains(context.scope)"#,
            ": it is about the scope `logs:read`, and `pipelines:execute` needs `pipelines:execute`",
        ),
        (r#"resource.ref like "x*""#, ""),
    ] {
        let policy = format!("permit (principal, action in Action::\"operate\", resource) when {{ {condition} }}");
        assert_eq!(ask(&policy), (Standing::NotApplying, format!("the conditions of `p` do not hold{words}")));
    }
    let mut nobody = question();
    nobody.principal.scopes.clear();
    let (_, sentence) =
        one("permit (principal, action, resource) when { principal.scopes.contains(context.scope) }", &nobody);
    assert!(
        sentence
            .ends_with("it asks for the scope `pipelines:execute`, which `service_account:billing-ci` does not hold"),
        "{sentence}"
    );
}

#[test]
fn what_fails_says_what_that_means() {
    let fails = r#"when { context.now.offset(duration("9223372036854775807ms")) > context.now }"#;
    let (standing, permit) = one(&format!("permit (principal, action, resource) {fails}"), &question());
    assert_eq!(standing, Standing::Failing);
    assert!(permit.starts_with("`p` cannot be evaluated, so it permits nothing: "), "{permit}");
    let (_, forbid) = one(&format!("forbid (principal, action, resource) {fails}"), &question());
    assert!(forbid.starts_with("`p` cannot be evaluated, so it counts as forbidding: "), "{forbid}");
}

#[test]
fn of_several_resources_the_one_counts_that_a_policy_does_most_with() {
    let several = Question {
        resources: vec!["pipeline:billing/nightly".to_owned(), "pipeline:shop/nightly".to_owned()],
        ..question()
    };
    let (standing, _) = one(r#"forbid (principal, action, resource == Pipeline::"shop/nightly")"#, &several);
    assert_eq!(standing, Standing::Applying);
}

#[test]
fn a_question_that_cannot_be_asked_cannot_be_explained() {
    let error = engine(PERMIT).explain(&Question { env: "moon".to_owned(), ..question() }).unwrap_err();
    assert_eq!(error.field(), "env");
}
