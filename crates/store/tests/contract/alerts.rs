use domain::alert::condition::Place;
use domain::alert::{Alert, AlertState, Burst, Handled, Rule, RuleSetting, Severity, Sighting, Watch};
use domain::event::{Event, Kind};
use domain::id::AlertId;
use domain::principal::Principal;
use store::testing::{TestDatabase, ambient};
use store::{Store, StoreError, Upkeep, alerts, log, places};

use crate::{change, event, examples, look, race, raw};

on_both_engines! {
    an_alert_reads_back_and_is_found_by_what_it_is_about,
    there_is_one_alert_of_a_kind_until_it_is_resolved,
    counting_never_undoes_what_a_person_did,
    f_13_two_who_count_lose_nothing,
    f_13_what_is_over_does_not_undo_what_a_person_did,
    what_is_not_resolved_is_counted_by_how_urgent_it_is,
    f_13_every_entry_is_followed_once_by_whoever_follows,
    an_entry_that_cannot_be_read_is_passed_over,
    what_was_counted_is_kept_and_forgotten,
    rules_are_set_one_by_one,
    f_13_of_those_who_set_the_rules_at_once_each_knows_the_revision,
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
    let (id, was, counted) = (alert.id, alert.clone(), alert.again(&sighting("crd_1")));
    change(&store, move |tx| {
        let alert = alerts::get(tx, id)?.unwrap();
        alerts::update(tx, &alert.acknowledge(handled()).unwrap())
    })
    .unwrap();
    let again = counted.clone();
    store.housekeeping(move |keep| alerts::count(keep, &was, &again)).unwrap();
    let known = look(&store, |q| alerts::get(q, id)).unwrap();
    assert_eq!((known.state, known.count), (AlertState::Acknowledged, 12));
    change(&store, move |tx| {
        let alert = alerts::get(tx, id)?.unwrap();
        alerts::update(tx, &alert.resolve(handled()).unwrap())
    })
    .unwrap();
    let more = counted.clone().again(&sighting("crd_1"));
    assert!(store.housekeeping(move |keep| alerts::count(keep, &counted, &more)).is_err());
}

fn f_13_two_who_count_lose_nothing(database: &TestDatabase) {
    let stores = [database.open(), database.open()];
    let alert = alert("crd_1");
    insert(&stores[0], &alert).unwrap();
    let id = alert.id;
    race(|n| {
        let counted = stores[n % 2].housekeeping(move |keep| {
            let was = alerts::get(keep, id)?.unwrap();
            alerts::count(keep, &was, &was.clone().again(&sighting("crd_1")))
        });
        counted.unwrap();
    });
    assert_eq!(look(&stores[0], |q| alerts::get(q, id)).unwrap().count, 10 + 16 * 2);
    let late = stores[0].housekeeping(move |keep| {
        let more = alert.clone().again(&sighting("crd_1"));
        alerts::count(keep, &alert, &more)
    });
    assert!(late.is_err(), "it was counted since it was read");
}

fn f_13_what_is_over_does_not_undo_what_a_person_did(database: &TestDatabase) {
    let store = database.open();
    let alert = alert("crd_1");
    insert(&store, &alert).unwrap();
    let id = alert.id;
    let found = look(&store, |q| alerts::unresolved_of(q, Rule::FailedAuthentications)).remove(0);
    assert_eq!((&found.value, found.revision), (&alert, 1));
    let mine = handled();
    let taken_on = mine.clone();
    change(&store, move |tx| {
        let alert = alerts::get(tx, id)?.unwrap();
        alerts::update(tx, &alert.acknowledge(taken_on.clone()).unwrap())
    })
    .unwrap();
    let settle = |revision| {
        let over = alert.clone().resolve(Handled::by_itself(examples::now())).unwrap();
        store.housekeeping(move |keep| alerts::settle(keep, &over, revision))
    };
    assert!(settle(found.revision).is_err(), "somebody took it on since it was read");
    assert_eq!(look(&store, |q| alerts::get(q, id)).unwrap().acknowledged, Some(mine));
    settle(found.revision + 1).unwrap();
    assert!(look(&store, |q| alerts::unresolved_of(q, Rule::FailedAuthentications)).is_empty());
}

fn what_is_not_resolved_is_counted_by_how_urgent_it_is(database: &TestDatabase) {
    let store = database.open();
    assert!(look(&store, |q| alerts::unresolved_counts(q)).is_empty());
    let critical = Alert { severity: Severity::Critical, ..alert("crd_1") };
    let [one, two, over] = ["crd_2", "crd_3", "crd_4"].map(alert);
    for alert in [&critical, &one, &two, &over] {
        insert(&store, alert).unwrap();
    }
    change(&store, move |tx| {
        let alert = alerts::get(tx, one.id)?.unwrap();
        alerts::update(tx, &alert.acknowledge(handled()).unwrap())?;
        let alert = alerts::get(tx, over.id)?.unwrap();
        alerts::update(tx, &alert.resolve(handled()).unwrap())
    })
    .unwrap();
    let counts = look(&store, |q| alerts::unresolved_counts(q));
    assert!(counts.len() == 2 && counts.contains(&(Severity::Critical, 1)), "{counts:?}");
    assert!(counts.contains(&(Severity::Warning, 2)), "{counts:?}");
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

fn an_entry_that_cannot_be_read_is_passed_over(database: &TestDatabase) {
    let store = database.open();
    for _ in 0..12 {
        change(&store, |_| Ok(())).unwrap();
    }
    store.housekeeping(|keep| log::integrate(keep, 100)).unwrap();
    let upcoming = |from| {
        let found = look(&store, |q| alerts::upcoming(q, from, 5));
        let indexes: Vec<_> = found.entries.into_iter().filter_map(|entry| entry.index).collect();
        (indexes, found.next, found.lost)
    };
    assert_eq!(upcoming(0), (vec![0, 1, 2, 3, 4], 5, 0));
    raw::run(database, "UPDATE entries SET leaf = 'damaged' WHERE ledger_index = 2");
    assert_eq!(upcoming(0), (vec![0, 1, 3, 4], 5, 1));
    assert_eq!(upcoming(3), (vec![3, 4, 5, 6, 7], 8, 0));
    raw::run(database, "DELETE FROM entries WHERE ledger_index IN (6, 11)");
    assert_eq!(upcoming(5), (vec![5, 7, 8, 9, 10], 11, 1));
    assert_eq!(upcoming(11), (vec![], 12, 1));
    assert_eq!(upcoming(12), (vec![], 12, 0));
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

fn f_13_of_those_who_set_the_rules_at_once_each_knows_the_revision(database: &TestDatabase) {
    let stores = [database.open(), database.open()];
    assert_eq!(look(&stores[0], |q| alerts::rules_revision(q)), 0);
    let mut revisions = race(|n| {
        let set = change(&stores[n % 2], |tx| {
            let revision = alerts::rules_revision(tx)?;
            alerts::revise_rules(tx, revision)
        });
        set.unwrap()
    });
    revisions.sort_unstable();
    assert_eq!(revisions, (1..=16).collect::<Vec<_>>());
    let late = change(&stores[0], |tx| alerts::revise_rules(tx, 15));
    assert!(late.is_err(), "they were set since");
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
