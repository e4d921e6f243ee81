//! What a report says to people, and how a replay is watched and stopped.

use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;
use std::sync::Arc;

use countersign_policy::replay::{Baseline, Narrower, Stopped, replay};
use countersign_policy::{Approval, Engine, PolicySource, Question};
use domain::outcome::Outcome;
use domain::policy::Case;
use domain::policy::replay::{Flip, Progress, SkipReason};

use crate::fixtures::{decided, history, question, replayed, shipped, two};

fn approved(minutes: u32) -> Question {
    let granted_at = question().now.plus(60 * minutes);
    let approval =
        Approval { approvers: 1, groups: vec![], granted_at, expires_at: granted_at.plus(900), ticket: None };
    Question { now: granted_at.plus(60), approval: Some(approval), ..question() }
}

#[test]
fn one_approver_instead_of_two_is_shown_with_what_it_would_have_let_happen() {
    let questions = [question(), approved(1), approved(2), Question { env: "dev".to_owned(), ..question() }];
    let decisions: Vec<_> =
        questions.iter().enumerate().map(|(number, asked)| decided(number, asked, &two())).collect();
    let report = replayed(&decisions, &two(), &shipped(), None);
    let (approval, allow) = (Outcome::RequireApproval, Outcome::Allow);
    let flips: Vec<_> = report.flips.iter().map(|group| (group.flip, group.count, group.widens)).collect();
    assert_eq!(
        flips,
        [(Flip { from: approval, to: allow }, 2, true), (Flip { from: approval, to: approval }, 1, true)]
    );
    assert_eq!((report.same, report.drift.unexplained, report.drift.by_older_sets), (1, 0, 0));
    let sample = &report.flips[0].samples[0];
    let sentence = "`pipelines:execute` on `pipeline:billing/nightly` in `prod` by `service_account:ci` would be allowed; by the \
        policies in force it needs 2 approvers";
    assert_eq!((sample.sentence.as_str(), sample.alike), (sentence, 2));
    assert_eq!(
        (sample.before.as_slice(), sample.after.as_slice()),
        (&["prod-needs-approval".to_owned()][..], &["scopes-permit".to_owned()][..])
    );
    let fewer = &report.flips[1].samples[0];
    assert!(
        fewer.sentence.ends_with("by `service_account:ci` would need 1 approver instead of 2"),
        "{}",
        fewer.sentence
    );
    assert_eq!((fewer.approvers_before, fewer.approvers_after), (Some(2), Some(1)));
    let case = Case::of(&sample.question, sample_outcome(&two(), &sample.question), "production needs two");
    assert_eq!((two().test(std::slice::from_ref(&case)).failed, shipped().test(&[case]).failed), (0, 1));
}

fn sample_outcome(engine: &Engine, question: &Question) -> Outcome {
    engine.decide(question).unwrap().outcome
}

#[test]
fn the_other_way_round_it_narrows() {
    let decisions = [decided(0, &approved(1), &shipped())];
    let report = replayed(&decisions, &shipped(), &two(), None);
    assert_eq!((report.flips[0].flip.to, report.flips[0].widens), (Outcome::RequireApproval, false));
    assert_eq!((report.principals[0].flips, report.principals[0].widening), (1, 0));
}

#[test]
fn what_was_answered_otherwise_by_the_very_set_is_named() {
    let mut forged = decided(3, &question(), &shipped());
    forged.answer.outcome = Outcome::Allow;
    forged.answer.requirement = None;
    let older = decided(4, &question(), &two());
    let report = replayed(&[forged, older, decided(5, &question(), &shipped())], &shipped(), &shipped(), None);
    assert_eq!((report.drift.unexplained, report.drift.by_older_sets), (1, 1));
    assert_eq!(report.drift.examples, ["dec_00000000000000000000000003"]);
    assert_eq!((report.same, report.flips.len()), (3, 0), "what was recorded is not what is compared");
}

#[test]
fn what_the_draft_cannot_be_asked_is_skipped_with_an_example() {
    let mut source = PolicySource::shipped();
    source.schema = source.schema.replace("\"staging\", \"prod\"", "\"prod\"");
    let draft = Engine::compile(source).unwrap();
    let decisions = [
        decided(0, &Question { env: "staging".to_owned(), ..question() }, &shipped()),
        decided(1, &Question { resources: vec![], ..question() }, &shipped()),
        decided(2, &question(), &shipped()),
    ];
    let report = replayed(&decisions, &shipped(), &draft, None);
    assert_eq!((report.coverage.recorded, report.coverage.replayed), (3, 1));
    let skipped: Vec<_> = report.coverage.skipped.iter().map(|skipped| (skipped.reason, skipped.count)).collect();
    assert_eq!(skipped, [(SkipReason::NotInSchema, 1), (SkipReason::Incomplete, 1)]);
    let example = &report.coverage.skipped[0].example;
    assert!(example.starts_with("`dec_00000000000000000000000000`: `env` is `staging`"), "{example}");
    let back = replayed(&decisions[..1], &Arc::new(draft), &shipped(), None);
    let example = &back.coverage.skipped[0].example;
    assert!(example.contains("`, by the policies in force: `env` is `staging`"), "{example}");
}

#[test]
fn a_narrower_grant_shows_what_would_no_longer_work_and_gives_nobody_more() {
    let elsewhere = Question { resources: vec!["pipeline:shop/a".to_owned()], env: "dev".to_owned(), ..question() };
    let mut somebody = elsewhere.clone();
    "other".clone_into(&mut somebody.principal.id);
    let mut without = elsewhere.clone();
    without.principal.scopes.clear();
    let asked = [Question { env: "dev".to_owned(), ..question() }, elsewhere, somebody, without];
    let decisions: Vec<_> =
        asked.iter().enumerate().map(|(number, asked)| decided(number, asked, &shipped())).collect();
    let narrower = Narrower {
        principal: "service_account:ci".to_owned(),
        scopes: vec!["pipelines:execute".to_owned()],
        workspaces: Some(vec!["billing".to_owned()]),
    };
    let report = replayed(&decisions, &shipped(), &shipped(), Some(&narrower));
    let [group] = report.flips.as_slice() else { panic!("{:?}", report.flips) };
    assert_eq!((group.flip.from, group.flip.to, group.count), (Outcome::Allow, Outcome::Deny, 1));
    assert_eq!((group.samples[0].after.as_slice(), report.same), (&["stay-in-workspaces".to_owned()][..], 3));
    assert_eq!(report.basis.draft, report.basis.live);
}

#[test]
fn nothing_recorded_makes_an_empty_report() {
    let report = replayed(&[], &shipped(), &two(), None);
    assert_eq!((report.coverage.recorded, report.same, report.flips.len()), (0, 0, 0));
    assert_eq!((report.basis.from, report.basis.first_index, report.timeline.len()), (None, None, 0));
}

#[test]
fn whoever_waits_sees_it_go_on_and_can_stop_it() {
    let decisions: Vec<_> = (0..300_u32)
        .map(|number| {
            let resources = vec![format!("pipeline:billing/{number}")];
            decided(0, &Question { resources, ..question() }, &shipped())
        })
        .collect();
    let seen = RefCell::new(vec![]);
    let watched = |progress: Progress| {
        seen.borrow_mut().push(progress.done);
        assert_eq!(progress.total, Some(600));
        ControlFlow::Continue(())
    };
    replay(history(&decisions), shipped(), &two(), None, 2, &watched).unwrap();
    let seen = seen.into_inner();
    assert!(seen.is_sorted() && seen.last() == Some(&600) && seen.len() > 10, "{seen:?}");
    let count = Cell::new(0);
    for limit in 0..seen.len() {
        count.set(0);
        let stopped = |_| {
            count.set(count.get() + 1);
            if count.get() > limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        if limit % 5 == 0 {
            assert_eq!(replay(history(&decisions), shipped(), &two(), None, 2, &stopped), Err(Stopped));
        }
    }
}

#[test]
fn one_baseline_serves_many_drafts() {
    let decisions = [decided(0, &question(), &shipped()), decided(1, &approved(1), &shipped())];
    let go_on = |_| ControlFlow::Continue(());
    let baseline = Baseline::of(history(&decisions), shipped(), 1, &go_on).unwrap();
    for draft in [shipped(), two()] {
        let report = baseline.replay(&draft, None, &go_on).unwrap();
        assert_eq!(report, replayed(&decisions, &shipped(), &draft, None));
    }
}
