//! The questions that an admin asks of an edit.

use countersign_policy::compare;
use domain::outcome::Outcome;
use domain::policy::{Aspect, Direction, Proved};

use crate::fixtures::{compared, edited, engine, on, patient, proof, proved, shipped, two};

use Proved::{Never, Sometimes};

#[test]
fn asking_one_person_instead_of_two_is_shown_with_a_request_in_production() {
    let (draft, live) = (engine(&shipped()), engine(&two()));
    let comparison = compare(&draft, &live, &patient(), &on);
    assert_eq!(proved(&comparison), [[Never, Never], [Never, Never], [Sometimes, Never]]);
    let widens = proof(&comparison, Aspect::Approvers, Direction::Widens);
    assert_eq!(widens.counterexamples.len(), 4, "two kinds of principal, two actions");
    for example in &widens.counterexamples {
        assert_eq!((example.live, example.draft), (Outcome::RequireApproval, Outcome::Allow));
        assert_eq!(example.question.env, "prod");
        assert_eq!(example.question.approval.as_ref().unwrap().approvers, 1);
        assert_eq!(live.decide(&example.question).unwrap().outcome, example.live);
        assert_eq!(draft.decide(&example.question).unwrap().outcome, example.draft);
    }
    assert_eq!(
        widens.counterexamples.last().unwrap().sentence,
        "`user:usr_somebody` does `pipelines:execute` to `pipeline:some/thing` in `prod`, approved by 1: \
         live asks for 2 approvers, the draft allows it"
    );
    assert_eq!((comparison.changed.as_slice(), comparison.added.len()), (&["prod-needs-approval".to_owned()][..], 0));
    assert!(comparison.findings.is_empty(), "{:#?}", comparison.findings);
}

#[test]
fn the_same_set_is_proved_without_a_question_to_the_solver() {
    let nowhere = countersign_policy::SolverOptions { program: Some("/nowhere".into()), ..patient() };
    let reworded = format!("// A comment.\n{}", edited("@title(\"Scopes permit\")", "@title(\"Scopes  allow\")"));
    let comparison = compare(&engine(&reworded), &engine(&shipped()), &nowhere, &on);
    assert_eq!(proved(&comparison), [[Never; 2]; 3]);
    assert_eq!(comparison.changed, ["scopes-permit"]);
}

#[test]
fn a_guard_that_is_removed_shows_in_what_runs_unattended() {
    let (_, guard) =
        shipped().split_once("@id(\"prod-needs-approval\")").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let (guard, _) = guard.split_once("@id(\"break-glass\")").unwrap();
    let draft = shipped().replace(&format!("@id(\"prod-needs-approval\"){guard}"), "");
    let comparison = compared(&draft, &shipped());
    assert_eq!(proved(&comparison)[0], [Never, Never]);
    assert_eq!(proved(&comparison)[1], [Sometimes, Never]);
    let unattended = proof(&comparison, Aspect::Unattended, Direction::Widens);
    let sentence = &unattended.counterexamples[0].sentence;
    assert_eq!(
        sentence,
        "`service_account:some-account` does `deploy.app.update` to `app:some/thing` in `prod`: \
         live asks for 1 approver, the draft allows it"
    );
    assert_eq!(comparison.removed, ["prod-needs-approval"]);
}

#[test]
fn a_review_of_ones_own_ticket_shows_in_the_ceiling() {
    let draft = edited("resource.requester == principal.ref ||", "");
    let comparison = compared(&draft, &shipped());
    assert_eq!(proved(&comparison), [[Sometimes, Never], [Never; 2], [Never; 2]]);
    let example = &proof(&comparison, Aspect::Ceiling, Direction::Widens).counterexamples[0];
    let ticket = example.ticket.as_ref().unwrap();
    assert_eq!(ticket.requester, example.question.principal.reference());
    assert_eq!(
        example.sentence,
        "`user:usr_somebody` reviews its own ticket in `prod`: live denies it, the draft allows it"
    );
}

/// The guard and the permit by themselves show a request. Others that did not change may be in its way.
#[test]
fn what_a_few_policies_show_is_only_said_if_the_whole_set_bears_it_out() {
    let set = |approvers: u32, forbidden: &[&str]| {
        let forbids = forbidden.iter().enumerate().map(|(at, when)| {
            format!("@id(\"no-{at}\") forbid (principal, action in Action::\"operate\", resource) when {{ {when} }};")
        });
        format!(
            r#"@id("all") permit (principal, action, resource);
            @id("guard") @require_approval
            forbid (principal, action in [Action::"execute", Action::"deploy"], resource)
            when {{ resource.env == Environment::"prod" }}
            unless {{
              context has approval && context.approval.approvers >= {approvers} &&
              context.now < context.approval.expiresAt
            }};
            {}"#,
            forbids.collect::<Vec<_>>().join("\n")
        )
    };
    let most = ["principal is User", "resource has workspace", "principal.scopes.isEmpty()"];
    let all = [most.as_slice(), &["principal is ServiceAccount"]].concat();
    for (forbidden, expected) in [(most.as_slice(), Proved::Sometimes), (&all, Proved::Never)] {
        let comparison = compared(&set(1, forbidden), &set(2, forbidden));
        let approvers = proof(&comparison, Aspect::Approvers, Direction::Widens);
        assert_eq!(approvers.proved, expected, "{forbidden:?}: {approvers:#?}");
        for example in &approvers.counterexamples {
            assert_eq!((example.draft, example.live), (Outcome::Allow, Outcome::RequireApproval));
        }
    }
}
