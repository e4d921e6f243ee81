//! What a set promises to keep, whatever its policies say.

use countersign_policy::{Engine, PolicySource, check_invariants};
use domain::outcome::Outcome;
use domain::policy::{Proved, SourceFile};

use crate::fixtures::{on, patient, with_invariants};

const UNATTENDED: &str = r#"
@id("prod-is-never-unattended") @title("Nothing in production runs unattended")
forbid (principal, action in [Action::"execute", Action::"deploy"], resource)
when { resource.env == Environment::"prod" }
unless { context has approval && context.approval.approvers >= 1 };
"#;

#[test]
fn an_invariant_that_the_shipped_set_keeps_is_proved() {
    let engine = with_invariants(UNATTENDED);
    let results = check_invariants(&engine, &patient(), &on);
    assert_eq!(results.len(), 1);
    assert_eq!((results[0].proved, results[0].kinds), (Proved::Never, 4), "{:#?}", results[0]);
    assert_eq!(results[0].sentence, "`prod-is-never-unattended` holds: proved for every possible request");
    let info = &engine.invariants()[0];
    assert_eq!((info.title.as_str(), info.line), ("Nothing in production runs unattended", 2));
}

/// Those that ship in comments are what an admin begins with.
#[test]
fn the_shipped_invariants_are_kept_once_they_are_uncommented_but_for_the_one_that_asks_for_two() {
    let shipped = PolicySource::shipped().invariants;
    assert!(with_invariants(&shipped).invariants().is_empty());
    let examples = shipped.lines().filter_map(|line| line.strip_prefix("// "));
    let examples: Vec<_> = examples.skip_while(|line| !line.starts_with("@id(")).collect();
    let engine = with_invariants(&examples.join("\n"));
    let results = check_invariants(&engine, &patient(), &on);
    let proved: Vec<_> = results.iter().map(|result| (result.id.as_str(), result.proved)).collect();
    assert_eq!(
        proved,
        [
            ("prod-is-never-unattended", Proved::Never),
            ("nobody-publishes-alone", Proved::Never),
            ("prod-needs-two", Proved::Sometimes)
        ]
    );
    let broken = &results[2].broken_by[0].question;
    assert_eq!(broken.approval.as_ref().unwrap().approvers, 1);
}

#[test]
fn an_invariant_that_is_broken_is_shown_with_a_request() {
    let engine = with_invariants(&UNATTENDED.replace("approvers >= 1", "approvers >= 2"));
    let results = check_invariants(&engine, &patient(), &on);
    assert_eq!(results[0].proved, Proved::Sometimes);
    for breach in &results[0].broken_by {
        assert_eq!(engine.decide(&breach.question).unwrap().outcome, Outcome::Allow);
        assert_eq!(breach.question.approval.as_ref().unwrap().approvers, 1);
    }
    assert_eq!(
        results[0].sentence,
        "`prod-is-never-unattended` is broken: `service_account:some-account` does `deploy.app.update` to \
         `app:some/thing` in `prod`, approved by 1, and the policies allow it"
    );
}

#[test]
fn what_is_wrong_with_invariants_is_told_with_its_place() {
    let told = |invariants: &str| {
        let source = PolicySource { invariants: invariants.to_owned(), ..PolicySource::shipped() };
        let error = Engine::compile(source).unwrap_err();
        assert!(error.problems.iter().all(|problem| problem.file == SourceFile::Invariants), "{error}");
        error.to_string()
    };
    for (text, complaint) in [
        ("permit (principal, action, resource);", "invariants:1:1: an invariant is a `permit`"),
        ("\nforbid (principal, action, resource);", "invariants:2:1: an invariant has no `@id`"),
        (r#"@id("a b") forbid (principal, action, resource);"#, "`@id` is `a b`, which cannot name an invariant"),
        (
            r#"@id("a") forbid (principal, action, resource); @id("a") forbid (principal, action, resource);"#,
            "`a` already names the invariant on line 1",
        ),
        (
            r#"@id("a") @require_approval forbid (principal, action, resource);"#,
            "`@require_approval` means nothing on an invariant",
        ),
        (r#"@id("a") forbid (principal, action, resource) when { resource.envv == 1 };"#, "envv"),
        (r#"@id("a") forbid (principal, action == Action::"fly", resource);"#, "fly"),
        (r#"@id("a") forbid (principal == ?principal, action, resource);"#, "an invariant has a slot"),
        ("forbid (", "invariants:1:"),
        (&"(".repeat(100), "nested more than 32 deep"),
    ] {
        assert!(told(text).contains(complaint), "{text}: {}", told(text));
    }
    assert!(told(&"x".repeat(10 << 20)).contains("10485760 bytes"));
}

#[test]
fn an_invariant_that_cannot_always_be_evaluated_is_not_said_to_hold() {
    let engine = with_invariants(
        r#"@id("fails") forbid (principal, action == Action::"logs:read", resource)
           when { context.now.offset(duration("9223372036854775807ms")) < context.now };"#,
    );
    let results = check_invariants(&engine, &patient(), &on);
    assert_eq!(results[0].proved, Proved::Unknown, "{:#?}", results[0]);
    assert!(results[0].sentence.contains("cannot be evaluated for every request"), "{}", results[0].sentence);
}
