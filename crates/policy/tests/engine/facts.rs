//! What the host knows: it reaches policies that have a place for it, and disturbs none that have not.

use std::collections::BTreeMap;

use countersign_policy::{Declared, Engine, KnownResource, PolicySource, Question};
use domain::outcome::Outcome;

use crate::fixtures::{PERMIT, account, approval, engine, person, question, reviewer, shipped, ticket};

/// The set that was shipped before there were facts.
fn before() -> Engine {
    let (schema, policies) = (include_str!("before/schema.cedarschema"), include_str!("before/policies.cedar"));
    Engine::compile(PolicySource::new(schema.to_owned(), policies.to_owned())).unwrap()
}

fn everything() -> KnownResource {
    KnownResource {
        allowed_accounts: Some(vec!["web-deployer".to_owned()]),
        max_duration_seconds: Some(600),
        owner: Some("web-deployer".to_owned()),
        trusted: vec!["reporting-agent".to_owned()],
        workspace: Some("shop".to_owned()),
        widens: Some(true),
    }
}

fn knowing(known: KnownResource) -> Question {
    Question { known: BTreeMap::from([("pipeline:billing/nightly".to_owned(), known)]), ..question() }
}

fn with_all_facts() -> Question {
    let mut asked = knowing(everything());
    asked.principal.owner = Some("user:usr_owner".to_owned());
    asked.context.break_glass = Some("the database burns".to_owned());
    asked.context.known_network = Some(false);
    asked
}

/// Whether a forbid with this condition applies.
fn holds(condition: &str, asked: &Question) -> bool {
    let forbid = format!(
        "@id(\"f\") forbid (principal is ServiceAccount, action == Action::\"pipelines:execute\", resource) when {{ {condition} }};"
    );
    engine(&[PERMIT, &forbid].concat()).decide(asked).unwrap().outcome == Outcome::Deny
}

#[test]
fn a_set_from_before_there_were_facts_answers_as_it_always_did() {
    let before = before();
    let known = "sha256:c6e2cade510b7fb86f5cc63680d6148c5474fb517264f418fafa59e64884559a";
    assert_ne!(before.digest(), shipped().digest());
    assert_eq!(before.digest().to_string(), known);
    for approval in [None, Some(approval())] {
        let plain = before.decide(&Question { approval: approval.clone(), ..question() }).unwrap();
        let facts = before.decide(&Question { approval, ..with_all_facts() }).unwrap();
        assert_eq!((plain.outcome, &plain.reasons), (facts.outcome, &facts.reasons));
    }
    assert!(before.may_review(&reviewer(person("usr_ada")), &ticket()).unwrap().allowed);
}

#[test]
fn how_long_a_pipeline_may_run_counts_under_every_schema() {
    let requires = |asked: &Question| before().decide(asked).unwrap().requirement.unwrap().max_duration_seconds;
    assert_eq!(requires(&question()), None);
    assert_eq!(requires(&with_all_facts()), Some(600));
}

#[test]
fn the_shortest_of_all_time_limits_is_required() {
    let guard = crate::fixtures::guard("g", "@max_duration(\"10m\")", 1, "");
    let engine = engine(&[PERMIT, &guard].concat());
    let (one, other) = ("pipeline:billing/nightly", "pipeline:billing/hourly");
    let requires = |limits: [Option<u32>; 2]| {
        let known = [one, other].into_iter().zip(limits).map(|(name, max_duration_seconds)| {
            (name.to_owned(), KnownResource { max_duration_seconds, ..KnownResource::default() })
        });
        let resources = vec![one.to_owned(), other.to_owned()];
        let asked = Question { resources, known: known.collect(), ..question() };
        engine.decide(&asked).unwrap().requirement.unwrap().max_duration_seconds
    };
    assert_eq!(requires([None, None]), Some(600));
    assert_eq!(requires([Some(900), None]), Some(600));
    assert_eq!(requires([Some(900), Some(300)]), Some(300));
}

#[test]
fn policies_read_every_fact() {
    let asked = with_all_facts();
    for condition in [
        r#"resource has allowedAccounts && resource.allowedAccounts == ["service_account:web-deployer"]"#,
        "resource has maxDuration && resource.maxDuration == 600",
        r#"resource has owner && resource.owner == "service_account:web-deployer""#,
        r#"resource has trusted && resource.trusted.contains("service_account:reporting-agent")"#,
        r#"resource has workspace && resource.workspace == "shop""#,
        r#"principal has owner && principal.owner == "user:usr_owner""#,
        r#"context has breakGlass && context.breakGlass == "the database burns""#,
        "context has knownNetwork && !context.knownNetwork",
    ] {
        assert!(holds(condition, &asked), "{condition}");
        assert!(!holds(condition, &question()), "{condition}");
    }
}

#[test]
fn nothing_is_there_of_what_is_not_known() {
    for absent in ["allowedAccounts", "maxDuration", "owner", "trusted"] {
        assert!(holds(&format!("!(resource has {absent})"), &knowing(KnownResource::default())), "{absent}");
    }
    assert!(holds(r#"resource has workspace && resource.workspace == "billing""#, &knowing(KnownResource::default())));
    let nobody = knowing(KnownResource { allowed_accounts: Some(vec![]), ..KnownResource::default() });
    assert!(holds("resource has allowedAccounts && resource.allowedAccounts.isEmpty()", &nobody));
}

#[test]
fn an_attribute_of_somebody_elses_that_has_the_name_of_a_fact_is_left_alone() {
    let schema = include_str!("before/schema.cedarschema");
    let schema = schema
        .replace("workspace?: String,", "workspace?: String, owner?: Team, maxDuration?: Long,")
        .replace("ip?: ipaddr,", "ip?: ipaddr, breakGlass?: Bool,");
    let forbid = r#"@id("f") forbid (principal, action == Action::"pipelines:execute", resource)
        when { resource has owner || context has breakGlass || (resource has maxDuration && resource.maxDuration > 500) };"#;
    let engine = Engine::compile(PolicySource::new(schema, [PERMIT, forbid].concat())).unwrap();
    let short = KnownResource { max_duration_seconds: Some(500), ..everything() };
    let asked = Question { context: with_all_facts().context, ..knowing(short) };
    assert_eq!(engine.decide(&asked).unwrap().outcome, Outcome::Allow);
    assert_eq!(engine.decide(&with_all_facts()).unwrap().outcome, Outcome::Deny, "what fits is there");
}

#[test]
fn a_question_from_before_there_were_facts_reads_back() {
    let recorded = r#"{"principal": {"kind": "service_account", "id": "billing-ci", "name": "Billing CI", "teams": ["billing"],
        "scopes": ["pipelines:execute"], "workspaces": []}, "action": "pipelines:execute",
        "resources": ["pipeline:billing/nightly"], "env": "prod", "context": {"execution_context": "cli"},
        "now": "2026-11-22T05:10:00.000Z", "approval": {"approvers": 1, "groups": [],
        "granted_at": "2026-11-22T05:05:00.000Z", "expires_at": "2026-11-22T05:20:00.000Z"}}"#;
    let read: Question = serde_json::from_str(recorded).unwrap();
    assert!(read.known.is_empty() && read.principal.owner.is_none());
    assert_eq!(read.context.break_glass, None);
    assert_eq!(before().decide(&read).unwrap().outcome, Outcome::Allow);
}

#[test]
fn facts_that_could_only_be_mistakes_are_refused_by_name() {
    let refusal = |asked: Question| shipped().decide(&asked).unwrap_err().to_string();
    let elsewhere = Question { known: BTreeMap::from([("pipeline:billing".to_owned(), everything())]), ..question() };
    let expected = "`known` is `pipeline:billing`; it should be one of `resources`, letter by letter";
    assert_eq!(refusal(elsewhere), expected);
    let spelled = KnownResource { owner: Some("service_account:ci".to_owned()), ..KnownResource::default() };
    let told = refusal(knowing(spelled));
    let expected = "`known[pipeline:billing/nightly].owner` is `service_account:ci`; it should be the name of a service account alone";
    assert!(told.starts_with(expected), "{told}");
    for reason in [String::new(), " \n".to_owned(), "x".repeat(501)] {
        let context = Declared { break_glass: Some(reason), ..Declared::default() };
        let told = refusal(Question { context, ..question() });
        assert!(told.starts_with("`context.break_glass` is `"), "{told}");
        assert!(told.ends_with("say in 1 to 500 characters what the emergency is, or leave it out"), "{told}");
    }
    let context = Declared { break_glass: Some("ü".repeat(500)), ..Declared::default() };
    assert!(shipped().decide(&Question { context, ..question() }).is_ok());
}

#[test]
fn publishing_is_asked_with_the_scope_that_is_for_drafts_and_publishing() {
    let set = format!("policy_set:{}", "ab".repeat(32));
    let publish = |scope: &str, widens| {
        let known = KnownResource { widens: Some(widens), ..KnownResource::default() };
        let known = BTreeMap::from([(set.clone(), known)]);
        let mut asked =
            Question { action: "policies:publish".to_owned(), resources: vec![set.clone()], known, ..question() };
        asked.principal = person("usr_ada");
        asked.principal.scopes = vec![scope.to_owned()];
        asked
    };
    let engine = engine(
        &[PERMIT, r#"@id("f") forbid (principal, action in Action::"govern", resource) when { resource has widens && resource.widens };"#]
            .concat(),
    );
    let outcome = |scope, widens| engine.decide(&publish(scope, widens)).unwrap().outcome;
    assert_eq!(outcome("policies:write", false), Outcome::Allow);
    assert_eq!(outcome("policies:write", true), Outcome::Deny);
    assert_eq!(outcome("policies:publish", false), Outcome::Deny);
    let error = before().decide(&publish("policies:write", false)).unwrap_err();
    assert_eq!(error.field(), "action", "a set from before has no such action: {error}");
    let unfit = Question { action: "policies:publish".to_owned(), principal: account(), ..question() };
    assert_eq!(shipped().decide(&unfit).unwrap_err().field(), "resources[0]");
}
