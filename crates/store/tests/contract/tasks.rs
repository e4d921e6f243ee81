use domain::budget::UseNumber;
use domain::task::{Ending, Task};
use store::testing::TestDatabase;
use store::{Store, StoreError, tasks, tickets};

use crate::{change, examples, look};

on_both_engines! {
    a_task_begins_and_ends,
    a_ticket_and_a_decision_start_one_task_each,
    each_use_of_a_standing_approval_starts_one_task,
    tasks_are_listed_newest_first_and_page_by_page,
}

fn begin(store: &Store, task: &Task) -> Result<(), StoreError> {
    let task = task.clone();
    change(store, move |tx| tasks::insert(tx, &task))
}

fn a_task_begins_and_ends(database: &TestDatabase) {
    let store = database.open();
    let task = examples::task(None);
    begin(&store, &task).unwrap();
    assert_eq!(look(&store, |q| tasks::get(q, task.id)), Some(task.clone()));
    let id = task.id;
    let ending = Ending { exit_code: Some(3), signal: None, output_digest: Some(examples::digest("output")) };
    change(&store, move |tx| {
        let task = tasks::get(tx, id)?.unwrap();
        tasks::update(tx, &task.finish(ending, examples::now()).unwrap())
    })
    .unwrap();
    let ended = task.finish(ending, examples::now()).unwrap();
    assert_eq!(look(&store, |q| tasks::get(q, id)), Some(ended));
}

fn a_ticket_and_a_decision_start_one_task_each(database: &TestDatabase) {
    let store = database.open();
    let ticket = examples::ticket("one");
    let first = examples::task(Some(ticket.id));
    change(&store, move |tx| tickets::insert(tx, &ticket)).unwrap();
    begin(&store, &first).unwrap();
    let same_ticket = examples::task(first.ticket);
    let same_decision = Task { decision: first.decision, ..examples::task(None) };
    for second in [same_ticket, same_decision] {
        assert!(matches!(begin(&store, &second), Err(StoreError::Conflict { .. })));
    }
    let unknown = examples::task(Some(examples::ticket("never opened").id));
    assert!(matches!(begin(&store, &unknown), Err(StoreError::Misuse { .. })));
    begin(&store, &examples::task(None)).unwrap();
    begin(&store, &examples::task(None)).unwrap();
}

fn each_use_of_a_standing_approval_starts_one_task(database: &TestDatabase) {
    let store = database.open();
    let ticket = examples::ticket("one");
    let id = ticket.id;
    change(&store, move |tx| tickets::insert(tx, &ticket)).unwrap();
    let nth = |number| {
        let use_number = Some(UseNumber { number, of: 3 });
        Task { use_number, ..examples::task(Some(id)) }
    };
    let all: Vec<_> = (1..=3).map(nth).collect();
    for task in &all {
        begin(&store, task).unwrap();
        assert_eq!(look(&store, |q| tasks::get(q, task.id)), Some(task.clone()));
    }
    for number in 1..=3 {
        assert!(matches!(begin(&store, &nth(number)), Err(StoreError::Conflict { .. })), "use {number}");
    }
    assert_eq!(look(&store, |q| tasks::list(q, None, 9)).len(), 3);
}

fn tasks_are_listed_newest_first_and_page_by_page(database: &TestDatabase) {
    let store = database.open();
    let all: Vec<_> = (0..3).map(|_| examples::task(None)).collect();
    for task in &all {
        begin(&store, task).unwrap();
    }
    let page = |before| look(&store, |q| tasks::list(q, before, 2));
    assert_eq!(page(None), [all[2].clone(), all[1].clone()]);
    assert_eq!(page(Some(all[1].id)), [all[0].clone()]);
}
