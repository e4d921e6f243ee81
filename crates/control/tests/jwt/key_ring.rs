//! J-12 to J-14 with a scripted issuer: how often it is asked, and what its answers mean later. The same over HTTP is in
//! the server's tests.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

use countersign_control::jwt::{
    BadIssuer, FetchError, FetchKeys, Fetched, IssuerConfig, KeyHealth, KeySource, Refusal, Verifier,
};
use serde_json::json;

use crate::fixtures::{self, Movable, NOW, claims, config, header, with};
use crate::signer::Signer;

/// An issuer that answers what the test last told it, and counts.
struct Script {
    answer: Mutex<Result<(String, Option<u32>), String>>,
    asked: AtomicUsize,
}

impl Script {
    fn new(keys: &[serde_json::Value]) -> Arc<Self> {
        Arc::new(Self { answer: Mutex::new(Ok((json!({"keys": keys}).to_string(), None))), asked: AtomicUsize::new(0) })
    }

    fn now_answers(&self, keys: &[serde_json::Value], max_age: Option<u32>) {
        *self.answer.lock().unwrap() = Ok((json!({"keys": keys}).to_string(), max_age));
    }

    fn is_down(&self) {
        *self.answer.lock().unwrap() = Err("connection refused".to_owned());
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl FetchKeys for Script {
    fn fetch(&self, url: &str, timeout: Duration) -> Result<Fetched, FetchError> {
        assert_eq!((url, timeout), ("https://issuer.example/jwks.json", Duration::from_secs(5)));
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answer.lock().unwrap().clone();
        answer.map(|(body, max_age)| Fetched { body: body.into_bytes(), max_age }).map_err(FetchError)
    }
}

fn published(url: &str) -> IssuerConfig {
    config(KeySource::JwksUrl { url: url.to_owned(), cache_seconds: 300, timeout: Duration::from_secs(5) })
}

fn ring(script: &Arc<Script>) -> (Arc<Movable>, Verifier) {
    fixtures::verifier(vec![published("https://issuer.example/jwks.json")], script.clone()).unwrap()
}

/// A token that lives as long as a token may, from `from`.
fn token(signer: &Signer, kid: &str, from: i64) -> String {
    let claims = with(with(claims(), "iat", json!(from)), "exp", json!(from + 24 * 3600));
    signer.token(&with(header(), "kid", json!(kid)), &claims)
}

#[test]
fn j_12_random_kids_fetch_once() {
    let signer = Signer::rsa();
    let script = Script::new(&[signer.jwk("k1")]);
    let (clock, verifier) = ring(&script);
    assert!(verifier.verify(&token(&signer, "k1", NOW)).is_ok());
    assert_eq!(script.asked(), 1);
    let unsigned = |kid: &str| {
        let token = token(&signer, "k1", NOW);
        let header = crate::signer::base64url(with(header(), "kid", json!(kid)).to_string().as_bytes());
        format!("{header}.{}", token.split_once('.').unwrap().1)
    };
    for n in 0..10_000 {
        assert_eq!(verifier.verify(&unsigned(&format!("x{n}"))).unwrap_err(), Refusal::UnknownKey);
    }
    assert_eq!(script.asked(), 1, "within the pause nobody asks");
    clock.forward(30);
    for n in 0..100 {
        assert!(verifier.verify(&unsigned(&format!("y{n}"))).is_err());
        assert!(verifier.verify(&token(&signer, "k1", NOW)).is_ok());
    }
    assert_eq!(script.asked(), 2);
}

#[test]
fn j_12_an_empty_set_and_a_failure_are_asked_again_only_after_the_pause() {
    let signer = Signer::rsa();
    let script = Script::new(&[]);
    let (clock, verifier) = ring(&script);
    for round in 1..=3 {
        for _ in 0..50 {
            assert_eq!(verifier.verify(&token(&signer, "k1", NOW)).unwrap_err(), Refusal::KeyUnavailable);
        }
        assert_eq!(script.asked(), round, "timed from the attempt");
        script.is_down();
        clock.forward(30);
    }
}

#[test]
fn j_12_a_kid_that_was_looked_for_is_not_looked_for_again_until_the_keys_are_renewed() {
    let signer = Signer::rsa();
    let script = Script::new(&[signer.jwk("k1")]);
    let (clock, verifier) = ring(&script);
    assert!(verifier.verify(&token(&signer, "k1", NOW)).is_ok());
    clock.forward(30);
    assert_eq!(verifier.verify(&token(&signer, "k2", NOW)).unwrap_err(), Refusal::UnknownKey);
    clock.forward(30);
    assert_eq!(verifier.verify(&token(&signer, "k2", NOW)).unwrap_err(), Refusal::UnknownKey);
    assert_eq!(script.asked(), 2);
    script.now_answers(&[signer.jwk("k1"), signer.jwk("k2")], None);
    clock.forward(300);
    assert!(verifier.verify(&token(&signer, "k2", NOW)).is_ok());
}

#[test]
fn j_13_a_cold_start_without_keys_is_closed() {
    let signer = Signer::rsa();
    let script = Script::new(&[]);
    script.is_down();
    let (clock, verifier) = ring(&script);
    assert!(matches!(&verifier.health()[0].1, KeyHealth::Unavailable { .. }));
    assert_eq!(verifier.verify(&token(&signer, "k1", NOW)).unwrap_err(), Refusal::KeyUnavailable);
    assert_eq!(verifier.health()[0].1, KeyHealth::Unavailable { reason: "connection refused".to_owned() });
    script.now_answers(&[signer.jwk("k1")], None);
    clock.forward(30);
    assert!(verifier.verify(&token(&signer, "k1", NOW)).is_ok());
    assert_eq!(verifier.health()[0].1, KeyHealth::Ready { keys: 1 });
}

#[test]
fn j_13_old_keys_stand_in_for_a_day_while_the_issuer_is_down() {
    let signer = Signer::rsa();
    let script = Script::new(&[signer.jwk("k1")]);
    let (clock, verifier) = ring(&script);
    assert!(verifier.verify(&token(&signer, "k1", NOW)).is_ok());
    script.is_down();
    clock.forward(300);
    assert!(verifier.verify(&token(&signer, "k1", NOW)).is_ok());
    assert!(matches!(&verifier.health()[0].1, KeyHealth::Degraded { reason, .. } if reason == "connection refused"));
    assert_eq!(verifier.verify(&token(&signer, "new", NOW)).unwrap_err(), Refusal::KeyUnavailable, "it may be new");
    let day = NOW + 24 * 3600;
    clock.to(day - 1);
    assert!(verifier.verify(&token(&signer, "k1", day - 10)).is_ok());
    clock.to(day + 60);
    assert_eq!(verifier.verify(&token(&signer, "k1", day)).unwrap_err(), Refusal::KeyUnavailable);
    script.now_answers(&[signer.jwk("k1")], None);
    clock.forward(30);
    assert!(verifier.verify(&token(&signer, "k1", day)).is_ok());
}

#[test]
fn j_13_a_set_that_is_too_large_is_refused_whole() {
    let signer = Signer::rsa();
    let script = Script::new(&[signer.jwk("k1")]);
    let (clock, verifier) = ring(&script);
    assert!(verifier.verify(&token(&signer, "k1", NOW)).is_ok());
    let many: Vec<_> = (0..101).map(|n| signer.jwk(&format!("k{n}"))).collect();
    let fat = with(signer.jwk("k2"), "x5c", json!("x".repeat(256 * 1024)));
    for keys in [many, vec![fat]] {
        script.now_answers(&keys, None);
        clock.forward(330);
        assert!(verifier.verify(&token(&signer, "k1", NOW)).is_ok(), "the old answer stands in");
        assert!(matches!(&verifier.health()[0].1, KeyHealth::Degraded { .. }));
    }
}

#[test]
fn j_14_a_key_that_was_taken_back_ends_with_the_answer_that_had_it() {
    let (old, new) = (Signer::rsa(), Signer::rsa());
    let script = Script::new(&[old.jwk("k1")]);
    let (clock, verifier) = ring(&script);
    let stolen = token(&old, "k1", NOW);
    assert!(verifier.verify(&stolen).is_ok());
    script.now_answers(&[new.jwk("k2")], None);
    clock.to_millis((NOW + 300) * 1000 - 1);
    assert!(verifier.verify(&stolen).is_ok());
    clock.to(NOW + 300);
    assert_eq!(verifier.verify(&stolen).unwrap_err(), Refusal::UnknownKey, "though it was verified a moment ago");
    assert!(verifier.verify(&token(&new, "k2", NOW)).is_ok());
}

#[test]
fn j_14_a_renewal_for_another_token_ends_it_at_once() {
    let (old, new) = (Signer::rsa(), Signer::rsa());
    let script = Script::new(&[old.jwk("k1")]);
    let (clock, verifier) = ring(&script);
    assert!(verifier.verify(&token(&old, "k1", NOW)).is_ok());
    script.now_answers(&[new.jwk("k2")], None);
    clock.forward(30);
    assert!(verifier.verify(&token(&new, "k2", NOW)).is_ok());
    assert_eq!(verifier.verify(&token(&old, "k1", NOW)).unwrap_err(), Refusal::UnknownKey);
}

#[test]
fn the_issuer_may_shorten_the_life_of_its_answer_but_not_below_the_pause() {
    let signer = Signer::rsa();
    let script = Script::new(&[]);
    for (max_age, life) in [(Some(60), 60), (Some(0), 30), (Some(86_400), 300), (None, 300)] {
        script.now_answers(&[signer.jwk("k1")], max_age);
        let (clock, verifier) = ring(&script);
        let before = script.asked();
        assert!(verifier.verify(&token(&signer, "k1", NOW)).is_ok());
        clock.to_millis((NOW + life) * 1000 - 1);
        assert!(verifier.verify(&token(&signer, "k1", NOW)).is_ok());
        assert_eq!(script.asked(), before + 1, "{max_age:?}");
        clock.to(NOW + life);
        assert!(verifier.verify(&token(&signer, "k1", NOW)).is_ok());
        assert_eq!(script.asked(), before + 2, "{max_age:?}");
    }
}

#[test]
fn the_background_renews_before_a_request_would_have_to() {
    let signer = Signer::rsa();
    let script = Script::new(&[signer.jwk("k1")]);
    let (clock, verifier) = ring(&script);
    verifier.refresh_due();
    assert_eq!(script.asked(), 1);
    for tick in 1..=60 {
        clock.to(NOW + tick * 5);
        verifier.refresh_due();
    }
    assert_eq!(script.asked(), 2, "after four fifths of the answer's life");
    let asked = script.asked();
    assert!(verifier.verify(&token(&signer, "k1", NOW)).is_ok());
    assert_eq!(script.asked(), asked);
}

#[test]
fn nobody_waits_for_a_request_that_another_makes() {
    struct Slow {
        script: Arc<Script>,
        meeting: Barrier,
        asking: AtomicBool,
    }
    impl FetchKeys for Slow {
        fn fetch(&self, url: &str, timeout: Duration) -> Result<Fetched, FetchError> {
            if self.asking.swap(true, Ordering::SeqCst) {
                return self.script.fetch(url, timeout);
            }
            if self.script.asked() > 0 {
                self.meeting.wait();
                self.meeting.wait();
            }
            self.asking.store(false, Ordering::SeqCst);
            self.script.fetch(url, timeout)
        }
    }
    let signer = Signer::rsa();
    let script = Script::new(&[signer.jwk("k1")]);
    let slow = Arc::new(Slow { script, meeting: Barrier::new(2), asking: AtomicBool::new(false) });
    let (clock, verifier) =
        fixtures::verifier(vec![published("https://issuer.example/jwks.json")], slow.clone()).unwrap();
    assert!(verifier.verify(&token(&signer, "k1", NOW)).is_ok());
    clock.forward(300);
    std::thread::scope(|threads| {
        threads.spawn(|| verifier.verify(&token(&signer, "k1", NOW)).unwrap());
        slow.meeting.wait();
        clock.forward(30);
        assert!(verifier.verify(&token(&signer, "k1", NOW)).is_ok(), "while the other one waits for the issuer");
        slow.meeting.wait();
    });
    assert_eq!(slow.script.asked(), 2);
}

#[test]
fn a_clock_that_was_set_back_does_not_stop_the_renewal() {
    let (old, new) = (Signer::rsa(), Signer::rsa());
    let script = Script::new(&[old.jwk("k1")]);
    let (clock, verifier) = ring(&script);
    assert!(verifier.verify(&token(&old, "k1", NOW)).is_ok());
    script.now_answers(&[new.jwk("k2")], None);
    clock.to(NOW - 3600);
    assert!(verifier.verify(&token(&new, "k2", NOW - 3600)).is_ok());
}

#[test]
fn only_https_or_this_computer_is_asked() {
    for url in [
        "http://issuer.example/jwks.json",
        "http://127.0.0.1.example/jwks.json",
        "http://10.0.0.1/jwks.json",
        "ftp://issuer.example/jwks.json",
        "file:///etc/passwd",
        "https://user:pass@issuer.example/jwks.json",
        "https://issuer.example/jwks.json#x",
        "issuer.example",
        "",
    ] {
        let refused = fixtures::verifier(vec![published(url)], Script::new(&[])).map(|_| ()).unwrap_err();
        assert_eq!(refused.key, "jwks_url", "{url}");
    }
    for url in ["http://127.0.0.1:9/jwks.json", "http://[::1]:9/", "http://localhost/x", "https://issuer.example/x"] {
        assert!(fixtures::verifier(vec![published(url)], Script::new(&[])).is_ok(), "{url}");
    }
    let bad = |cache_seconds, millis| -> BadIssuer {
        let url = "https://issuer.example/x".to_owned();
        let keys = KeySource::JwksUrl { url, cache_seconds, timeout: Duration::from_millis(millis) };
        fixtures::verifier(vec![config(keys)], Script::new(&[])).map(|_| ()).unwrap_err()
    };
    assert_eq!(bad(29, 5000).key, "jwks_cache_seconds");
    assert_eq!(bad(300, 0).key, "jwks_timeout_seconds");
    assert_eq!(bad(300, 30_001).key, "jwks_timeout_seconds");
}
