use domain::alert::condition::Place;
use domain::alert::{Alert, AlertState, Burst, Handled, Rule, RuleSetting, Sighting, Watch};
use domain::event::{Event, Kind};
use domain::id::AlertId;
use domain::principal::Principal;
use store::testing::{TestDatabase, ambient};
use store::{Store, StoreError, Upkeep, alerts, log, places};

use crate::{change, event, examples, look, race};

on_both_engines! {
    an_alert_reads_back_and_is_found_by_what_it_is_about,
    there_is_one_alert_of_a_kind_until_it_is_resolved,
    counting_never_undoes_what_a_person_did,
    f_13_every_entry_is_followed_once_by_whoever_follows,
    what_was_counted_is_kept_and_forgotten,
    rules_are_set_one_by_one,
    a_place_is_news_once,
    upkeep_and_its_events_are_kept_together,
}

fn alert(subject: &str) -> Alert {
    let setting = RuleSetting::default_of(Rule::FailedAuthentications);
    let now = examples::now();
    let burst = Burst { first_at: now, last_at: now, count: 10, entries: vec![] };
    Alert::raise(AlertId::new(ambient().ids()), &setting, subject, "ten failed".into(), burst)
}

fn sighting(subject: &str) -> Sighting {
    let at = examples::now().plus(5);
    Sighting { rule: Rule::FailedAuthentications, subject: subject.into(), amount: 2, at, entry: None, note: None }
}

fn insert(store: &Store, alert: &Alert) -> Result<(), StoreError> {
    let alert = alert.clone();
    store.housekeeping(move |keep| alerts::insert(keep, &alert))
}

fn handled() -> Handled {
    Handled { by: Principal::User(examples::user("ada").id), at: examples::now(), note: "mine".into() }
}

fn an_alert_reads_back_and_is_found_by_what_it_is_about(database: &TestDatabase) {
    let store = database.open();
    let (one, two) = (alert("crd_1"), alert("crd_2"));
    insert(&store, &one).unwrap();
    insert(&store, &two).unwrap();
    assert_eq!(look(&store, |q| alerts::get(q, one.id)), Some(one.clone()));
    assert_eq!(look(&store, |q| alerts::unresolved(q, &two.grouping())), Some(two.clone()));
    let all = alerts::Filter::default();
    assert_eq!(look(&store, |q| alerts::list(q, &all, 10)), [two.clone(), one.clone()]);
    let before = alerts::Filter { before: Some(two.id), ..alerts::Filter::default() };
    assert_eq!(look(&store, |q| alerts::list(q, &before, 10)), [one]);
    let others = alerts::Filter { rule: Some(Rule::NewNetwork), ..alerts::Filter::default() };
    assert!(look(&store, |q| alerts::list(q, &others, 10)).is_empty());
}

fn there_is_one_alert_of_a_kind_until_it_is_resolved(database: &TestDatabase) {
    let store = database.open();
    let first = alert("crd_1");
    insert(&store, &first).unwrap();
    assert!(insert(&store, &alert("crd_1")).is_err());
    let id = first.id;
    change(&store, move |tx| {
        let alert = alerts::get(tx, id)?.unwrap();
        alerts::update(tx, &alert.resolve(handled()).unwrap())
    })
    .unwrap();
    let second = alert("crd_1");
    insert(&store, &second).unwrap();
    assert_eq!(look(&store, |q| alerts::newest(q, &second.grouping())).unwrap().id, second.id);
    let resolved = alerts::Filter { state: Some(AlertState::Resolved), ..alerts::Filter::default() };
    assert_eq!(look(&store, |q| alerts::list(q, &resolved, 10)).len(), 1);
}

fn counting_never_undoes_what_a_person_did(database: &TestDatabase) {
    let store = database.open();
    let alert = alert("crd_1");
    insert(&store, &alert).unwrap();
    let (id, counted) = (alert.id, alert.again(&sighting("crd_1")));
    change(&store, move |tx| {
        let alert = alerts::get(tx, id)?.unwrap();
        alerts::update(tx, &alert.acknowledge(handled()).unwrap())
    })
    .unwrap();
    let again = counted.clone();
    store.housekeeping(move |keep| alerts::count(keep, &again)).unwrap();
    let known = look(&store, |q| alerts::get(q, id)).unwrap();
    assert_eq!((known.state, known.count), (AlertState::Acknowledged, 12));
    change(&store, move |tx| {
        let alert = alerts::get(tx, id)?.unwrap();
        alerts::update(tx, &alert.resolve(handled()).unwrap())
    })
    .unwrap();
    assert!(store.housekeeping(move |keep| alerts::count(keep, &counted)).is_err());
}

fn f_13_every_entry_is_followed_once_by_whoever_follows(database: &TestDatabase) {
    let store = database.open();
    for _ in 0..40 {
        change(&store, |_| Ok(())).unwrap();
    }
    store.housekeeping(|keep| log::integrate(keep, 100)).unwrap();
    let stores = [database.open(), database.open()];
    let follow = |n: usize| {
        let mut followed = Vec::new();
        loop {
            let step = stores[n % 2].housekeeping(|keep| {
                let from = alerts::progress(keep)?.next;
                let entries = store::entries::range(keep, from, 3)?;
                alerts::advance(keep, from, from + u64::try_from(entries.len()).unwrap())?;
                Ok::<_, StoreError>(entries.into_iter().filter_map(|entry| entry.index).collect::<Vec<_>>())
            });
            match step.unwrap() {
                indexes if indexes.is_empty() => return followed,
                indexes => followed.extend(indexes),
            }
        }
    };
    let mut all: Vec<u64> = race(follow).into_iter().flatten().collect();
    all.sort_unstable();
    assert_eq!(all, (0..40).collect::<Vec<_>>());
}

fn what_was_counted_is_kept_and_forgotten(database: &TestDatabase) {
    let store = database.open();
    let setting = RuleSetting { threshold: 9, ..RuleSetting::default_of(Rule::FailedAuthentications) };
    let (watch, burst) = Watch::default().see(&sighting("x"), &setting);
    assert!(burst.is_none());
    let kept = watch.clone();
    store.housekeeping(move |keep| alerts::put_watch(keep, "key", &kept, examples::now())).unwrap();
    assert_eq!(look(&database.open(), |q| alerts::watch(q, "key")), watch);
    let later = examples::now().plus(1);
    assert_eq!(store.housekeeping(move |keep| alerts::forget_watches(keep, later)), Ok(1));
    assert_eq!(look(&store, |q| alerts::watch(q, "key")), Watch::default());
}

fn rules_are_set_one_by_one(database: &TestDatabase) {
    let store = database.open();
    let set = RuleSetting { enabled: false, threshold: 3, ..RuleSetting::default_of(Rule::RateLimited) };
    change(&store, move |tx| alerts::set_rule(tx, &set)).unwrap();
    change(&store, move |tx| alerts::set_rule(tx, &set)).unwrap();
    let rules = look(&store, |q| alerts::rules(q));
    assert_eq!(rules.len(), Rule::ALL.len());
    for rule in rules {
        assert_eq!(rule == RuleSetting::default_of(rule.rule), rule.rule != Rule::RateLimited, "{rule:?}");
    }
}

fn a_place_is_news_once(database: &TestDatabase) {
    let store = database.open();
    let note = |network: &str, second: u32| {
        let network = network.parse().unwrap();
        let place = Place { subject: "crd_1".into(), network, at: examples::now().plus(second) };
        store.housekeeping(move |keep| places::note(keep, &place)).unwrap()
    };
    assert_eq!(look(&store, |q| places::first(q, "crd_1")), None);
    assert!(!note("192.0.2.0/24", 5));
    assert!(note("192.0.2.0/24", 9));
    assert!(!note("198.51.100.0/24", 9));
    assert_eq!(look(&store, |q| places::first(q, "crd_1")), Some(examples::now().plus(5)));
    let before = examples::now().plus(10);
    assert_eq!(store.housekeeping(move |keep| places::forget(keep, before)), Ok(2));
}

fn upkeep_and_its_events_are_kept_together(database: &TestDatabase) {
    let store = database.open();
    let alert = alert("crd_1");
    let (id, kept) = (alert.id, alert.clone());
    let raise = |keep: &mut dyn Upkeep, alert: &Alert| alerts::insert(keep, alert);
    let lost: Result<(), StoreError> = store.write(move |mut tx| raise(&mut tx, &alert));
    lost.unwrap();
    assert_eq!(look(&store, |q| alerts::get(q, id)), None);
    store
        .write(move |mut tx| {
            raise(&mut tx, &kept)?;
            tx.commit_all(vec![event(), Event::new(examples::now(), Kind::AlertRaised).about(kept.id)])
        })
        .unwrap();
    assert!(look(&store, |q| alerts::get(q, id)).is_some());
}
