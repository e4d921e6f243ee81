use domain::Instant;
use domain::id::{DeliveryId, WebhookId};
use domain::principal::Principal;
use domain::webhook::{Delivery, DeliveryState, Webhook, patterns};
use store::deliveries::{self, Claim, Ended, Outbox};
use store::testing::{TestDatabase, ambient};
use store::webhooks::{self, Fare, Sealed};
use store::{Store, StoreError};

use crate::{change, examples, look, race};

on_both_engines! {
    a_webhook_reads_back_with_what_belongs_to_it,
    how_it_fares_does_not_meet_what_a_person_changes,
    f_13_a_late_failure_does_not_undo_a_success,
    a_message_is_put_into_the_queue_once,
    f_13_nothing_waits_for_a_webhook_that_was_switched_off,
    f_13_of_many_who_claim_a_message_one_sends_it,
    a_claim_that_ran_out_is_due_again_and_its_result_is_not_taken,
    a_claim_that_is_given_back_counts_no_attempt,
    a_full_queue_loses_its_oldest,
    a_full_queue_keeps_what_is_under_way,
    what_waits_is_counted_with_its_age,
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

fn claim(store: &Store, found: &Delivery, until: Instant) -> Option<Claim> {
    let found = found.clone();
    let claimed = store.housekeeping(move |keep| deliveries::claim(keep, &found, until)).unwrap();
    claimed.map(|(claim, _)| claim)
}

fn end(store: &Store, claim: Claim, state: DeliveryState) -> bool {
    let next_at = (state == DeliveryState::Waiting).then(|| examples::now().plus(5));
    let ended = Ended { state, next_at, status: Some(200), error: None };
    store.housekeeping(move |keep| deliveries::end(keep, &claim, &ended, examples::now())).unwrap()
}

fn known(store: &Store, id: DeliveryId) -> Delivery {
    look(store, |q| deliveries::get(q, id)).unwrap().delivery
}

fn switch_off(store: &Store, id: WebhookId) {
    change(store, move |tx| {
        let found = webhooks::get(tx, id)?.unwrap();
        webhooks::update(tx, &Webhook { active: false, ..found.webhook }, &found.secrets)?;
        deliveries::drop_all(tx, id, examples::now())
    })
    .unwrap();
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
    store.housekeeping(move |keep| webhooks::fare(keep, id, Fare::default(), fare)).unwrap();
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

fn f_13_a_late_failure_does_not_undo_a_success(database: &TestDatabase) {
    let store = database.open();
    let id = kept(&store).id;
    let failing = |failures| Fare { failures, failing_since: Some(examples::now()), rests_until: None };
    let write = |was, now| store.housekeeping(move |keep| webhooks::fare(keep, id, was, now));
    write(Fare::default(), failing(4)).unwrap();
    write(failing(4), Fare::default()).unwrap();
    let late: Result<(), StoreError> = write(failing(4), failing(5));
    assert!(late.is_err(), "who has seen four failures does not know of the success");
    assert_eq!(look(&store, |q| webhooks::get(q, id)).unwrap().fare, Fare::default());
    write(Fare::default(), failing(1)).unwrap();
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

fn f_13_nothing_waits_for_a_webhook_that_was_switched_off(database: &TestDatabase) {
    let stores = [database.open(), database.open()];
    let webhook = kept(&stores[0]);
    let id = webhook.id;
    assert!(put(&stores[0], &delivery(&webhook, "ent_first")));
    race(|n| {
        let store = &stores[n % 2];
        if n == 7 {
            return switch_off(store, id);
        }
        let message = delivery(&webhook, &format!("ent_{n}"));
        let put = store.housekeeping(move |keep| {
            Ok::<_, StoreError>(webhooks::hold(keep, id)? && deliveries::insert(keep, &message, None)?)
        });
        put.unwrap();
    });
    assert_eq!(look(&stores[0], |q| deliveries::waiting(q, id)), 0);
    assert!(!put(&stores[0], &delivery(&webhook, "ent_late")), "it is switched off");
    assert!(!stores[0].housekeeping(move |keep| webhooks::hold(keep, id)).unwrap());
    // One that came to wait in whatever way is nobody's to send.
    crate::raw::run(database, "UPDATE deliveries SET state = 'waiting', next_at = 1, ended_at = NULL");
    assert_eq!(look(&stores[0], |q| deliveries::next_due(q)), None);
}

fn f_13_of_many_who_claim_a_message_one_sends_it(database: &TestDatabase) {
    let (one, two) = (database.open(), database.open());
    let webhook = kept(&one);
    let message = delivery(&webhook, "ent_1");
    put(&one, &message);
    let until = examples::now().plus(60);
    let claimed = race(|n| claim(if n % 2 == 0 { &one } else { &two }, &message, until));
    let claimed: Vec<_> = claimed.into_iter().flatten().collect();
    assert_eq!(claimed, [Claim { id: message.id, attempt: 1, until }]);
    let known = known(&one, message.id);
    assert_eq!((known.attempts, known.next_at), (0, Some(until)), "an attempt counts once it has ended");
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
    assert_eq!((second.id, second.attempt), (first.id, 1), "the process that ended costs no attempt");
    assert!(!end(&store, first, DeliveryState::Failed));
    assert!(end(&store, second, DeliveryState::Delivered));
    assert!(!end(&store, second, DeliveryState::Delivered));
    let found = look(&store, |q| deliveries::get(q, first.id)).unwrap();
    assert_eq!((found.delivery.state, found.payload.as_deref()), (DeliveryState::Delivered, Some("{}")));
    assert_eq!(found.delivery.attempts, 1);
}

fn a_claim_that_is_given_back_counts_no_attempt(database: &TestDatabase) {
    let store = database.open();
    let webhook = kept(&store);
    put(&store, &delivery(&webhook, "ent_1"));
    let found = look(&store, |q| deliveries::due(q, webhook.id, examples::now(), 9)).remove(0);
    let given_back = claim(&store, &found, examples::now().plus(60)).unwrap();
    let release = |claim: Claim| store.housekeeping(move |keep| deliveries::release(keep, &claim, examples::now()));
    assert_eq!(release(given_back), Ok(true));
    assert_eq!(release(given_back), Ok(false), "it is nobody's claim any more");
    let found = look(&store, |q| deliveries::due(q, webhook.id, examples::now(), 9)).remove(0);
    assert_eq!(found.attempts, 0);
    assert_eq!(claim(&store, &found, examples::now().plus(61)).unwrap().attempt, 1);
    assert!(!end(&store, given_back, DeliveryState::Failed));
}

fn a_full_queue_loses_its_oldest(database: &TestDatabase) {
    let store = database.open();
    let webhook = kept(&store);
    let messages: Vec<_> = (0..5).map(|n| delivery(&webhook, &format!("ent_{n}"))).collect();
    for message in &messages {
        put(&store, message);
    }
    let id = webhook.id;
    assert_eq!(drop_oldest(&store, id, 2), 2);
    assert_eq!(waiting(&store, id), ["ent_4", "ent_3", "ent_2"]);
    assert_eq!(store.housekeeping(move |keep| deliveries::drop_all(keep, id, examples::now())), Ok(3));
    let dropped = look(&store, |q| deliveries::list(q, id, None, Some(messages[1].id), 9)).remove(0);
    assert_eq!((dropped.state, dropped.last_error.as_deref()), (DeliveryState::Dropped, Some("queue_full")));
}

fn a_full_queue_keeps_what_is_under_way(database: &TestDatabase) {
    let store = database.open();
    let webhook = kept(&store);
    let messages: Vec<_> = (0..4).map(|n| delivery(&webhook, &format!("ent_{n}"))).collect();
    for message in &messages {
        put(&store, message);
    }
    let under_way = claim(&store, &messages[0], examples::now().plus(60)).unwrap();
    assert_eq!(drop_oldest(&store, webhook.id, 2), 2);
    assert_eq!(waiting(&store, webhook.id), ["ent_3", "ent_0"]);
    assert_eq!(drop_oldest(&store, webhook.id, 9), 1, "the one under way is spared whatever is asked");
    assert!(end(&store, under_way, DeliveryState::Delivered), "its result is taken");
}

fn drop_oldest(store: &Store, id: WebhookId, many: u64) -> u64 {
    let claimed = examples::now().plus(60);
    store.housekeeping(move |keep| deliveries::drop_oldest(keep, id, many, examples::now(), claimed)).unwrap()
}

/// What waits for a webhook, the newest first.
fn waiting(store: &Store, id: WebhookId) -> Vec<String> {
    let left = look(store, |q| deliveries::list(q, id, Some(DeliveryState::Waiting), None, 9));
    left.into_iter().map(|delivery| delivery.subject).collect()
}

fn what_waits_is_counted_with_its_age(database: &TestDatabase) {
    let store = database.open();
    assert_eq!(look(&store, |q| deliveries::outbox(q)), Outbox::default());
    let webhook = kept(&store);
    for n in 0..3 {
        let message = delivery(&webhook, &format!("ent_{n}"));
        put(&store, &Delivery { created_at: examples::now().plus(9 - n), ..message });
    }
    let expected = Outbox { waiting: 3, oldest: Some(examples::now().plus(7)) };
    assert_eq!(look(&store, |q| deliveries::outbox(q)), expected);
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
    let first = claim(&store, &message, examples::now().plus(60)).unwrap();
    switch_off(&store, webhook.id);
    assert_eq!(again(), Ok(true));
    let found = known(&store, id);
    assert_eq!((found.attempts, found.next_at, found.ended_at), (0, Some(examples::now().plus(9)), None));
    let second = claim(&store, &found, examples::now().plus(69)).unwrap();
    assert_eq!((first.attempt, second.attempt), (1, 1));
    assert!(!end(&store, first, DeliveryState::Failed), "it is the result of another attempt");
    assert!(end(&store, second, DeliveryState::Delivered));
    let gone: Result<u64, StoreError> = store.housekeeping(|keep| deliveries::forget(keep, examples::now().plus(1)));
    assert_eq!(gone, Ok(1));
}
