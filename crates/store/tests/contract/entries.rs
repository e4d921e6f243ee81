use domain::event::{Event, Kind};
use domain::principal::Principal;
use store::entries::{self, EntryFilter};
use store::testing::TestDatabase;
use store::{Store, StoreError, log};

use crate::{event, examples, look};

on_both_engines! {
    entries_are_found_by_id_and_index_and_subject,
    the_newest_come_first_and_those_without_a_place_before_all,
    every_filter_narrows,
    a_search_looks_into_the_whole_entry_word_for_word,
    a_range_goes_up_from_an_index,
}

fn tell(store: &Store, events: Vec<Event>) {
    store.write::<_, StoreError>(move |tx| tx.commit_all(events.clone())).unwrap();
}

fn integrate(store: &Store) {
    store.housekeeping(|keep| log::integrate(keep, 1000)).unwrap();
}

fn about(store: &Store, filter: &EntryFilter) -> Vec<String> {
    look(store, |q| entries::list(q, filter)).into_iter().filter_map(|recorded| recorded.entry.about).collect()
}

fn numbered(range: std::ops::Range<u32>) -> Vec<Event> {
    range.map(|n| event().about(n)).collect()
}

fn entries_are_found_by_id_and_index_and_subject(database: &TestDatabase) {
    let store = database.open();
    tell(&store, numbered(0..3));
    let waiting = look(&store, |q| entries::list(q, &EntryFilter::default()));
    assert!(waiting.iter().all(|recorded| recorded.index.is_none()));
    assert_eq!(look(&store, |q| entries::by_index(q, 0)), None);
    integrate(&store);
    for (index, before) in (0..).zip(waiting.iter().rev()) {
        let placed = look(&store, |q| entries::by_index(q, index)).unwrap();
        assert_eq!((placed.index, &placed.entry, &placed.leaf), (Some(index), &before.entry, &before.leaf));
        assert_eq!(look(&store, |q| entries::get(q, before.entry.id)), Some(placed));
    }
    let mut later = event().about(1);
    later.at = examples::now().plus(1);
    tell(&store, vec![later]);
    let first = look(&store, |q| entries::about(q, "1", Kind::UserCreated)).unwrap();
    assert_eq!(first, waiting[1].entry, "the first of two");
    assert_eq!(look(&store, |q| entries::about(q, "1", Kind::TicketOpened)), None);
}

fn the_newest_come_first_and_those_without_a_place_before_all(database: &TestDatabase) {
    let store = database.open();
    tell(&store, numbered(0..4));
    integrate(&store);
    tell(&store, numbered(4..6));
    let page = |before, after, limit| about(&store, &EntryFilter { before, after, limit, ..EntryFilter::default() });
    assert_eq!(page(None, None, 10), ["5", "4", "3", "2", "1", "0"]);
    assert_eq!(page(None, None, 3), ["5", "4", "3"]);
    assert_eq!(page(None, None, 2), ["5", "4"]);
    assert_eq!(page(Some(3), None, 2), ["2", "1"]);
    assert_eq!(page(Some(1), None, 2), ["0"]);
    assert_eq!(page(Some(0), None, 2), Vec::<String>::new());
    assert_eq!(page(None, Some(1), 10), ["5", "4", "3", "2"]);
    assert_eq!(page(Some(3), Some(0), 10), ["2", "1"]);
}

fn every_filter_narrows(database: &TestDatabase) {
    let store = database.open();
    let me: Principal = "service_account:billing-ci".parse().unwrap();
    let opened = Event::new(examples::now(), Kind::TicketOpened);
    tell(
        &store,
        vec![event().about("a"), opened.clone().about("b"), opened.about("c").by(&me), event().about("a").by(&me)],
    );
    for _ in 0..2 {
        let any = EntryFilter::default;
        assert_eq!(about(&store, &EntryFilter { kind: Some(Kind::TicketOpened), ..any() }), ["c", "b"]);
        assert_eq!(about(&store, &EntryFilter { principal: Some(me.clone()), ..any() }), ["a", "c"]);
        assert_eq!(about(&store, &EntryFilter { about: Some("a".into()), ..any() }), ["a", "a"]);
        let both = EntryFilter { about: Some("a".into()), principal: Some(me.clone()), ..any() };
        assert_eq!(about(&store, &both), ["a"]);
        integrate(&store);
    }
}

fn a_search_looks_into_the_whole_entry_word_for_word(database: &TestDatabase) {
    let store = database.open();
    let reason = |id: &str, text: &str| event().about(id).with(serde_json::json!({ "reason": text }));
    tell(
        &store,
        vec![reason("a", r#"He said "No" to C:\Temp_1"#), reason("b", "100 % sure\nreally"), reason("c", "ü")],
    );
    let find = |text: &str| about(&store, &EntryFilter { text: Some(text.into()), ..EntryFilter::default() });
    assert_eq!(find("he SAID"), ["a"]);
    assert_eq!(find(r#""no""#), ["a"]);
    assert_eq!(find(r"c:\temp_1"), ["a"]);
    assert_eq!(find("temp?1"), Vec::<String>::new());
    assert_eq!(find("100 %"), ["b"]);
    assert_eq!(find("sure\nreally"), ["b"]);
    assert_eq!(find("%"), ["b"]);
    assert_eq!(find("ü"), ["c"]);
    assert_eq!(find("user.created").len(), 3);
}

fn a_range_goes_up_from_an_index(database: &TestDatabase) {
    let store = database.open();
    tell(&store, numbered(0..5));
    integrate(&store);
    tell(&store, numbered(5..6));
    let range = |from, limit| -> Vec<_> {
        look(&store, |q| entries::range(q, from, limit)).into_iter().filter_map(|recorded| recorded.index).collect()
    };
    assert_eq!(range(0, 3), [0, 1, 2]);
    assert_eq!(range(3, 10), [3, 4]);
    assert_eq!(range(5, 10), Vec::<u64>::new());
}
