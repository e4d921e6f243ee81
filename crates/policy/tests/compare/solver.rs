//! Programs that are no solver, or a broken one: everything is unknown, soon, and nothing is left behind.

use std::fs;
use std::ops::ControlFlow;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use countersign_policy::{SolverOptions, check_invariants, compare, findings};
use domain::policy::{Comparison, Proved};

use crate::fixtures::{engine, on, shipped, two, with_invariants};

/// A program of this test's own. It tells a version unless it is made not to.
struct Fake(PathBuf);

impl Fake {
    fn new(name: &str, script: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let path = folder.join(format!("{name}-{}", std::process::id()));
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        Self(path)
    }

    fn telling(name: &str, script: &str) -> Self {
        Self::new(name, &format!("[ \"$1\" = --version ] && echo 'This is fake version 1' && exit\n{script}"))
    }

    /// One that gives the mark of each query back, and for the rest does as told by the branches of a `case`.
    fn answering(name: &str, branches: &str) -> Self {
        let mark = r#"*'(echo "'*) mark=${line#*\"}; echo "${mark%\"*}";;"#;
        Self::telling(name, &format!("while read -r line; do case $line in {mark} {branches} esac; done"))
    }

    /// Little for a query, and more than enough for all of them, so that it is the query's limit that is met.
    fn options(&self) -> SolverOptions {
        let (query, total) = (Duration::from_millis(200), Duration::from_hours(10));
        SolverOptions { program: Some(self.0.clone()), query, total }
    }

    /// Much for each query.
    fn patient(&self) -> SolverOptions {
        SolverOptions { query: Duration::from_hours(10), ..self.options() }
    }

    /// Whether a child of this process runs it still, or what it turned into.
    fn is_running(&self, turned_into: &str) -> bool {
        let name = self.0.file_name().unwrap().to_str().unwrap();
        let own = std::process::id().to_string();
        fs::read_dir("/proc").unwrap().flatten().any(|process| {
            let read = |file| fs::read(process.path().join(file)).unwrap_or_default();
            let stat = String::from_utf8_lossy(&read("stat")).into_owned();
            let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)).map(str::to_owned);
            let begun = String::from_utf8_lossy(&read("cmdline")).into_owned();
            parent.as_deref() == Some(&own) && (begun.contains(name) || begun.contains(turned_into))
        })
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn asked(options: &SolverOptions) -> Comparison {
    compare(&engine(&shipped()), &engine(&two()), options, &on)
}

/// Ceilings are the same policies, so that nothing has to be proved; the rest is not known.
fn assert_unknown(comparison: &Comparison, reason: &str) {
    let proved: Vec<_> = comparison.proofs.iter().map(|proof| proof.proved).collect();
    assert_eq!(proved, [[Proved::Never; 2], [Proved::Unknown; 2], [Proved::Unknown; 2]].concat());
    let unknown: Vec<_> = comparison.proofs.iter().flat_map(|proof| &proof.unknown).collect();
    assert!(unknown.iter().any(|line| line.contains(reason)), "{unknown:#?}");
    assert!(comparison.proofs.iter().all(|proof| proof.counterexamples.is_empty()));
}

#[test]
fn a_solver_that_hangs_is_given_up_and_killed() {
    let fake = Fake::telling("hangs", "exec sleep 6000001");
    let comparison = asked(&fake.options());
    assert_unknown(&comparison, "the solver took more than 0.2 s");
    assert_eq!(comparison.solver.name.as_deref(), Some("fake 1"));
    assert!(!fake.is_running("6000001"));
}

#[test]
fn a_solver_that_dies_is_started_again_for_each_query() {
    let fake = Fake::telling("dies", "read line; exit 3");
    assert_unknown(&asked(&fake.patient()), "the solver ended without an answer");
    assert!(!fake.is_running("dies"));
}

#[test]
fn a_solver_that_floods_is_cut_off() {
    let endless = Fake::telling("floods", "exec cat /dev/zero");
    assert_unknown(&asked(&endless.patient()), "the solver said more than an answer can have");
    let model = Fake::answering(
        "floods-models",
        "*check-sat*) echo sat;; *get-model*) echo '('; exec yes '(define-fun a () Int 1)';;",
    );
    assert_unknown(&asked(&model.patient()), "the solver said more than an answer can have");
    assert!(!endless.is_running("/dev/zero") && !model.is_running("define-fun"));
}

#[test]
fn an_answer_that_is_none_is_quoted() {
    let fake = Fake::telling("babbles", "while read line; do echo 'unsat, I think'; done");
    assert_unknown(&asked(&fake.patient()), "the solver answered `unsat, I think`, which is no answer");
    // What is said beyond the answer is not taken for the next one.
    let fake = Fake::answering("twice", "*check-sat*) echo unsat; echo sat;;");
    let comparison = asked(&fake.patient());
    assert!(comparison.proofs.iter().all(|proof| proof.proved == Proved::Never), "{:#?}", comparison.proofs);
    let fake = Fake::answering("lies", "*check-sat*) echo sat;; *get-model*) echo '('; echo 'nonsense'; echo ')';;");
    let comparison = asked(&fake.patient());
    assert!(comparison.proofs.iter().all(|proof| proof.proved != Proved::Sometimes), "{:#?}", comparison.proofs);
    let fake = Fake::answering("unsure", "*check-sat*) echo unknown;;");
    assert_unknown(&asked(&fake.patient()), "the solver does not know");
}

#[test]
fn without_a_solver_it_is_said_how_to_get_one() {
    let options = SolverOptions { program: Some(PathBuf::from("/nowhere/cvc5")), ..SolverOptions::default() };
    let comparison = asked(&options);
    let problem = "there is no solver at `/nowhere/cvc5`; install one, on Debian by `apt install cvc5`, or set the path of the program";
    assert_eq!((comparison.solver.name.as_deref(), comparison.solver.problem.as_deref()), (None, Some(problem)));
    assert_eq!(options.look(), comparison.solver);
    assert_unknown(&comparison, problem);
    let found = findings(&engine(&shipped()), None, &options, &on);
    assert!(found.findings.is_empty() && found.unknown > 0);
    let kept =
        check_invariants(&with_invariants(r#"@id("none") forbid (principal, action, resource);"#), &options, &on);
    assert_eq!(kept[0].proved, Proved::Unknown);
    assert!(kept[0].sentence.contains(problem), "{}", kept[0].sentence);
}

#[test]
fn a_program_without_a_version_is_no_solver() {
    for (name, script, problem) in [
        ("silent", "exit 0", "does not tell its version;"),
        ("mute", "exec sleep 6000003", "does not tell its version within 5 s;"),
    ] {
        let fake = Fake::new(name, script);
        let told = fake.options().look();
        assert!(told.problem.as_ref().is_some_and(|told| told.contains(problem)), "{told:?}");
        assert!(!fake.is_running("6000003"));
    }
}

#[test]
fn a_comparison_can_be_cancelled() {
    let fake = Fake::telling("waits", "exec sleep 6000002");
    let options = SolverOptions { query: Duration::from_mins(10), total: Duration::from_mins(10), ..fake.options() };
    let comparison = compare(&engine(&shipped()), &engine(&two()), &options, &|_| ControlFlow::Break(()));
    assert_unknown(&comparison, "it was cancelled");
    assert!(!fake.is_running("6000002"));
}

#[test]
fn progress_goes_up_to_its_end() {
    let steps = std::cell::RefCell::new(vec![]);
    let fake = Fake::answering("counts", "*check-sat*) echo unknown;;");
    let told = |progress| {
        steps.borrow_mut().push(progress);
        ControlFlow::Continue(())
    };
    let _ = compare(&engine(&shipped()), &engine(&two()), &fake.options(), &told);
    let steps = steps.into_inner();
    assert!(steps.is_sorted_by_key(|step| step.done));
    let last = steps.last().unwrap();
    assert_eq!(Some(last.done), last.total);
}
