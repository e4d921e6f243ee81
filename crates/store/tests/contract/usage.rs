//! What a principal did, counted by the database.

use domain::Instant;
use domain::event::{Event, Kind};
use domain::id::DecisionId;
use domain::principal::Principal;
use store::decisions::{self, Contents, NewDecision};
use store::testing::TestDatabase;
use store::usage::{self, Counted, OfKind};
use store::{Store, StoreError, log};

use crate::{examples, look};

on_both_engines! {
    equal_decisions_of_one_principal_are_counted_together,
    entries_are_counted_by_kind_since_an_instant,
    what_is_not_counted_yet_is_said,
}

fn ci() -> Principal {
    "service_account:ci".parse().unwrap()
}

fn at(seconds: u32) -> Instant {
    examples::now().plus(seconds)
}

fn tell(store: &Store, events: Vec<Event>) {
    store.write::<_, StoreError>(move |tx| tx.commit_all(events.clone())).unwrap();
    store.housekeeping(|keep| log::integrate(keep, 1000)).unwrap();
}

fn made(seconds: u32, by: &Principal) -> Event {
    Event::new(at(seconds), Kind::DecisionMade).by(by)
}

/// A row for the decision at this index; of an odd one nothing can be read, if `broken`.
fn row(index: u32, question: &str, broken: bool) -> NewDecision {
    let decision: DecisionId = format!("dec_{index:026}").parse().unwrap();
    let contents = Contents { decision, question: question.into(), answer: "allow".into(), approval: None };
    let contents = if broken { Err("cut off".to_owned()) } else { Ok(contents) };
    NewDecision { index: index.into(), at: at(index), contents }
}

fn equal_decisions_of_one_principal_are_counted_together(database: &TestDatabase) {
    let store = database.open();
    let other: Principal = "service_account:other".parse().unwrap();
    let by = |n| if n == 3 { other.clone() } else { ci() };
    tell(&store, (0..6).map(|n| made(n, &by(n))).collect());
    let rows: Vec<_> =
        ["a", "a", "b", "a", "b", "c"].into_iter().zip(0..).map(|(question, n)| row(n, question, n == 5)).collect();
    store.housekeeping(move |keep| decisions::add(keep, &rows)).unwrap();
    let counted = |from| {
        let alike = look(&store, |q| usage::decisions(q, &ci(), from));
        let mut found: Vec<_> = alike
            .into_iter()
            .map(|alike| {
                let numbers: Vec<_> = alike.texts.iter().map(|(question, _)| *question).collect();
                let text = look(&store, |q| decisions::texts(q, &numbers)).pop();
                (text.map_or_else(|| "?".to_owned(), |(_, text)| text), alike.times, alike.last)
            })
            .collect();
        found.sort();
        found
    };
    let row = |text: &str, times, last| (text.to_owned(), times, last);
    assert_eq!(counted(at(0)), [row("?", 1, at(5)), row("a", 2, at(1)), row("b", 2, at(4))]);
    assert_eq!(counted(at(1)), [row("?", 1, at(5)), row("a", 1, at(1)), row("b", 2, at(4))]);
    assert_eq!(counted(at(6)), []);
}

fn entries_are_counted_by_kind_since_an_instant(database: &TestDatabase) {
    let store = database.open();
    let event = |seconds, kind| Event::new(at(seconds), kind);
    tell(
        &store,
        vec![
            event(0, Kind::TicketOpened).by(&ci()),
            event(1, Kind::TicketOpened).by(&ci()),
            event(2, Kind::TicketOpened),
            event(3, Kind::TaskStarted).by(&ci()),
            event(4, Kind::TicketOpened).by(&ci()),
        ],
    );
    let kinds = [Kind::TicketOpened, Kind::TaskStarted, Kind::TaskFinished];
    let counted = |from| look(&store, |q| usage::kinds(q, &ci(), &kinds, from));
    let opened = |times| OfKind { kind: Kind::TicketOpened, times, last: at(4) };
    let started = OfKind { kind: Kind::TaskStarted, times: 1, last: at(3) };
    assert_eq!(counted(at(0)), [started, opened(3)]);
    assert_eq!(counted(at(1)), [started, opened(2)]);
    assert_eq!(counted(at(4)), [opened(1)]);
    assert_eq!(counted(at(5)), []);
}

fn what_is_not_counted_yet_is_said(database: &TestDatabase) {
    let store = database.open();
    assert_eq!(look(&store, usage_counted), Counted { decisions: 0, entries: 0 });
    tell(&store, (0..3).map(|n| made(n, &ci())).collect());
    assert_eq!(look(&store, usage_counted), Counted { decisions: 0, entries: 3 });
    store.housekeeping(|keep| decisions::add(keep, &[row(0, "a", false), row(1, "a", false)])).unwrap();
    assert_eq!(look(&store, usage_counted), Counted { decisions: 2, entries: 3 });
}

fn usage_counted(q: &mut store::Reader<'_>) -> Result<Counted, StoreError> {
    usage::counted(q)
}
