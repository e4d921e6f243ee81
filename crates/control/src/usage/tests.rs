//! A founded control plane whose runner is looked at.

use domain::scope::Scopes;
use store::decisions::{self, NewDecision};

use super::*;
use crate::samples::BILLING;
use crate::testing::House;

impl House {
    fn usage(&self) -> Usage {
        let admin = Caller { scopes: Scopes::parse(["accounts:read"]).unwrap(), ..self.runner.clone() };
        self.control.account_usage(&admin, BILLING, 90).unwrap()
    }
}

#[test]
fn what_has_columns_counts_like_what_is_read_entry_by_entry() {
    let house = House::founded();
    for env in ["prod", "dev", "dev"] {
        house.decide(env);
    }
    let read = house.usage();
    assert_eq!((read.tally.decisions, read.complete), (3, true));
    assert_eq!(read.tally.environments["dev"].times, 2);
    house.control.keep_some_decisions();
    let counted = house.usage();
    assert_eq!(counted.tally, read.tally);
    assert_eq!(counted.proposal, read.proposal);
    house.decide("dev");
    let both = house.usage().tally;
    assert_eq!((both.decisions, both.environments["dev"].times), (4, 3), "columns and what came since");
}

#[test]
fn nothing_is_unused_where_a_decision_cannot_be_read() {
    let house = House::founded();
    house.decide("dev");
    assert!(house.usage().proposal.is_some());
    let waiting = house.control.read(|q| Ok::<_, Error>(decisions::waiting(q, 10)?)).unwrap();
    let broken = [NewDecision { index: waiting[0].index, at: house.control.now(), contents: Err("cut off".into()) }];
    house.control.inner.store.housekeeping(move |keep| decisions::add(keep, &broken)).unwrap();
    let usage = house.usage();
    assert_eq!((usage.tally.decisions, usage.tally.unread, usage.complete), (1, 1, false));
    assert_eq!(usage.proposal, None);
}
