//! Who is told, when again, and when no more.

use std::collections::BTreeMap;

use countersign_control::webhooks::{Attempt, Outgoing, Wish};
use countersign_control::{Caller, Control, Error, WebhookConfig};
use domain::alert::{Alert, Rule};
use domain::event::{Event, Kind};
use domain::id::WebhookId;
use domain::webhook::retry::Patience;
use domain::webhook::signature::{Headers, WebhookSecret, verify};
use domain::webhook::{Delivery, DeliveryState};

use crate::house::{DAY, House};

fn wish(events: &[&str]) -> Wish {
    Wish {
        url: "https://siem.example.test/x?key=hunter2".into(),
        description: "inbox".into(),
        events: events.iter().map(ToString::to_string).collect(),
        active: true,
    }
}

fn create(house: &House, caller: &Caller, events: &[&str]) -> (WebhookSecret, WebhookId) {
    // What happened before is not told of.
    house.pulse();
    let (secret, kept) = house.control.create_webhook(caller, wish(events)).unwrap();
    house.pulse();
    (secret, kept.webhook.id)
}

fn claim(control: &Control) -> Vec<Outgoing> {
    control.claim_deliveries(16, &BTreeMap::new()).unwrap()
}

fn deliveries(house: &House, id: WebhookId) -> Vec<Delivery> {
    house.control.deliveries(&house.ada(), id, None, None, 100).unwrap().deliveries
}

fn signed(outgoing: &Outgoing, secret: &WebhookSecret) -> bool {
    let (id, timestamp) = (outgoing.id.to_string(), outgoing.timestamp.to_string());
    let headers = Headers { id: &id, timestamp: &timestamp, signature: &outgoing.signature };
    let known = WebhookSecret::parse(&secret.reveal()).unwrap();
    verify(&[known], headers, &outgoing.body, outgoing.timestamp).is_ok()
}

fn body(outgoing: &Outgoing) -> serde_json::Value {
    serde_json::from_slice(&outgoing.body).unwrap()
}

#[test]
fn what_it_wants_is_sent_signed_and_nothing_else() {
    let house = House::founded();
    let ada = house.ada();
    let (secret, id) = create(&house, &ada, &["credential.*"]);
    assert!(claim(&house.control).is_empty());
    let (_, credential) = house.token("ci", &["logs:read"], 30);
    house.pulse();
    let sent = claim(&house.control);
    assert_eq!(sent.len(), 1);
    assert!(signed(&sent[0], &secret));
    let told = body(&sent[0]);
    assert_eq!(
        (told["type"].as_str(), told["data"]["about"].as_str()),
        (Some("credential.created"), Some(&*credential.id.to_string()))
    );
    assert!(told["data"]["index"].is_u64() && told["timestamp"].is_string());
    house.control.note_attempt(&sent[0], Attempt::Answered(204)).unwrap();
    assert_eq!(deliveries(&house, id)[0].state, DeliveryState::Delivered);
    assert!(claim(&house.control).is_empty());
}

#[test]
fn an_alert_is_sent_when_it_is_raised_though_the_ledger_stands_still() {
    let house = House::founded();
    let (_, id) = create(&house, &house.ada(), &["alert.*"]);
    house.ada();
    house.later(61);
    house.control.keep_watch();
    let raised: Vec<_> = claim(&house.control).iter().map(body).collect();
    assert_eq!(raised.len(), 1);
    assert_eq!((&raised[0]["type"], &raised[0]["data"]["rule"]), (&"alert.raised".into(), &"ledger_stalled".into()));
    assert!(raised[0]["data"]["sentence"].is_string());
    for _ in 0..3 {
        house.pulse();
    }
    assert_eq!(deliveries(&house, id).len(), 1, "its entry is not told again");
}

#[test]
fn nobody_is_told_that_somebody_was_told() {
    let house = House::founded();
    let ada = house.ada();
    let (_, id) = create(&house, &ada, &["*"]);
    let test = house.control.test_webhook(&ada, id).unwrap();
    let sent = claim(&house.control).into_iter().find(|sent| sent.id == test.id).unwrap();
    house.control.note_attempt(&sent, Attempt::Answered(200)).unwrap();
    house.control.resend_delivery(&ada, id, test.id).unwrap();
    for _ in 0..3 {
        house.pulse();
    }
    let kinds: Vec<_> = deliveries(&house, id).into_iter().map(|delivery| delivery.kind).collect();
    assert!(kinds.iter().any(|kind| kind == "webhook.test"));
    assert!(!kinds.iter().any(|kind| kind == "webhook.tested" || kind == "webhook.resent"), "{kinds:?}");
}

#[test]
fn a_process_that_ends_between_claim_and_result_is_followed_under_the_same_id() {
    let house = House::founded();
    let ada = house.ada();
    let (_, id) = create(&house, &ada, &["alert.*"]);
    house.control.test_webhook(&ada, id).unwrap();
    let first = claim(&house.control).remove(0);
    let other = house.another();
    assert!(claim(&other).is_empty(), "it is claimed");
    house.later(60);
    let second = claim(&other).remove(0);
    assert_eq!((second.id, second.attempt, &second.body), (first.id, 1, &first.body));
    house.control.note_attempt(&first, Attempt::Answered(500)).unwrap();
    other.note_attempt(&second, Attempt::Answered(200)).unwrap();
    let known = deliveries(&house, id).remove(0);
    assert_eq!((known.state, known.attempts), (DeliveryState::Delivered, 1));
}

#[test]
fn restarts_bring_no_message_nearer_to_being_given_up() {
    let house = House::founded();
    let ada = house.ada();
    let (_, id) = create(&house, &ada, &["alert.*"]);
    house.control.test_webhook(&ada, id).unwrap();
    for _ in 0..12 {
        let sent = claim(&house.control).remove(0);
        assert_eq!(sent.attempt, 1);
        house.control.release_delivery(&sent).unwrap();
        let _of_a_process_that_ends = claim(&house.control).remove(0);
        house.later(60);
    }
    let sent = claim(&house.control).remove(0);
    house.control.note_attempt(&sent, Attempt::Failed("timeout")).unwrap();
    let known = deliveries(&house, id).remove(0);
    assert_eq!((known.state, known.attempts), (DeliveryState::Waiting, 1));
}

#[test]
fn h_12_slow_receivers_do_not_starve_an_older_webhook() {
    let house = House::founded();
    let ada = house.ada();
    let (_, old) = create(&house, &ada, &["alert.*"]);
    let slow: Vec<_> = (0..4).map(|_| create(&house, &ada, &["alert.*"]).1).collect();
    for id in &slow {
        for _ in 0..6 {
            house.control.test_webhook(&ada, *id).unwrap();
        }
    }
    house.later(1);
    house.control.test_webhook(&ada, old).unwrap();
    let under_way: BTreeMap<_, _> = slow.iter().map(|id| (*id, 3)).collect();
    let sent = house.control.claim_deliveries(16, &under_way).unwrap();
    assert_eq!(sent.len(), 4);
    assert_eq!(sent[0].webhook, old);
    let full: BTreeMap<_, _> = slow.iter().map(|id| (*id, 4)).collect();
    assert!(house.control.claim_deliveries(16, &full).unwrap().is_empty());
}

#[test]
fn what_another_address_answered_says_nothing_of_the_one_that_it_is_now() {
    let house = House::founded();
    let ada = house.ada();
    let (_, id) = create(&house, &ada, &["alert.*"]);
    house.control.test_webhook(&ada, id).unwrap();
    let sent = claim(&house.control).remove(0);
    let moved = Wish { url: "https://siem.example.test/new".into(), ..wish(&["alert.*"]) };
    house.control.change_webhook(&ada, id, moved, None).unwrap();
    house.control.note_attempt(&sent, Attempt::Answered(410)).unwrap();
    let kept = house.control.webhook(&ada, id).unwrap();
    assert!(kept.webhook.active && kept.fare.failures == 0);
}

#[test]
fn a_failure_is_tried_again_by_the_schedule_and_given_up_in_the_end() {
    let patience = Patience { delays: vec![5, 300], rest_after: 100, ..Patience::default() };
    let house =
        House::with(countersign_control::AuthConfig::default(), WebhookConfig { patience, ..WebhookConfig::default() });
    let ada = house.ada();
    let (_, id) = create(&house, &ada, &["alert.*"]);
    house.control.test_webhook(&ada, id).unwrap();
    for (wait, status) in [(7, 500), (400, 302), (0, 404)] {
        let sent = claim(&house.control).remove(0);
        house.control.note_attempt(&sent, Attempt::Answered(status)).unwrap();
        assert!(claim(&house.control).is_empty());
        house.later(wait);
    }
    let known = deliveries(&house, id).remove(0);
    assert_eq!((known.state, known.attempts, known.last_status), (DeliveryState::Failed, 3, Some(404)));
    let again = house.control.resend_delivery(&ada, id, known.id).unwrap();
    assert_eq!((again.id, again.state), (known.id, DeliveryState::Waiting));
    assert!(house.control.resend_delivery(&ada, id, known.id).is_err(), "it waits already");
    assert_eq!(claim(&house.control).remove(0).id, known.id);
}

#[test]
fn h_12_an_address_that_fails_rests_and_is_switched_off_after_three_days() {
    let house = House::founded();
    let ada = house.ada();
    let (_, id) = create(&house, &ada, &["alert.*"]);
    let mut attempts = 0;
    for _ in 0..80 {
        house.control.test_webhook(&house.ada(), id).ok();
        for sent in claim(&house.control) {
            attempts += 1;
            house.control.note_attempt(&sent, Attempt::Failed("timeout")).unwrap();
        }
        house.later(3600);
    }
    let kept = house.control.webhook(&house.ada(), id).unwrap();
    assert!(!kept.webhook.active && kept.webhook.disabled_reason.unwrap().contains("failed for too long"));
    assert!(attempts < 80, "it is spared: {attempts}");
    assert_eq!(house.alerts(Rule::WebhookFailing).len(), 1);
    assert_eq!(house.entries(Kind::WebhookDisabled).len(), 1);
    assert!(deliveries(&house, id).iter().all(|delivery| delivery.state != DeliveryState::Waiting));
    assert!(house.control.test_webhook(&house.ada(), id).is_err());
    let back = house.control.change_webhook(&house.ada(), id, wish(&["alert.*"]), None).unwrap();
    assert!(back.webhook.active && back.webhook.disabled_reason.is_none() && back.fare.failures == 0);
}

#[test]
fn an_address_that_is_gone_is_switched_off_at_once() {
    let house = House::founded();
    let ada = house.ada();
    let (_, id) = create(&house, &ada, &["alert.*"]);
    house.control.test_webhook(&ada, id).unwrap();
    let sent = claim(&house.control).remove(0);
    house.control.note_attempt(&sent, Attempt::Answered(410)).unwrap();
    assert!(!house.control.webhook(&ada, id).unwrap().webhook.active);
    assert_eq!(house.alerts(Rule::WebhookFailing).len(), 1);
}

#[test]
fn a_full_queue_loses_its_oldest_and_somebody_is_told() {
    let house =
        House::with(countersign_control::AuthConfig::default(), WebhookConfig { queue: 5, ..WebhookConfig::default() });
    let ada = house.ada();
    let (_, id) = create(&house, &ada, &["credential.*"]);
    for n in 0..8 {
        house.token(&format!("t{n}"), &["logs:read"], 30);
    }
    house.pulse();
    let all = deliveries(&house, id);
    assert_eq!(all.iter().filter(|delivery| delivery.state == DeliveryState::Waiting).count(), 5);
    assert_eq!(all.iter().filter(|delivery| delivery.state == DeliveryState::Dropped).count(), 3);
    let full = house.alerts(Rule::WebhookFailing).remove(0);
    assert_eq!((full.count, full.subject), (3, format!("queue:{id}")));
    assert!(full.sentence.starts_with(&format!("the webhook {id} has more messages")), "{}", full.sentence);
    // That it is switched off is another matter, and is not hidden by the first.
    let sent = claim(&house.control).remove(0);
    house.control.note_attempt(&sent, Attempt::Answered(410)).unwrap();
    let about_it = |alert: &Alert| alert.subject == id.to_string();
    let off = house.alerts(Rule::WebhookFailing).into_iter().find(about_it).unwrap();
    assert_eq!(off.count, 1);
    assert!(off.sentence.contains("410"), "{}", off.sentence);
}

#[test]
fn a_message_under_way_is_not_dropped_from_a_full_queue() {
    let house =
        House::with(countersign_control::AuthConfig::default(), WebhookConfig { queue: 5, ..WebhookConfig::default() });
    let ada = house.ada();
    let (_, id) = create(&house, &ada, &["credential.*"]);
    for n in 0..3 {
        house.token(&format!("early{n}"), &["logs:read"], 30);
    }
    house.pulse();
    let under_way = claim(&house.control);
    assert_eq!(under_way.len(), 3);
    for n in 0..5 {
        house.token(&format!("late{n}"), &["logs:read"], 30);
    }
    house.pulse();
    for sent in &under_way {
        house.control.note_attempt(sent, Attempt::Answered(204)).unwrap();
    }
    let all = deliveries(&house, id);
    let count = |state| all.iter().filter(|delivery| delivery.state == state).count();
    assert_eq!((count(DeliveryState::Delivered), count(DeliveryState::Dropped)), (3, 3));
}

#[test]
fn a_webhook_that_somebody_changed_meanwhile_is_not_changed() {
    let house = House::founded();
    let ada = house.ada();
    let (_, id) = create(&house, &ada, &["alert.*"]);
    let read = house.control.webhook(&ada, id).unwrap().revision;
    let changed = house.control.change_webhook(&ada, id, wish(&["ticket.*"]), Some(vec![read])).unwrap();
    let stale = house.control.change_webhook(&ada, id, wish(&["*"]), Some(vec![read]));
    assert!(matches!(stale, Err(Error::Stale)), "{stale:?}");
    assert_eq!(house.control.webhook(&ada, id).unwrap(), changed);
}

#[test]
fn no_more_than_a_hundred_are_told_something_however_they_came_to_be() {
    let house = House::founded();
    let ada = house.ada();
    let make = || house.control.create_webhook(&ada, wish(&["alert.*"])).map(|(_, kept)| kept.webhook.id);
    let first = make().unwrap();
    let off = Wish { active: false, ..wish(&["alert.*"]) };
    house.control.change_webhook(&ada, first, off, None).unwrap();
    for _ in 0..100 {
        make().unwrap();
    }
    assert!(matches!(make(), Err(Error::Conflict(_))));
    let again = house.control.change_webhook(&ada, first, wish(&["alert.*"]), None);
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
}

#[test]
fn h_11_an_owner_who_lost_the_right_is_told_nothing_more() {
    let house = House::founded();
    let scopes = ["alerts:read", "alerts:write", "audit:read"];
    let (token, _) = house.token("siem", &scopes, 30);
    let siem = house.present(&token, None).unwrap();
    let (_, id) = create(&house, &siem, &["credential.created", "alert.*"]);
    house.token("one", &["logs:read"], 30);
    house.pulse();
    house
        .store
        .write(|mut tx| {
            let mut account = store::accounts::get(&mut tx, &"siem".parse().unwrap())?.unwrap();
            account.scopes = domain::scope::Scopes::parse(["alerts:read"]).unwrap();
            store::accounts::update(&mut tx, &account)?;
            let now = tx.now();
            tx.commit(Event::new(now, Kind::AccountChanged))
        })
        .unwrap();
    house.control.test_webhook(&house.ada(), id).unwrap();
    let sent = claim(&house.control);
    assert_eq!(sent.len(), 1, "alerts may still be read, so a test is sent");
    assert_eq!(body(&sent[0])["type"], "webhook.test");
    let dropped = deliveries(&house, id).into_iter().find(|delivery| delivery.kind == "credential.created").unwrap();
    assert_eq!(dropped.last_error.as_deref(), Some("owner_lost_the_right"));
    assert_eq!(dropped.state, DeliveryState::Dropped);
}

#[test]
fn h_11_nobody_has_sent_to_them_what_they_may_not_read() {
    let house = House::founded();
    let (token, _) = house.token("few", &["alerts:read", "alerts:write"], 30);
    let few = house.present(&token, None).unwrap();
    for events in [&["*"][..], &["ticket.opened"], &["alert.*", "audit.*"]] {
        assert!(house.control.create_webhook(&few, wish(events)).is_err(), "{events:?}");
    }
    let (_, of_ada) = create(&house, &house.ada(), &["*"]);
    let stolen = house.control.change_webhook(&few, of_ada, wish(&["*"]), None);
    assert!(matches!(stolen, Err(Error::MissingScope("audit:read"))), "{stolen:?}");
    let (_, own) = create(&house, &few, &["alert.*"]);
    let theirs = house.control.change_webhook(&house.ada(), own, wish(&["*"]), None).unwrap();
    assert_eq!(theirs.webhook.owner, house.ada().principal, "whoever changes it owns it");
}

#[test]
fn h_09_both_secrets_sign_during_a_rotation_and_the_fresh_one_after_it() {
    let house = House::founded();
    let ada = house.ada();
    let (old, id) = create(&house, &ada, &["alert.*"]);
    let (new, kept) = house.control.rotate_webhook_secret(&ada, id, Some(3600)).unwrap();
    assert_eq!(kept.secrets.len(), 2);
    assert_eq!(kept.secrets[0].fingerprint, new.fingerprint());
    house.control.test_webhook(&ada, id).unwrap();
    let sent = claim(&house.control).remove(0);
    assert!(signed(&sent, &old) && signed(&sent, &new));
    house.later(3600);
    house.control.test_webhook(&house.ada(), id).unwrap();
    let sent = claim(&house.control).into_iter().last().unwrap();
    assert!(!signed(&sent, &old) && signed(&sent, &new));
    let (_, kept) = house.control.rotate_webhook_secret(&house.ada(), id, Some(0)).unwrap();
    assert_eq!(kept.secrets.len(), 1);
    assert!(house.control.rotate_webhook_secret(&house.ada(), id, Some(31 * 24 * 3600)).is_err());
}

#[test]
fn h_10_no_entry_tells_a_secret_or_the_path_of_an_address() {
    let house = House::founded();
    let ada = house.ada();
    let (old, id) = create(&house, &ada, &["*"]);
    let (new, _) = house.control.rotate_webhook_secret(&ada, id, None).unwrap();
    house.control.disable_webhook(&ada, id, Some("moved")).unwrap();
    for kind in [Kind::WebhookCreated, Kind::WebhookSecretRotated, Kind::WebhookDisabled] {
        let entries = house.entries(kind);
        let text = serde_json::to_string(&entries).unwrap();
        for secret in [&*old.reveal(), &*new.reveal(), "hunter2", "/x"] {
            assert!(!text.contains(secret), "{text}");
        }
        assert!(text.contains("https://siem.example.test"), "{text}");
    }
    house.later(2 * DAY);
}
