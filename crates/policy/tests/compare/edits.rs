//! Twenty edits, each proved and each tried on a small world of questions: what is proved never to be, is in no question of
//! that world, and what is shown to be, the engine bears out.

use countersign_policy::{Engine, Question, compare};
use domain::outcome::Outcome;
use domain::policy::{Aspect, Comparison, Direction, Proved};

use crate::fixtures::{ASPECTS, DIRECTIONS, few_actions, on, patient, proof, with_schema};
use crate::world::world;

/// A small set, so that it is quick to prove: a permit, a forbid, a guard.
const LIVE: &str = r#"
@id("permit") permit (principal, action, resource) when { principal.scopes.contains(context.scope) };
@id("stay") forbid (principal, action in Action::"operate", resource)
unless { principal.workspaces.isEmpty() || (resource has workspace && principal.workspaces.contains(resource.workspace)) };
@id("guard") @require_approval forbid (principal, action in [Action::"execute", Action::"deploy"], resource)
when { resource.env == Environment::"prod" }
unless { context has approval && context.approval.approvers >= 2 && context.now < context.approval.expiresAt };
"#;

/// What is replaced by what; an empty text to replace appends.
const EDITS: [(&str, &str, &str); 20] = [
    ("fewer approvers", "approvers >= 2", "approvers >= 1"),
    ("more approvers", "approvers >= 2", "approvers >= 3"),
    ("a group more", "approvers >= 2", r#"approvers >= 2 && context.approval.groups.contains(Team::"sre")"#),
    (
        "another group instead of a second person",
        "approvers >= 2",
        r#"approvers >= 1 && context.approval.groups.contains(Team::"sre")"#,
    ),
    (
        "an environment more",
        r#"resource.env == Environment::"prod""#,
        r#"[Environment::"prod", Environment::"staging"].contains(resource.env)"#,
    ),
    ("another environment", r#"Environment::"prod""#, r#"Environment::"dev""#),
    (
        "the guard for accounts alone",
        "@require_approval forbid (principal,",
        "@require_approval forbid (principal is ServiceAccount,",
    ),
    ("the guard for deploys alone", r#"in [Action::"execute", Action::"deploy"]"#, r#"in [Action::"deploy"]"#),
    (
        "the guard not for one team",
        r#"when { resource.env == Environment::"prod" }"#,
        r#"when { resource.env == Environment::"prod" && !(principal in Team::"sre") }"#,
    ),
    (
        "the guard not for one pipeline",
        r#"when { resource.env == Environment::"prod" }"#,
        r#"when { resource.env == Environment::"prod" && resource.ref != "pipeline:shop" }"#,
    ),
    ("no scope needed", "when { principal.scopes.contains(context.scope) }", ""),
    (
        "no permit at all",
        "permit (principal, action, resource)",
        r#"permit (principal, action == Action::"logs:read", resource)"#,
    ),
    (
        "workspaces do not count",
        r#"forbid (principal, action in Action::"operate", resource)"#,
        r#"forbid (principal, action == Action::"logs:read", resource)"#,
    ),
    (
        "the same in other words",
        r#"resource.env == Environment::"prod" }"#,
        r#"!(resource.env != Environment::"prod") }"#,
    ),
    (
        "another permit that is covered",
        "",
        r#"@id("more") permit (principal, action == Action::"logs:read", resource) when { principal.scopes.contains("logs:read") };"#,
    ),
    (
        "another permit that is not",
        "",
        r#"@id("more") permit (principal in Team::"sre", action == Action::"logs:read", resource);"#,
    ),
    (
        "a forbid more",
        "",
        r#"@id("more") forbid (principal, action, resource) when { context has ip && context.ip.isInRange(ip("10.0.0.0/8")) };"#,
    ),
    (
        "a guard more",
        "",
        r#"@id("more") @require_approval forbid (principal, action == Action::"logs:read", resource) unless { context has approval && context.approval.approvers >= 1 && context.now < context.approval.expiresAt };"#,
    ),
    (
        "a forbid that a forbid covers",
        "",
        r#"@id("more") forbid (principal, action == Action::"logs:read", resource) when { principal.workspaces.contains("a") && !(resource has workspace) };"#,
    ),
    (
        "a forbid that can fail",
        "",
        r#"@id("more") forbid (principal, action == Action::"logs:read", resource) when { context.now.offset(duration("9223372036854775807ms")) < context.now };"#,
    ),
];

fn edit(from: &str, to: &str) -> String {
    if from.is_empty() {
        return format!("{LIVE}{to}");
    }
    assert!(LIVE.contains(from), "{from}");
    LIVE.replacen(from, to, 1)
}

pub(crate) fn outcomes(engine: &Engine, questions: &[Question]) -> Vec<Outcome> {
    questions.iter().map(|question| engine.decide(question).unwrap().outcome).collect()
}

/// Whether one question shows what an aspect is about.
fn shows(aspect: Aspect, approved: bool, from: Outcome, to: Outcome) -> bool {
    match aspect {
        Aspect::Ceiling => !approved && from != Outcome::Deny && to == Outcome::Deny,
        Aspect::Unattended => !approved && from == Outcome::Allow && to != Outcome::Allow,
        Aspect::Approvers => approved && from == Outcome::Allow && to != Outcome::Allow,
    }
}

pub(crate) fn check(
    name: &str,
    comparison: &Comparison,
    draft: &Engine,
    live: &Engine,
    questions: &[Question],
    told: [&[Outcome]; 2],
) {
    for aspect in ASPECTS {
        for direction in DIRECTIONS {
            let proof = proof(comparison, aspect, direction);
            let pair = |at: usize| match direction {
                Direction::Widens => (told[0][at], told[1][at]),
                Direction::Narrows => (told[1][at], told[0][at]),
            };
            let found = (0..questions.len()).find(|at| {
                let (from, to) = pair(*at);
                shows(aspect, questions[*at].approval.is_some(), from, to)
            });
            if let (Proved::Never, Some(at)) = (proof.proved, found) {
                panic!("{name}: {} but for {:#?}", proof.sentence, questions[at]);
            }
            assert_eq!(proof.proved == Proved::Sometimes, !proof.counterexamples.is_empty(), "{name}");
            for example in proof.counterexamples.iter().filter(|example| example.ticket.is_none()) {
                let outcomes = [draft, live].map(|engine| engine.decide(&example.question).unwrap().outcome);
                assert_eq!(outcomes, [example.draft, example.live], "{name}");
                let (from, to) = match direction {
                    Direction::Widens => (example.draft, example.live),
                    Direction::Narrows => (example.live, example.draft),
                };
                assert!(shows(aspect, example.question.approval.is_some(), from, to), "{name}: {}", example.sentence);
            }
        }
    }
}

#[test]
fn what_is_proved_of_twenty_edits_is_so_in_a_small_world() {
    let schema = few_actions();
    let live = with_schema(&schema, LIVE);
    let questions = world();
    let before = outcomes(&live, &questions);
    let mut known = 0;
    for (name, from, to) in EDITS {
        let text = edit(from, to);
        let draft = with_schema(&schema, &text);
        let comparison = compare(&draft, &live, &patient(), &on);
        check(name, &comparison, &draft, &live, &questions, [&outcomes(&draft, &questions), &before]);
        known += comparison.proofs.iter().filter(|proof| proof.proved != Proved::Unknown).count();
        if comparison.proofs.iter().any(|proof| proof.proved == Proved::Unknown) {
            assert_eq!(name, "a forbid that can fail", "{:#?}", comparison.proofs);
        }
    }
    assert!(known >= 19 * 6, "{known} proofs of 120 are known");
}
