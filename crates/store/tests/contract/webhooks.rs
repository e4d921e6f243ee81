use domain::Instant;
use domain::id::{DeliveryId, WebhookId};
use domain::principal::Principal;
use domain::webhook::{Delivery, DeliveryState, Webhook, patterns};
use store::deliveries::{self, Ended};
use store::testing::{TestDatabase, ambient};
use store::webhooks::{self, Fare, Sealed};
use store::{Store, StoreError};

use crate::{change, examples, look, race};

on_both_engines! {
    a_webhook_reads_back_with_what_belongs_to_it,
    how_it_fares_does_not_meet_what_a_person_changes,
    a_message_is_put_into_the_queue_once,
    f_13_of_many_who_claim_a_message_one_sends_it,
    a_claim_that_ran_out_is_due_again_and_its_result_is_not_taken,
    a_full_queue_loses_its_oldest,
    a_message_that_ended_is_sent_again_and_forgotten_in_the_end,
}

fn webhook() -> Webhook {
    let now = examples::now();
    Webhook {
        id: WebhookId::new(ambient().ids()),
        url: "https://siem.example.test/x".into(),
        description: "inbox".into(),
        events: patterns(&["*"]).unwrap(),
        active: true,
        disabled_reason: None,
        owner: Principal::User(examples::user("ada").id),
        created_at: now,
        changed_at: now,
    }
}

fn sealed(text: &str) -> Sealed {
    Sealed { sealed: text.into(), fingerprint: "0011".into(), made_at: examples::now(), ends_at: None }
}

fn kept(store: &Store) -> Webhook {
    let webhook = webhook();
    let adding = webhook.clone();
    change(store, move |tx| webhooks::insert(tx, &adding, &[sealed("a")])).unwrap();
    webhook
}

fn delivery(webhook: &Webhook, subject: &str) -> Delivery {
    Delivery {
        id: DeliveryId::new(ambient().ids()),
        webhook: webhook.id,
        kind: "ticket.opened".into(),
        subject: subject.into(),
        state: DeliveryState::Waiting,
        attempts: 0,
        next_at: Some(examples::now()),
        last_status: None,
        last_error: None,
        created_at: examples::now(),
        ended_at: None,
    }
}

fn put(store: &Store, delivery: &Delivery) -> bool {
    let delivery = delivery.clone();
    store.housekeeping(move |keep| deliveries::insert(keep, &delivery, Some("{}"))).unwrap()
}

fn claim(store: &Store, found: &Delivery, until: Instant) -> Option<Delivery> {
    let found = found.clone();
    let claimed = store.housekeeping(move |keep| deliveries::claim(keep, &found, until)).unwrap();
    claimed.map(|claimed| claimed.delivery)
}

fn end(store: &Store, claimed: &Delivery, state: DeliveryState) -> bool {
    let (id, attempt) = (claimed.id, claimed.attempts);
    let next_at = (state == DeliveryState::Waiting).then(|| examples::now().plus(5));
    let ended = Ended { state, next_at, status: Some(200), error: None };
    store.housekeeping(move |keep| deliveries::end(keep, id, attempt, &ended, examples::now())).unwrap()
}

fn a_webhook_reads_back_with_what_belongs_to_it(database: &TestDatabase) {
    let store = database.open();
    let webhook = kept(&store);
    let found = look(&store, |q| webhooks::get(q, webhook.id)).unwrap();
    assert_eq!((found.webhook, found.secrets, found.fare), (webhook.clone(), vec![sealed("a")], Fare::default()));
    let id = webhook.id;
    change(&store, move |tx| {
        let mut webhook = webhooks::get(tx, id)?.unwrap().webhook;
        webhook.active = false;
        webhooks::update(tx, &webhook, &[sealed("b"), sealed("a")])
    })
    .unwrap();
    assert!(look(&store, |q| webhooks::list(q, true)).is_empty());
    assert_eq!(look(&store, |q| webhooks::list(q, false)).remove(0).secrets.len(), 2);
}

fn how_it_fares_does_not_meet_what_a_person_changes(database: &TestDatabase) {
    let store = database.open();
    let webhook = kept(&store);
    let id = webhook.id;
    let fare = Fare { failures: 7, failing_since: Some(examples::now()), rests_until: Some(examples::now().plus(60)) };
    store.housekeeping(move |keep| webhooks::fare(keep, id, fare)).unwrap();
    let known = look(&store, |q| webhooks::get(q, id)).unwrap();
    assert_eq!((known.fare, known.revision), (fare, 1));
    let (off, revision) = (Webhook { active: false, ..webhook.clone() }, known.revision);
    let switched = off.clone();
    store.housekeeping(move |keep| webhooks::switch_off(keep, &switched, revision)).unwrap();
    assert!(store.housekeeping(move |keep| webhooks::switch_off(keep, &off, revision)).is_err(), "changed since");
    change(&store, move |tx| {
        webhooks::get(tx, id)?.unwrap();
        webhooks::update(tx, &webhook, &[sealed("a")])
    })
    .unwrap();
    assert_eq!(look(&store, |q| webhooks::get(q, id)).unwrap().fare, Fare::default(), "it starts afresh");
}

fn a_message_is_put_into_the_queue_once(database: &TestDatabase) {
    let store = database.open();
    let webhook = kept(&store);
    assert_eq!(look(&store, |q| deliveries::next_due(q)), None);
    assert!(put(&store, &delivery(&webhook, "ent_1")));
    assert!(!put(&store, &delivery(&webhook, "ent_1")));
    assert!(put(&store, &delivery(&webhook, "ent_2")));
    assert_eq!(look(&store, |q| deliveries::waiting(q, webhook.id)), 2);
    assert_eq!(look(&store, |q| deliveries::next_due(q)), Some(examples::now()));
    let early = Instant::from_millis(examples::now().millis() - 1);
    assert!(look(&store, |q| deliveries::due(q, webhook.id, early, 9)).is_empty());
    assert_eq!(look(&store, |q| deliveries::due(q, webhook.id, examples::now(), 1)).len(), 1);
}

fn f_13_of_many_who_claim_a_message_one_sends_it(database: &TestDatabase) {
    let (one, two) = (database.open(), database.open());
    let webhook = kept(&one);
    let message = delivery(&webhook, "ent_1");
    put(&one, &message);
    let until = examples::now().plus(60);
    let claimed = race(|n| claim(if n % 2 == 0 { &one } else { &two }, &message, until));
    let claimed: Vec<_> = claimed.into_iter().flatten().collect();
    assert_eq!(claimed.len(), 1);
    assert_eq!((claimed[0].attempts, claimed[0].next_at), (1, Some(until)));
}

fn a_claim_that_ran_out_is_due_again_and_its_result_is_not_taken(database: &TestDatabase) {
    let store = database.open();
    let webhook = kept(&store);
    put(&store, &delivery(&webhook, "ent_1"));
    let found = look(&store, |q| deliveries::due(q, webhook.id, examples::now(), 9)).remove(0);
    let (first, later) = (claim(&store, &found, examples::now().plus(60)).unwrap(), examples::now().plus(60));
    assert!(look(&store, |q| deliveries::due(q, webhook.id, examples::now().plus(59), 9)).is_empty());
    let found = look(&store, |q| deliveries::due(q, webhook.id, later, 9)).remove(0);
    let second = claim(&database.open(), &found, later.plus(60)).unwrap();
    assert_eq!((second.id, second.attempts), (first.id, 2));
    assert!(!end(&store, &first, DeliveryState::Failed));
    assert!(end(&store, &second, DeliveryState::Delivered));
    assert!(!end(&store, &second, DeliveryState::Delivered));
    let known = look(&store, |q| deliveries::get(q, first.id)).unwrap();
    assert_eq!((known.delivery.state, known.payload.as_deref()), (DeliveryState::Delivered, Some("{}")));
}

fn a_full_queue_loses_its_oldest(database: &TestDatabase) {
    let store = database.open();
    let webhook = kept(&store);
    let messages: Vec<_> = (0..5).map(|n| delivery(&webhook, &format!("ent_{n}"))).collect();
    for message in &messages {
        put(&store, message);
    }
    let id = webhook.id;
    assert_eq!(store.housekeeping(move |keep| deliveries::drop_oldest(keep, id, 2, examples::now())), Ok(2));
    let state = Some(DeliveryState::Waiting);
    let left = look(&store, |q| deliveries::list(q, id, state, None, 9));
    let left: Vec<_> = left.into_iter().map(|delivery| delivery.subject).collect();
    assert_eq!(left, ["ent_4", "ent_3", "ent_2"]);
    assert_eq!(store.housekeeping(move |keep| deliveries::drop_all(keep, id, examples::now())), Ok(3));
    let dropped = look(&store, |q| deliveries::list(q, id, None, Some(messages[1].id), 9)).remove(0);
    assert_eq!((dropped.state, dropped.last_error.as_deref()), (DeliveryState::Dropped, Some("queue_full")));
}

fn a_message_that_ended_is_sent_again_and_forgotten_in_the_end(database: &TestDatabase) {
    let store = database.open();
    let webhook = kept(&store);
    let message = delivery(&webhook, "ent_1");
    put(&store, &message);
    let id = message.id;
    let again = move || store.housekeeping(move |keep| deliveries::again(keep, id, examples::now().plus(9)));
    assert_eq!(again(), Ok(false), "it waits");
    let store = database.open();
    let claimed = claim(&store, &message, examples::now().plus(60)).unwrap();
    assert!(end(&store, &claimed, DeliveryState::Failed));
    assert_eq!(again(), Ok(true));
    let known = look(&store, |q| deliveries::get(q, id)).unwrap().delivery;
    assert_eq!((known.attempts, known.next_at, known.ended_at), (0, Some(examples::now().plus(9)), None));
    let claimed = claim(&store, &known, examples::now().plus(60)).unwrap();
    assert!(end(&store, &claimed, DeliveryState::Delivered));
    let gone: Result<u64, StoreError> = store.housekeeping(|keep| deliveries::forget(keep, examples::now().plus(1)));
    assert_eq!(gone, Ok(1));
}
