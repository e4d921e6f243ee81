//! Questions: what does not fit the schema is refused by name, and a recorded question is the same question.

use countersign_policy::{Answer, Declared, ExecutionContext, ExecutionMode, PrincipalKind, Question};
use serde_json::json;

use crate::fixtures::{PERMIT, approval, engine, person, question, reviewer, shipped, ticket};

fn refusal(question: &Question) -> (String, String) {
    let error = shipped().decide(question).unwrap_err();
    (error.field().to_owned(), error.to_string())
}

#[test]
fn an_unknown_action_is_named_with_the_closest_first() {
    let (field, message) = refusal(&Question { action: "pipeline:execute".to_owned(), ..question() });
    assert_eq!(field, "action");
    let expected = "`action` is `pipeline:execute`, which the policy schema does not have; there are: `pipelines:execute`, `pipelines:stop`, ";
    assert!(message.starts_with(expected), "{message}");
    for group in ["execute", "approve", "operate"] {
        assert_eq!(refusal(&Question { action: group.to_owned(), ..question() }).0, "action", "{group}");
    }
}

#[test]
fn an_unknown_environment_is_named_with_the_closest_first() {
    let (field, message) = refusal(&Question { env: "production".to_owned(), ..question() });
    assert_eq!(field, "env");
    let expected = "`env` is `production`, which the policy schema does not have; there are: `prod`, ";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn an_unknown_or_unfit_resource_is_named_with_its_place() {
    let ask = |resource: &str| {
        let resources = vec!["pipeline:billing/nightly".to_owned(), resource.to_owned()];
        refusal(&Question { resources, ..question() })
    };
    let (field, message) = ask("pipelines:billing/nightly");
    assert_eq!(field, "resources[1]");
    let expected =
        "`resources[1]` is `pipelines:billing/nightly`, which the policy schema does not have; there are: `pipeline`, ";
    assert!(message.starts_with(expected), "{message}");
    assert!(!message.contains("ticket"), "{message}");
    let expected = "`resources[1]` is `app:shop`, but `pipelines:execute` is only for: `pipeline`";
    assert_eq!(ask("app:shop"), ("resources[1]".to_owned(), expected.to_owned()));
    for malformed in ["billing", ":billing", "pipeline:", ""] {
        let (field, message) = ask(malformed);
        assert!(message.ends_with("write it as `kind:name`, like `pipeline:billing/nightly`"), "{message}");
        assert_eq!(field, "resources[1]");
    }
    let (field, message) = refusal(&Question { resources: vec![], ..question() });
    assert_eq!((field.as_str(), message.contains("name at least one")), ("resources", true));
}

#[test]
fn what_is_quoted_is_short_and_one_line() {
    let (_, message) = refusal(&Question { env: format!("a\n\u{202e}{}", "x".repeat(1000)), ..question() });
    assert!(message.starts_with("`env` is `a\\n\\u{202e}xxx") && message.len() < 300, "{message}");
}

#[test]
fn an_address_is_an_address() {
    for bad in ["", "10.0.0.0/8", "localhost", "10.0.0.1:80"] {
        let context = Declared { ip: Some(bad.to_owned()), ..Declared::default() };
        let (field, message) = refusal(&Question { context, ..question() });
        assert_eq!(field, "context.ip", "{message}");
    }
    for good in ["192.0.2.1", "2001:db8::1", "::1", "::1.2.3.4", "::ffff:1.2.3.4"] {
        let context = Declared { ip: Some(good.to_owned()), ..Declared::default() };
        assert!(shipped().decide(&Question { context, ..question() }).is_ok(), "{good}");
    }
}

#[test]
fn a_principal_has_an_id_and_odd_names_do_no_harm() {
    let mut nobody = question();
    nobody.principal.id.clear();
    assert_eq!(refusal(&nobody).0, "principal.id");
    let mut odd = question();
    odd.principal.id = "a\"b\\c\0ü".to_owned();
    odd.principal.teams = vec!["\"".to_owned(), String::new()];
    odd.resources = vec!["pipeline:a:b\"c/ü".to_owned()];
    assert!(shipped().decide(&odd).is_ok());
}

#[test]
fn a_recorded_question_reads_back_as_the_same_question() {
    let full = Question {
        context: Declared {
            execution_mode: Some(ExecutionMode::Remote),
            execution_context: Some(ExecutionContext::Automated),
            break_glass: Some("the database burns".to_owned()),
            known_network: Some(true),
            ip: Some("192.0.2.1".to_owned()),
        },
        approval: Some(approval()),
        ..question()
    };
    for question in [question(), full] {
        let recorded = serde_json::to_string(&question).unwrap();
        let read: Question = serde_json::from_str(&recorded).unwrap();
        assert_eq!(read, question);
        assert_eq!(serde_json::to_string(&read).unwrap(), recorded);
        let answer = shipped().decide(&question).unwrap();
        assert_eq!(shipped().decide(&read).unwrap(), answer);
        let answer_read: Answer = serde_json::from_str(&serde_json::to_string(&answer).unwrap()).unwrap();
        assert_eq!(answer_read, answer);
    }
}

#[test]
fn the_recorded_form_is_stable_and_knows_no_other_fields() {
    let mut recorded = json!({
        "principal": {"kind": "service_account", "id": "billing-ci", "name": "Billing CI", "teams": ["billing"],
            "scopes": ["pipelines:execute", "deploy.app.update", "logs:read"], "workspaces": []},
        "action": "pipelines:execute",
        "resources": ["pipeline:billing/nightly"],
        "env": "prod",
        "context": {},
        "now": "2026-11-22T05:10:00.000Z",
    });
    assert_eq!(serde_json::to_value(question()).unwrap(), recorded);
    recorded["context"]["approval"] = json!({"approvers": 9});
    assert!(serde_json::from_value::<Question>(recorded.clone()).is_err(), "no approval by way of the context");
    recorded["context"] = json!({});
    recorded["surprise"] = json!(1);
    assert!(serde_json::from_value::<Question>(recorded).is_err());
}

#[test]
fn an_answer_names_the_policy_set_that_gave_it() {
    let other = engine(PERMIT);
    assert_ne!(other.digest(), shipped().digest());
    assert_eq!(other.decide(&question()).unwrap().policy_set, other.digest());
    let review = shipped().may_review(&reviewer(person("usr_ada")), &ticket()).unwrap();
    assert_eq!(review.policy_set, shipped().source().digest());
}

#[test]
fn an_action_for_people_is_refused_to_programs_by_name() {
    let mut source = countersign_policy::PolicySource::shipped();
    source.schema = source.schema.replace(
        "action \"pipelines:stop\" in [\"stop\"] appliesTo {\n  principal: [User, ServiceAccount]",
        "action \"pipelines:stop\" in [\"stop\"] appliesTo {\n  principal: [User]",
    );
    let engine = countersign_policy::Engine::compile(source).unwrap();
    let asked = Question { action: "pipelines:stop".to_owned(), ..question() };
    assert_eq!(asked.principal.kind, PrincipalKind::ServiceAccount);
    let error = engine.decide(&asked).unwrap_err();
    assert_eq!(error.to_string(), "`principal.kind` is `service_account`, but `pipelines:stop` is only for: `user`");
}
