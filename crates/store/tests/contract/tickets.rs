use std::collections::BTreeMap;

use domain::binding::BREAK_GLASS;
use domain::budget::Budget;
use domain::id::TicketId;
use domain::ticket::{State, Ticket};
use store::testing::TestDatabase;
use store::tickets::{self, TicketFilter};
use store::{Collision, Revised, Store, StoreError};

use crate::{change, examples, look, race};

on_both_engines! {
    a_ticket_reads_back_with_its_revision,
    a_change_from_an_old_revision_is_a_conflict,
    a_ticket_is_consumed_once_by_sixteen_at_once,
    of_a_budget_of_five_sixteen_at_once_get_five_uses,
    tickets_are_listed_newest_first_and_page_by_page,
    every_filter_narrows,
    a_search_takes_its_text_word_for_word,
    counts_follow_the_states,
    an_emergency_waits_for_its_after_review_until_it_is_there,
    a_ticket_is_overdue_from_its_deadline_on_until_it_is_settled,
}

fn open(store: &Store, tickets: &[Ticket]) {
    let tickets = tickets.to_vec();
    change(store, move |tx| tickets.iter().try_for_each(|ticket| tickets::insert(tx, ticket))).unwrap();
}

fn titles(store: &Store, filter: &TicketFilter) -> Vec<String> {
    let found = look(store, |q| tickets::list(q, filter));
    found.into_iter().filter_map(|ticket| ticket.statement.title).collect()
}

fn a_ticket_reads_back_with_its_revision(database: &TestDatabase) {
    let store = database.open();
    let ticket = examples::ticket("one");
    open(&store, std::slice::from_ref(&ticket));
    let read = look(&store, |q| tickets::get(q, ticket.id)).unwrap();
    assert_eq!(read, Revised { value: ticket.clone(), revision: 1 });
    let spent = examples::consumed(&ticket);
    let changed = spent.clone();
    change(&store, move |tx| tickets::update(tx, &changed, 1)).unwrap();
    let read = look(&store, |q| tickets::get(q, ticket.id)).unwrap();
    assert_eq!(read, Revised { value: spent, revision: 2 });
    assert_eq!(look(&store, |q| tickets::get(q, examples::ticket("two").id)), None);
}

fn a_change_from_an_old_revision_is_a_conflict(database: &TestDatabase) {
    let store = database.open();
    let ticket = examples::ticket("one");
    open(&store, std::slice::from_ref(&ticket));
    let first = examples::consumed(&ticket);
    change(&store, move |tx| tickets::update(tx, &first, 1)).unwrap();
    let second = Ticket { misses: 3, ..ticket.clone() };
    let error = change(&store, move |tx| tickets::update(tx, &second, 1)).unwrap_err();
    assert_eq!(error, StoreError::Conflict { noun: "tickets".into(), collision: Collision::Changed });
    assert_eq!(look(&store, |q| tickets::get(q, ticket.id)).unwrap().value.misses, 0);
}

fn a_ticket_is_consumed_once_by_sixteen_at_once(database: &TestDatabase) {
    let store = database.open();
    for round in 0..3 {
        let ticket = examples::ticket(&format!("round {round}"));
        let id = ticket.id;
        open(&store, &[ticket]);
        let won = race(|_| consume(&store, id));
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "{won:?}");
        assert_eq!(look(&store, |q| tickets::get(q, id)).unwrap().revision, 2);
    }
}

fn of_a_budget_of_five_sixteen_at_once_get_five_uses(database: &TestDatabase) {
    let store = database.open();
    for round in 0..3 {
        let mut ticket = examples::ticket(&format!("round {round}"));
        ticket.binding.budget = Some(Budget { uses: 5, window_seconds: 900 });
        ticket.state = State::Approved { at: examples::now(), execution_expires_at: examples::now().plus(900) };
        ticket.reviews = vec![examples::approval()];
        let id = ticket.id;
        open(&store, std::slice::from_ref(&ticket));
        let got = race(|_| use_once(&store, id));
        let mut numbers: Vec<_> = got.into_iter().flatten().collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
        let kept = look(&store, |q| tickets::get(q, id)).unwrap().value;
        assert_eq!((kept.uses.len(), kept.state.name()), (5, "consumed"));
    }
}

/// One use, as a use case takes it; gives its number.
fn use_once(store: &Store, id: TicketId) -> Option<u32> {
    change(store, move |tx| {
        let found = tickets::get(tx, id)?.unwrap();
        let (by, action) = (found.value.binding.subject_id.clone(), found.value.binding.action.clone());
        let Ok(used) = found.value.consume(&by, &action, examples::task(None).id, examples::now(), |_| true) else {
            return Ok(None);
        };
        tickets::update(tx, &used, found.revision)?;
        Ok(used.used().map(|used| used.number))
    })
    .unwrap()
}

/// What a use case does: read, apply the rule, save on the condition that nothing changed.
fn consume(store: &Store, id: TicketId) -> bool {
    change(store, move |tx| {
        let found = tickets::get(tx, id)?.unwrap();
        if found.value.state != State::Pending {
            return Ok(false);
        }
        tickets::update(tx, &examples::consumed(&found.value), found.revision)?;
        Ok(true)
    })
    .unwrap()
}

fn tickets_are_listed_newest_first_and_page_by_page(database: &TestDatabase) {
    let store = database.open();
    let all: Vec<_> = (1..=5).map(|n| examples::ticket(&n.to_string())).collect();
    open(&store, &all);
    let page = |before| titles(&store, &TicketFilter { before, limit: 2, ..TicketFilter::default() });
    assert_eq!(page(None), ["5", "4"]);
    assert_eq!(page(Some(all[3].id)), ["3", "2"]);
    assert_eq!(page(Some(all[1].id)), ["1"]);
    assert_eq!(page(Some(all[0].id)), Vec::<String>::new());
}

fn every_filter_narrows(database: &TestDatabase) {
    let store = database.open();
    let plain = examples::ticket("plain");
    let spent = examples::consumed(&examples::ticket("spent"));
    let mut staging = examples::ticket("staging");
    staging.binding.action.env = "staging".into();
    let mut theirs = examples::ticket("theirs");
    theirs.binding.subject_id = "service_account:web-ci".parse().unwrap();
    open(&store, &[plain, spent, staging, theirs]);
    let any = TicketFilter::default;
    assert_eq!(titles(&store, &any()), ["theirs", "staging", "spent", "plain"]);
    assert_eq!(titles(&store, &TicketFilter { states: vec!["consumed"], ..any() }), ["spent"]);
    let both = vec!["consumed", "pending"];
    assert_eq!(titles(&store, &TicketFilter { states: both, limit: 9, ..any() }).len(), 4);
    assert_eq!(titles(&store, &TicketFilter { env: Some("staging".into()), ..any() }), ["staging"]);
    let requester = Some("service_account:web-ci".parse().unwrap());
    assert_eq!(titles(&store, &TicketFilter { requester: requester.clone(), ..any() }), ["theirs"]);
    let nothing = TicketFilter { requester, env: Some("staging".into()), states: vec!["pending"], ..any() };
    assert_eq!(titles(&store, &nothing), Vec::<String>::new());
}

fn a_search_takes_its_text_word_for_word(database: &TestDatabase) {
    let store = database.open();
    open(&store, &[examples::ticket("Raise to 100%"), examples::ticket(r"C:\Temp_x"), examples::ticket("ÄRGER")]);
    let find = |text: &str| titles(&store, &TicketFilter { text: Some(text.into()), ..TicketFilter::default() });
    assert_eq!(find("raise"), ["Raise to 100%"]);
    assert_eq!(find("100%"), ["Raise to 100%"]);
    assert_eq!(find("1%0"), Vec::<String>::new());
    assert_eq!(find(r"c:\temp_"), [r"C:\Temp_x"]);
    assert_eq!(find("temp?x"), Vec::<String>::new());
    assert_eq!(find("temp%x"), Vec::<String>::new());
    assert_eq!(find("ärger"), ["ÄRGER"]);
    for everywhere in ["billing ci", "deploy.sh", "--FLAG", "billing/nightly", "pipelines:execute"] {
        assert_eq!(find(everywhere).len(), 3, "{everywhere}");
    }
    assert_eq!(find("never_counts"), Vec::<String>::new(), "the names of fields are not looked in");
}

fn an_emergency_waits_for_its_after_review_until_it_is_there(database: &TestDatabase) {
    let store = database.open();
    let mut burning = examples::ticket("burning");
    burning.binding.action.context.insert(BREAK_GLASS.into(), "the database burns".into());
    let id = burning.id;
    open(&store, &[burning.clone(), examples::consumed(&examples::ticket("ordinary"))]);
    let awaits_after_review = true;
    let waiting = || titles(&store, &TicketFilter { awaits_after_review, ..TicketFilter::default() });
    let count = || look(&store, |q| tickets::awaiting_after_review(q));
    assert_eq!((waiting(), count()), (vec![], 0), "nothing has run");
    let spent = examples::consumed(&burning);
    let changed = spent.clone();
    change(&store, move |tx| tickets::update(tx, &changed, 1)).unwrap();
    assert_eq!((waiting(), count()), (vec!["burning".to_owned()], 1));
    let looked = Ticket { after_review: Some(examples::after_review()), ..spent };
    let changed = looked.clone();
    change(&store, move |tx| tickets::update(tx, &changed, 2)).unwrap();
    assert_eq!((waiting(), count()), (vec![], 0));
    assert_eq!(look(&store, |q| tickets::get(q, id)).unwrap().value, looked);
    assert_eq!(titles(&store, &TicketFilter::default()), ["ordinary", "burning"]);
}

fn counts_follow_the_states(database: &TestDatabase) {
    let store = database.open();
    assert_eq!(look(&store, |q| tickets::counts(q)), BTreeMap::new());
    let one = examples::ticket("one");
    open(&store, &[one.clone(), examples::ticket("two"), examples::consumed(&examples::ticket("three"))]);
    let counts =
        |pending, consumed| BTreeMap::from([("pending".to_owned(), pending), ("consumed".to_owned(), consumed)]);
    assert_eq!(look(&store, |q| tickets::counts(q)), counts(2, 1));
    assert!(consume(&store, one.id));
    assert_eq!(look(&store, |q| tickets::counts(q)), counts(1, 2));
}

fn a_ticket_is_overdue_from_its_deadline_on_until_it_is_settled(database: &TestDatabase) {
    let store = database.open();
    let deadline = examples::now().plus(3600);
    let pending = examples::ticket("pending");
    let state = State::Approved { at: examples::now(), execution_expires_at: examples::now().plus(900) };
    let approved = Ticket { state, ..examples::ticket("approved") };
    open(&store, &[pending.clone(), approved.clone(), examples::consumed(&examples::ticket("spent"))]);
    let overdue = |now| look(&store, |q| tickets::overdue(q, now, 10));
    assert_eq!(overdue(examples::now().plus(899)), []);
    assert_eq!(overdue(examples::now().plus(900)), [approved.id]);
    assert_eq!(overdue(deadline), [approved.id, pending.id]);
    assert_eq!(look(&store, |q| tickets::overdue(q, deadline, 1)), [approved.id]);
    let expired = pending.clone().at(deadline);
    change(&store, move |tx| tickets::update(tx, &expired, 1)).unwrap();
    assert_eq!(overdue(deadline), [approved.id]);
}
