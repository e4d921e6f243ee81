//! What can be seen in the text of policies: what is odd, which names there are, and how they are laid out.

use countersign_policy::{PolicySource, PrincipalKind, format};
use domain::policy::finding::FindingKind;
use domain::scope::Catalogue;

use crate::fixtures::{PERMIT, engine, shipped};

fn findings(policies: &str) -> Vec<(FindingKind, String)> {
    let found = engine(policies).findings(&Catalogue::default());
    found.into_iter().map(|finding| (finding.kind, finding.sentence)).collect()
}

#[test]
fn a_policy_that_nothing_narrows_is_found_and_one_that_its_condition_narrows_is_not() {
    for open in [
        "permit (principal, action, resource);",
        r#"permit (principal, action, resource) when { resource.ref like "*" };"#,
        r#"permit (principal, action, resource)
        when { context.now.offset(duration("1h")) > context.now && resource.env == Environment::"dev" };"#,
    ] {
        let found = findings(&format!("@id(\"a\") {open}"));
        assert_eq!(found.len(), 1, "{open}: {found:?}");
        assert_eq!(found[0].0, FindingKind::Unscoped);
        assert!(found[0].1.starts_with("`a` is evaluated for every request"), "{found:?}");
    }
    for narrowed in [
        r#"permit (principal in Team::"sre", action, resource);"#,
        r#"permit (principal, action in Action::"read", resource);"#,
        "permit (principal, action, resource is App);",
        r#"permit (principal, action, resource) when { resource.env == Environment::"dev" };"#,
        r#"permit (principal, action, resource) when { principal in [Team::"a", Team::"b"] || principal.ref == "user:c" };"#,
    ] {
        assert_eq!(findings(&format!("@id(\"a\") {narrowed}")), [], "{narrowed}");
    }
}

#[test]
fn nothing_is_odd_about_what_ships() {
    assert_eq!(shipped().findings(&Catalogue::default()), []);
}

#[test]
fn a_scope_that_nobody_can_hold_is_found_where_it_is_asked_for() {
    let found = findings(
        r#"@id("a") permit (principal, action in Action::"read", resource) when { principal.scopes.contains("shop:refund") };
        @id("b") permit (principal, action in Action::"read", resource) when { principal.scopes.contains("workflows:read") };"#,
    );
    let words: Vec<_> = found.iter().map(|(_, sentence)| sentence.as_str()).collect();
    assert_eq!(
        words,
        [
            "`a` asks for the scope `shop:refund`, which the catalogue does not have, so that nobody holds it",
            "`b` asks for the scope `workflows:read`, which policies know as `pipelines:read`; write that",
        ]
    );
    let mut source = PolicySource::shipped();
    source.schema.push_str(
        "action \"shop:refund\" in [\"write\"] appliesTo { principal: [User], resource: [App], context: Circumstances };",
    );
    source.policies = PERMIT.to_owned();
    let engine = countersign_policy::Engine::compile(source).unwrap();
    let found = engine.findings(&Catalogue::default());
    assert_eq!((found.len(), found[0].kind, found[0].policy.as_str()), (1, FindingKind::UnknownScope, "permit"));
    let own = Catalogue::with([("shop:refund".to_owned(), "refund an order".to_owned())].into());
    assert_eq!(engine.findings(&own), []);
}

#[test]
fn the_outline_has_every_name_that_policies_and_questions_can_have() {
    let outline =
        engine(r#"@id("a") permit (principal in Team::"sre", action, resource) when { principal in Team::"dev" };"#)
            .outline();
    assert_eq!(outline.teams, ["dev", "sre"]);
    assert_eq!(outline.environments, ["dev", "test", "preview", "staging", "prod"]);
    assert!(outline.groups.contains(&"operate".to_owned()), "{:?}", outline.groups);
    let logs = outline.actions.iter().find(|action| action.name == "logs:read").unwrap();
    assert_eq!(logs.principals, [PrincipalKind::User, PrincipalKind::ServiceAccount]);
    assert_eq!(logs.resources, ["app", "pipeline"]);
    assert!(logs.groups.contains(&"read".to_owned()) && logs.groups.contains(&"operate".to_owned()), "{logs:?}");
    let kind = |name: &str| {
        let found = logs.context.iter().find(|attribute| attribute.name == name).unwrap();
        (found.kind.as_str(), found.optional)
    };
    assert_eq!(kind("now"), ("datetime", false));
    assert_eq!(kind("approval"), ("Record", true));
    assert_eq!(kind("approval.groups"), ("Set<Team>", false));
    assert_eq!(kind("executionMode"), ("ExecutionMode", true));
    let entity = |name: &str| outline.entities.iter().find(|entity| entity.name == name).unwrap();
    assert_eq!(entity("ExecutionMode").choices, ["local", "hybrid", "remote"]);
    assert_eq!(entity("User").within, ["Team"]);
    let scopes = entity("User").attributes.iter().find(|attribute| attribute.name == "scopes").unwrap();
    assert_eq!(scopes.kind, "Set<String>");
    assert!(outline.actions.iter().all(|action| action.name != "approve"));
    let publish = outline.actions.iter().find(|action| action.name == "policies:publish").unwrap();
    assert_eq!(publish.scope, "policies:write");
}

#[test]
fn what_is_laid_out_is_the_same_set_with_every_comment() {
    let untidy = "// first\n@id(\"a\")   permit(principal,action,\n\n resource) // why\n when{principal.scopes.contains(context.scope)};\n\n// last";
    let tidy = format(untidy).unwrap();
    for comment in ["// first", "// why", "// last"] {
        assert!(tidy.contains(comment), "{tidy}");
    }
    assert!(tidy.contains("when { principal.scopes.contains(context.scope) };"), "{tidy}");
    assert_eq!(format(&tidy).unwrap(), tidy);
    let shipped = PolicySource::shipped();
    let formatted = PolicySource { policies: format(&shipped.policies).unwrap(), ..shipped };
    let engine = countersign_policy::Engine::compile(formatted).unwrap();
    let ids = |engine: &countersign_policy::Engine| {
        engine.policies().into_iter().map(|policy| (policy.id, policy.requirement)).collect::<Vec<_>>()
    };
    assert_eq!(ids(&engine), ids(crate::fixtures::shipped()));
}

#[test]
fn what_does_not_parse_is_not_laid_out() {
    let error = format("@id(\"a\") permit (principal action, resource);").unwrap_err();
    assert_eq!((error.problems[0].line, error.problems[0].column), (1, 28), "{error}");
    assert!(
        format("permit (principal == ?principal, action, resource);").unwrap_err().to_string().contains("template")
    );
    assert!(format(&"(".repeat(40)).unwrap_err().to_string().contains("nested"));
    let commented = "// nothing yet\n\n// forbid (principal, action, resource);\n";
    assert_eq!((format(""), format(commented)), (Ok(String::new()), Ok(commented.to_owned())));
}
