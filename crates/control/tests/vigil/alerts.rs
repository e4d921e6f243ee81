//! What raises an alert, once, and what does not.

use countersign_control::alerts::Handling;
use countersign_control::credentials::{Replacement, Which};
use countersign_control::{AuthConfig, Bootstrap, Config, Error, WebhookConfig};
use domain::alert::{AlertState, Rule, RuleSetting, Severity};
use domain::credential::CredentialKind;
use domain::event::Kind;
use domain::limit::Limit;
use store::alerts::Filter;

use crate::house::{DAY, House};

fn unlimited() -> House {
    let off = Limit { failures: 0, interval: 60 };
    let auth = AuthConfig { address_limit: off, identity_limit: off, ..AuthConfig::default() };
    House::with(auth, WebhookConfig::default())
}

fn fail(house: &House, from: &str, times: usize) {
    for _ in 0..times {
        assert!(house.present("hunter2", Some(from)).is_err());
    }
}

#[test]
fn a_new_control_plane_begins_with_its_founding() {
    let house = House::founded();
    house.control.extend_scopes().unwrap();
    assert!(house.entries(Kind::ScopesExtended).is_empty(), "what came with the version was there from the start");
    assert_eq!(house.entries(Kind::SystemFounded).len(), 1);
}

#[test]
fn a_burst_is_one_alert_with_a_count_and_its_entries() {
    let house = unlimited();
    fail(&house, "192.0.2.7", 9);
    house.pulse();
    assert!(house.alerts(Rule::FailedAuthentications).is_empty());
    fail(&house, "192.0.2.8", 5);
    fail(&house, "192.0.2.7", 3);
    house.pulse();
    let alerts = house.alerts(Rule::FailedAuthentications);
    assert_eq!(alerts.len(), 1);
    let alert = &alerts[0];
    assert_eq!((alert.count, alert.subject.as_str()), (12, "address:192.0.2.7/32"));
    assert_eq!((alert.severity, alert.state, alert.entries.len()), (Severity::Warning, AlertState::Open, 12));
    assert_eq!(alert.sentence, "at least 10 authentications from 192.0.2.7 failed within 300 s");
    assert_eq!(house.entries(Kind::AlertRaised).len(), 1);
    fail(&house, "192.0.2.7", 30);
    house.pulse();
    let again = house.alerts(Rule::FailedAuthentications).remove(0);
    assert_eq!((again.count, again.entries.len()), (42, 20));
    assert_eq!(house.entries(Kind::AlertRaised).len(), 1);
}

#[test]
fn what_is_spread_over_more_time_is_no_burst() {
    let house = unlimited();
    for _ in 0..20 {
        fail(&house, "192.0.2.7", 1);
        house.later(40);
        house.pulse();
    }
    assert!(house.alerts(Rule::FailedAuthentications).is_empty());
}

#[test]
fn f_13_two_processes_and_a_restart_count_each_entry_once() {
    let house = unlimited();
    for round in 0..8 {
        fail(&house, "192.0.2.7", 3);
        house.control.integrate().unwrap();
        let (one, two) = (house.another(), house.another());
        std::thread::scope(|scope| {
            scope.spawn(|| one.keep_watch());
            scope.spawn(|| two.keep_watch());
        });
        let count: u32 = house.alerts(Rule::FailedAuthentications).iter().map(|alert| alert.count).sum();
        assert_eq!(count, if round < 3 { 0 } else { 3 * (round + 1) }, "round {round}");
    }
    assert_eq!(house.alerts(Rule::FailedAuthentications).len(), 1);
}

#[test]
fn what_is_resolved_and_happens_again_is_a_new_alert() {
    let house = unlimited();
    fail(&house, "192.0.2.7", 10);
    house.pulse();
    let first = house.alerts(Rule::FailedAuthentications).remove(0);
    let ada = house.ada();
    let taken = house.control.handle_alert(&ada, first.id, Handling::Acknowledge, Some(" mine ")).unwrap();
    assert_eq!((taken.state, taken.acknowledged.unwrap().note.as_str()), (AlertState::Acknowledged, "mine"));
    fail(&house, "192.0.2.7", 1);
    house.pulse();
    assert_eq!(house.alerts(Rule::FailedAuthentications).remove(0).count, 11, "it is not settled yet");
    house.control.handle_alert(&ada, first.id, Handling::Resolve, None).unwrap();
    assert!(house.control.handle_alert(&ada, first.id, Handling::Resolve, None).is_err());
    house.later(600);
    fail(&house, "192.0.2.7", 10);
    house.pulse();
    let alerts = house.alerts(Rule::FailedAuthentications);
    assert_eq!((alerts.len(), alerts[0].count), (2, 10));
    assert_eq!(house.entries(Kind::AlertAcknowledged).len() + house.entries(Kind::AlertResolved).len(), 2);
}

#[test]
fn u_16_those_who_are_turned_away_are_counted_from_the_few_entries_about_them() {
    let house = House::founded();
    house.pulse();
    fail(&house, "192.0.2.7", 500);
    house.later(61);
    // The pulse that writes down who was turned away is the ledger's own.
    let control = house.control.clone();
    let turning = std::thread::spawn(move || control.run_ledger(|_| {}));
    while house.entries(Kind::AuthenticationThrottled).is_empty() {
        house.later(61);
        std::thread::yield_now();
    }
    house.control.stop_ledger();
    turning.join().unwrap();
    house.pulse();
    assert_eq!(house.alerts(Rule::RateLimited).remove(0).count, 480);
    assert!(house.entries(Kind::AuthenticationFailed).len() <= 20);
}

#[test]
fn a_principal_who_tries_what_it_may_not_is_told_of() {
    let house = House::founded();
    let (token, _) = house.token("narrow", &["logs:read"], 30);
    let caller = house.present(&token, None).unwrap();
    for _ in 0..10 {
        assert!(house.control.require_scope(&caller, "audit:read").is_err());
    }
    house.pulse();
    let alert = house.alerts(Rule::PermissionViolations).remove(0);
    assert_eq!((alert.subject.as_str(), alert.count), ("service_account:narrow", 10));
}

#[test]
fn a_credential_that_ends_soon_is_told_of_once() {
    let house = House::founded();
    let (_, lasting) = house.token("lasting", &["logs:read"], 60);
    house.token("short", &["logs:read"], 1);
    house.pulse();
    assert!(house.alerts(Rule::CredentialExpiring).is_empty());
    house.later(47 * DAY);
    house.pulse();
    let alerts = house.alerts(Rule::CredentialExpiring);
    let of_ours: Vec<_> = alerts.iter().filter(|alert| alert.subject == lasting.id.to_string()).collect();
    assert_eq!(of_ours.len(), 1);
    assert!(of_ours[0].sentence.contains("`lasting` of service_account:lasting"), "{}", of_ours[0].sentence);
    house.control.handle_alert(&house.ada(), of_ours[0].id, Handling::Resolve, None).unwrap();
    for _ in 0..3 {
        house.later(DAY);
        house.pulse();
    }
    assert_eq!(house.alerts(Rule::CredentialExpiring).len(), alerts.len());
}

#[test]
fn what_is_over_is_settled_by_itself() {
    let house = House::founded();
    let (_, lasting) = house.token("lasting", &["logs:read"], 60);
    house.later(47 * DAY);
    house.pulse();
    let of = |house: &House| {
        let subject = lasting.id.to_string();
        house.alerts(Rule::CredentialExpiring).into_iter().find(|alert| alert.subject == subject).unwrap()
    };
    assert_eq!(of(&house).state, AlertState::Open);
    let (which, replacement) = (Which::Id(lasting.id), Replacement { lifetime: Some(90 * 86_400), ..<_>::default() });
    house.control.rotate_credential(&house.ada(), CredentialKind::ServiceToken, &which, replacement).unwrap();
    house.later(DAY);
    house.pulse();
    let over = of(&house);
    assert_eq!(over.state, AlertState::Resolved);
    assert_eq!(over.resolved.unwrap().by.to_string(), "service_account:countersign");
    let told = house.entries(Kind::AlertResolved);
    assert!(told.iter().any(|entry| entry.about.as_deref() == Some(over.id.to_string().as_str())), "{told:?}");
}

#[test]
fn a_credential_that_was_left_to_expire_is_not_settled_by_it() {
    let house = House::founded();
    let (_, lasting) = house.token("lasting", &["logs:read"], 60);
    let state = || {
        let alerts = house.alerts(Rule::CredentialExpiring);
        alerts.into_iter().find(|alert| alert.subject == lasting.id.to_string()).map(|alert| alert.state)
    };
    house.later(47 * DAY);
    house.pulse();
    assert_eq!(state(), Some(AlertState::Open));
    let shorter = RuleSetting { within_seconds: 1, ..RuleSetting::default_of(Rule::CredentialExpiring) };
    house.control.set_alert_rules(&house.ada(), vec![shorter], None).unwrap();
    house.turns(&[&house.control]);
    assert_eq!(state(), Some(AlertState::Open), "that it is told of later now says nothing of what was told");
    house.later(20 * DAY);
    house.pulse();
    assert_eq!(state(), Some(AlertState::Open), "whoever uses it is locked out");
}

#[test]
fn a_credential_that_has_ended_and_is_still_presented_is_told_of() {
    let house = House::founded();
    let (token, credential) = house.token("old", &["logs:read"], 1);
    house.later(DAY);
    for _ in 0..3 {
        assert!(house.present(&token, Some("192.0.2.7")).is_err());
    }
    house.pulse();
    let alert = house.alerts(Rule::EndedCredentialPresented).remove(0);
    assert_eq!((alert.subject, alert.count), (credential.id.to_string(), 3));
    assert!(alert.sentence.contains("is expired and still presented"), "{}", alert.sentence);
}

#[test]
fn a_new_network_is_news_after_the_first_days_and_once() {
    let house = House::founded();
    let (token, credential) = house.token("ci", &["logs:read"], 90);
    let from = |address: &str| {
        house.present(&token, Some(address)).unwrap();
        house.pulse();
        house.alerts(Rule::NewNetwork)
    };
    assert!(from("192.0.2.7").is_empty());
    house.later(DAY);
    assert!(from("198.51.100.7").is_empty(), "the first days are learned silently");
    house.later(10 * DAY);
    assert!(from("192.0.2.99").is_empty(), "a neighbour is no news");
    let alerts = from("203.0.113.5");
    assert_eq!((alerts.len(), alerts[0].subject.clone()), (1, credential.id.to_string()));
    assert!(alerts[0].sentence.contains("203.0.113.0/24"), "{}", alerts[0].sentence);
    assert_eq!(from("203.0.113.6")[0].count, 1);
    let alerts = from("2001:db8:7::1");
    assert_eq!((alerts.len(), alerts[0].count), (1, 2));
    assert!(alerts[0].sentence.ends_with("also from 2001:db8:7::/48"), "{}", alerts[0].sentence);
}

#[test]
fn a_bootstrap_token_that_is_still_accepted_is_told_of_until_it_is_gone() {
    let bootstrap = Bootstrap::parse("0123456789abcdefghijklmn", None, None).unwrap();
    let house =
        House::with(AuthConfig { bootstrap: Some(bootstrap), ..AuthConfig::default() }, WebhookConfig::default());
    house.pulse();
    assert!(house.alerts(Rule::BootstrapEnabled).is_empty(), "there is nothing else yet to begin with");
    house.token("ci", &["logs:read"], 30);
    house.later(60);
    house.pulse();
    let alert = house.alerts(Rule::BootstrapEnabled).remove(0);
    house.later(600);
    house.pulse();
    assert_eq!(house.alerts(Rule::BootstrapEnabled).len(), 1);
    house.control.handle_alert(&house.ada(), alert.id, Handling::Resolve, None).unwrap();
    house.later(DAY - 1);
    house.pulse();
    assert_eq!(house.alerts(Rule::BootstrapEnabled).len(), 1);
    house.later(2);
    house.pulse();
    house.later(60);
    house.pulse();
    assert_eq!(house.alerts(Rule::BootstrapEnabled).len(), 2);
}

#[test]
fn f_13_a_process_without_the_bootstrap_token_does_not_settle_what_another_sees() {
    let bootstrap = Bootstrap::parse("0123456789abcdefghijklmn", None, None).unwrap();
    let auth = AuthConfig { bootstrap: Some(bootstrap), ..AuthConfig::default() };
    let house = House::with(auth, WebhookConfig::default());
    let without = house.another_with(Config { auth: AuthConfig::default(), ..house.config.clone() });
    house.token("ci", &["logs:read"], 30);
    house.turns(&[&without]);
    assert!(house.alerts(Rule::BootstrapEnabled).is_empty(), "it does not know of it");
    for _ in 0..20 {
        house.turns(&[&without, &house.control]);
    }
    let alerts = house.alerts(Rule::BootstrapEnabled);
    assert_eq!((alerts.len(), alerts[0].state, alerts[0].count), (1, AlertState::Open, 1));
    assert_eq!(alerts[0].last_at, house.control.now(), "it is seen each minute");
    for _ in 0..10 {
        house.turns(&[&without]);
    }
    let over = house.alerts(Rule::BootstrapEnabled).remove(0);
    assert!(over.resolved.is_some_and(|handled| handled.is_by_itself()), "nobody has seen it for ten minutes");
    house.turns(&[&house.control]);
    let again = house.alerts(Rule::BootstrapEnabled);
    assert_eq!((again.len(), again[0].state), (2, AlertState::Open), "nobody has said that they know of it");
}

#[test]
fn a_ledger_that_stands_still_is_told_of_until_it_moves() {
    let house = House::founded();
    house.later(61);
    house.control.keep_watch();
    let alert = house.alerts(Rule::LedgerStalled).remove(0);
    assert_eq!(alert.severity, Severity::Critical);
    let patient = RuleSetting { within_seconds: 3600, ..RuleSetting::default_of(Rule::LedgerStalled) };
    house.control.set_alert_rules(&house.ada(), vec![patient], None).unwrap();
    house.turns(&[&house.control]);
    assert_eq!(house.alerts(Rule::LedgerStalled).remove(0).state, AlertState::Open, "what waited still waits");
    house.control.integrate().unwrap();
    house.turns(&[&house.control]);
    let over = house.alerts(Rule::LedgerStalled).remove(0);
    assert_eq!((over.id, over.state), (alert.id, AlertState::Resolved));
}

#[test]
fn the_vigil_runs_beside_the_ledger_and_both_end_when_they_are_told() {
    let house = unlimited();
    let (ledger, vigil) = (house.control.clone(), house.control.clone());
    let ledger = std::thread::spawn(move || ledger.run_ledger(|_| {}));
    let vigil = std::thread::spawn(move || vigil.run_vigil(|| {}));
    fail(&house, "192.0.2.7", 10);
    let filter = Filter { rule: Some(Rule::FailedAuthentications), ..Filter::default() };
    while house.store.read(|q| store::alerts::list(q, &filter, 1)).unwrap().is_empty() {
        std::thread::yield_now();
    }
    house.control.stop_ledger();
    ledger.join().unwrap();
    vigil.join().unwrap();
}

#[test]
fn what_was_only_counted_is_written_down_at_the_end() {
    let house = House::founded();
    let (token, credential) = house.token("ci", &["logs:read"], 30);
    for _ in 0..3 {
        house.present(&token, Some("192.0.2.7")).unwrap();
    }
    fail(&house, "198.51.100.7", 25);
    house.control.stop_ledger();
    house.control.run_ledger(|_| {});
    house.control.run_vigil(|| {});
    let known = house.store.read(|q| store::credentials::get(q, credential.id)).unwrap().unwrap();
    assert_eq!(known.use_count, 3);
    let place = house.store.read(|q| store::places::first(q, &credential.id.to_string())).unwrap();
    assert_eq!(place, Some(house.control.now()));
    assert_eq!(house.entries(Kind::AuthenticationThrottled).len(), 1);
}

#[test]
fn the_pulse_says_now_and_then_that_the_database_takes_changes() {
    let house = House::founded();
    let beat = || house.store.read(|q| store::settings::get(q, "heartbeat")).unwrap();
    house.control.stop_ledger();
    let pulse = || house.control.run_ledger(|_| {});
    pulse();
    let first = beat();
    assert!(first.is_some());
    house.later(9);
    pulse();
    assert_eq!(beat(), first);
    house.later(1);
    pulse();
    assert_ne!(beat(), first);
    assert_eq!(house.control.ledger_pulse().unwrap().at, house.control.now());
}

#[test]
fn a_rule_that_is_off_or_set_otherwise_raises_what_it_says() {
    let house = unlimited();
    let ada = house.ada();
    let mut rule = RuleSetting::default_of(Rule::FailedAuthentications);
    rule.enabled = false;
    let before = house.control.alert_rules(&ada).unwrap().revision;
    let known = house.control.set_alert_rules(&ada, vec![rule], Some(vec![before])).unwrap();
    let stale = house.control.set_alert_rules(&ada, vec![rule], Some(vec![before]));
    assert!(matches!(stale, Err(Error::Stale)), "somebody set them since: {stale:?}");
    assert_eq!(house.control.alert_rules(&ada).unwrap(), known);
    fail(&house, "192.0.2.7", 50);
    house.pulse();
    assert!(house.alerts(Rule::FailedAuthentications).is_empty());
    let set = RuleSetting { enabled: true, threshold: 2, severity: Severity::Critical, ..rule };
    let rules = house.control.set_alert_rules(&ada, vec![set], None).unwrap().value;
    assert!(rules.contains(&set) && rules.len() == Rule::ALL.len());
    fail(&house, "192.0.2.7", 2);
    house.pulse();
    assert_eq!(house.alerts(Rule::FailedAuthentications).remove(0).severity, Severity::Critical);
    let changed = house.entries(Kind::AlertRulesChanged);
    assert_eq!(changed[0].data["before"][0]["enabled"], false);
    for bad in [vec![], vec![set, set], vec![RuleSetting { threshold: 0, ..set }]] {
        assert!(house.control.set_alert_rules(&ada, bad, None).is_err());
    }
}

#[test]
fn alerts_are_for_those_who_may_see_them() {
    let house = House::founded();
    let (token, _) = house.token("reader", &["alerts:read"], 30);
    let (stranger, _) = house.token("stranger", &["audit:read"], 30);
    let (reader, stranger) = (house.present(&token, None).unwrap(), house.present(&stranger, None).unwrap());
    assert!(house.control.alert_rules(&reader).is_ok());
    assert!(house.control.set_alert_rules(&reader, vec![], None).is_err());
    assert!(house.control.alerts(&stranger, &Filter::default(), 1).is_err());
}
