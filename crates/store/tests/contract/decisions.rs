//! Decisions in columns: each once, whoever writes them, and each text once.

use domain::event::{Event, Kind};
use domain::id::DecisionId;
use store::decisions::{self, Contents, DecisionRow, NewDecision, Span};
use store::testing::TestDatabase;
use store::{Store, StoreError, log};

use crate::{event, examples, look, race};

on_both_engines! {
    decisions_of_the_ledger_wait_for_their_row_in_its_order,
    a_row_reads_back_with_its_texts,
    many_rows_with_few_texts_keep_each_text_once,
    two_processes_that_add_the_same_add_it_once,
    a_span_is_counted_paged_and_cut,
    what_cannot_be_read_keeps_why,
}

fn id(number: u64) -> DecisionId {
    format!("dec_{number:026}").parse().unwrap()
}

fn new(index: u64, question: &str) -> NewDecision {
    let contents = Contents {
        decision: id(index),
        question: question.to_owned(),
        answer: "allow".to_owned(),
        approval: (index % 2 == 1).then(|| format!("approval {index}")),
    };
    let seconds = u32::try_from(index).unwrap();
    NewDecision { index, at: examples::now().plus(seconds), contents: Ok(contents) }
}

fn add(store: &Store, decisions: Vec<NewDecision>) -> Result<(), StoreError> {
    store.housekeeping(move |keep| decisions::add(keep, &decisions))
}

fn rows(store: &Store) -> Vec<DecisionRow> {
    look(store, |q| decisions::page(q, Span::default(), None, 10_000))
}

fn indices(store: &Store, span: Span, after: Option<u64>, limit: u32) -> Vec<u64> {
    look(store, |q| decisions::page(q, span, after, limit)).into_iter().map(|row| row.index).collect()
}

fn decisions_of_the_ledger_wait_for_their_row_in_its_order(database: &TestDatabase) {
    let store = database.open();
    let made = |number: u64| Event::new(examples::now(), Kind::DecisionMade).about(id(number));
    store.write::<_, StoreError>(move |tx| tx.commit_all(vec![made(0), event(), made(1), made(2)])).unwrap();
    assert_eq!(look(&store, |q| decisions::waiting(q, 10)), [], "they have no place in the ledger yet");
    store.housekeeping(|keep| log::integrate(keep, 100)).unwrap();
    let waiting = look(&store, |q| decisions::waiting(q, 2));
    let places: Vec<_> = waiting.iter().map(|waiting| waiting.index).collect();
    assert_eq!(places, [0, 2]);
    assert!(waiting[1].leaf.contains(&id(1).to_string()), "{}", waiting[1].leaf);
    add(&store, vec![new(0, "q"), new(2, "q")]).unwrap();
    let places: Vec<_> = look(&store, |q| decisions::waiting(q, 10)).into_iter().map(|waiting| waiting.index).collect();
    assert_eq!(places, [3]);
}

fn a_row_reads_back_with_its_texts(database: &TestDatabase) {
    let store = database.open();
    add(&store, vec![new(3, "one"), new(4, "other")]).unwrap();
    let rows = rows(&store);
    let contents: Vec<_> = rows.iter().map(|row| row.contents.clone().unwrap()).collect();
    assert_eq!((rows[0].index, rows[0].at), (3, examples::now().plus(3)));
    assert_eq!((contents[0].decision, contents[0].approval.as_deref()), (id(3), Some("approval 3")));
    assert_eq!(contents[1].approval, None);
    assert_eq!(contents[0].answer, contents[1].answer);
    let wanted = [contents[0].question, contents[1].question, contents[0].answer, 99];
    let mut texts = look(&store, |q| decisions::texts(q, &wanted));
    texts.sort_by_key(|(number, _)| wanted.iter().position(|wanted| wanted == number));
    let texts: Vec<_> = texts.into_iter().map(|(_, body)| body).collect();
    assert_eq!(texts, ["one", "other", "allow"]);
}

fn many_rows_with_few_texts_keep_each_text_once(database: &TestDatabase) {
    let store = database.open();
    let many = |from: u64| (from..from + 450).map(|index| new(index, &format!("q{}", index % 300))).collect::<Vec<_>>();
    add(&store, many(0)).unwrap();
    add(&store, many(450)).unwrap();
    let mut questions: Vec<_> = rows(&store).into_iter().map(|row| row.contents.unwrap().question).collect();
    assert_eq!(questions.len(), 900);
    questions.sort_unstable();
    questions.dedup();
    assert_eq!(questions.len(), 300);
}

fn two_processes_that_add_the_same_add_it_once(database: &TestDatabase) {
    let (one, two) = (database.open(), database.open());
    let all = race(|n| {
        let decisions = (0..300).map(|index| new(index, &format!("q{}", index % 50))).collect();
        add(if n % 2 == 0 { &one } else { &two }, decisions)
    });
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(rows(&one).len(), 300);
    let numbers: std::collections::BTreeSet<_> =
        rows(&two).into_iter().map(|row| row.contents.unwrap().question).collect();
    assert_eq!(numbers.len(), 50);
}

fn a_span_is_counted_paged_and_cut(database: &TestDatabase) {
    let store = database.open();
    add(&store, (0..10).map(|index| new(index, "q")).collect()).unwrap();
    let at = |seconds| Some(examples::now().plus(seconds));
    let span = Span { from: at(2), until: at(8) };
    assert_eq!(indices(&store, span, None, 100), [2, 3, 4, 5, 6, 7]);
    assert_eq!(indices(&store, span, Some(3), 2), [4, 5]);
    assert_eq!(indices(&store, Span { from: None, ..span }, None, 3), [0, 1, 2]);
    assert_eq!(look(&store, |q| decisions::count(q, span, 100)), 6);
    assert_eq!(look(&store, |q| decisions::count(q, Span::default(), 4)), 4, "it counts no further");
    assert_eq!(look(&store, |q| decisions::newest_since(q, span, 2)), at(5));
    assert_eq!(look(&store, |q| decisions::newest_since(q, span, 6)), None);
}

fn what_cannot_be_read_keeps_why(database: &TestDatabase) {
    let store = database.open();
    add(&store, vec![NewDecision { contents: Err("no `question`\0".to_owned()), ..new(0, "q") }]).unwrap();
    assert_eq!(rows(&store)[0].contents, Err("no `question`".to_owned()));
    assert_eq!(look(&store, |q| decisions::waiting(q, 1)), [], "it waits no longer");
}
