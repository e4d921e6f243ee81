//! A founded control plane with decisions of its own, replayed.

use std::cell::RefCell;
use std::ops::ControlFlow;

use domain::outcome::Outcome;
use domain::policy::replay::{Progress, SkipReason};
use domain::scope::Scopes;
use policy::PolicySource;
use policy::replay::{Limits, Narrower, Range};
use store::decisions::NewDecision;

use super::*;
use crate::testing::House;

impl House {
    fn replay(&self, subject: &Subject, narrower: Option<&Narrower>) -> Result<ReplayReport, Error> {
        let go_on = |_| ControlFlow::Continue(());
        self.control.replay(&self.auditor, subject, Range::default(), narrower, &go_on)
    }

    #[expect(clippy::unused_self, reason = "what is asked of this house")]
    fn unguarded(&self) -> Subject {
        let mut source = PolicySource::shipped();
        let changed = source
            .policies
            .replace("resource.env == Environment::\"prod\"", "resource.env == Environment::\"staging\"");
        assert_ne!(changed, source.policies);
        source.policies = changed;
        Subject::Texts(source)
    }
}

#[test]
fn decisions_that_were_made_here_are_asked_again() {
    let house = House::founded();
    for env in ["prod", "prod", "dev"] {
        house.decide(env);
    }
    let report = house.replay(&house.unguarded(), None).unwrap();
    assert_eq!((report.coverage.recorded, report.coverage.replayed, report.same), (3, 3, 1), "{report:#?}");
    let [group] = report.flips.as_slice() else { panic!("{:?}", report.flips) };
    assert_eq!((group.flip.from, group.flip.to, group.count), (Outcome::RequireApproval, Outcome::Allow, 2));
    let sample = &group.samples[0];
    assert_eq!((sample.alike, sample.question.env.as_str()), (2, "prod"));
    assert_eq!(sample.index, report.basis.first_index);
    assert_eq!((report.drift.unexplained, report.drift.by_older_sets), (0, 0));
    house.decide("prod");
    assert_eq!(house.replay(&Subject::Live, None).unwrap().same, 4, "what came since is there too");
}

#[test]
fn a_narrower_grant_is_replayed_under_the_set_in_force() {
    let house = House::founded();
    house.decide("dev");
    let principal = format!("service_account:{}", house.runner.principal.to_string().rsplit(':').next().unwrap());
    let narrower = Narrower { principal, scopes: vec![], workspaces: None };
    let report = house.replay(&Subject::Live, Some(&narrower)).unwrap();
    assert_eq!((report.flips.len(), report.same), (1, 0), "{report:#?}");
    assert_eq!(report.flips[0].flip.to, Outcome::Deny);
    let nobody = Narrower { principal: "ci".to_owned(), ..narrower };
    assert!(matches!(
        house.replay(&Subject::Live, Some(&nobody)),
        Err(Error::Invalid { field: "grant.principal", .. })
    ));
}

#[test]
fn it_takes_both_scopes() {
    let house = House::founded();
    let go_on = |_| ControlFlow::Continue(());
    for missing in ["policies:read", "audit:read"] {
        let other = if missing == "audit:read" { "policies:read" } else { "audit:read" };
        let caller = Caller { scopes: Scopes::parse([other]).unwrap(), ..house.auditor.clone() };
        let refused = house.control.replay(&caller, &Subject::Live, Range::default(), None, &go_on);
        assert!(matches!(refused, Err(Error::MissingScope(scope)) if scope == missing), "{missing}");
    }
}

#[test]
fn more_than_can_be_replayed_is_refused_with_the_range_that_fits() {
    let house = House::founded();
    for _ in 0..5 {
        house.decide("dev");
    }
    let go_on = |_| ControlFlow::Continue(());
    let few = Limits { decisions: 3, ..Limits::default() };
    let ask = |range, limits| house.control.replay_within(&Subject::Live, range, None, limits, &go_on);
    let Err(Error::Invalid { field: "from", problem }) = ask(Range::default(), few) else { panic!() };
    let (_, rest) = problem.split_once("ask from `").unwrap();
    let from = rest.split_once('`').unwrap().0.parse().unwrap();
    let report = ask(Range { from: Some(from), until: None }, few).unwrap();
    assert!((1..=3).contains(&report.coverage.recorded), "{problem}");
    let small = Limits { bytes: 100, ..Limits::default() };
    assert!(matches!(ask(Range::default(), small), Err(Error::Invalid { field: "from", .. })));
    let at = house.control.now();
    let backwards = Range { from: Some(at), until: Some(at) };
    assert!(matches!(ask(backwards, few), Err(Error::Invalid { field: "until", .. })));
}

#[test]
fn what_does_not_read_back_is_counted_and_ends_nothing() {
    let house = House::founded();
    house.decide("dev");
    house.control.keep_some_decisions();
    let bad = NewDecision { index: 1_000_000, at: house.control.now(), contents: Err("cut off".to_owned()) };
    house
        .control
        .inner
        .store
        .housekeeping::<_, Error>(move |keep| Ok(decisions::add(keep, std::slice::from_ref(&bad))?))
        .unwrap();
    let report = house.replay(&Subject::Live, None).unwrap();
    assert_eq!((report.coverage.recorded, report.coverage.replayed), (2, 1));
    let skipped = &report.coverage.skipped[0];
    assert_eq!((skipped.reason, skipped.example.as_str()), (SkipReason::Unreadable, "entry 1000000: cut off"));
}

#[test]
fn progress_only_grows_and_whoever_waits_can_stop_it() {
    let house = House::founded();
    house.decide("prod");
    let seen = RefCell::new(vec![]);
    let watched = |progress: Progress| {
        seen.borrow_mut().push(progress);
        ControlFlow::Continue(())
    };
    house.control.replay(&house.auditor, &Subject::Live, Range::default(), None, &watched).unwrap();
    let seen = seen.into_inner();
    let known: Vec<_> =
        seen.iter().filter(|progress| progress.total == Some(3)).map(|progress| progress.done).collect();
    assert!(known.is_sorted() && known.last() == Some(&3), "{seen:?}");
    for limit in 0..seen.len() {
        let left = std::cell::Cell::new(limit);
        let stopping = |_| match left.get().checked_sub(1) {
            Some(less) => {
                left.set(less);
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(()),
        };
        let stopped = house.control.replay(&house.auditor, &Subject::Live, Range::default(), None, &stopping);
        assert!(matches!(stopped, Err(Error::Conflict(_))), "{limit}");
    }
}
