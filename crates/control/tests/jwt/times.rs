//! J-06, J-19: a token is good for its own time, to the millisecond, cached or not.

use countersign_control::jwt::Refusal;
use serde_json::{Value, json};

use crate::fixtures::{House, NOW, claims, header, with};

#[test]
fn j_06_the_end_and_the_beginning_are_exact_with_and_without_leeway() {
    for leeway in [0, 60] {
        let house = House::new(|config| config.leeway_seconds = leeway);
        let leeway = i64::from(leeway);
        let claims = with(with(claims(), "nbf", json!(NOW)), "iat", json!(NOW));
        let at = |millis: i64| {
            house.clock.to_millis(millis);
            house.verify(&header(), &claims).map(|_| ()).err()
        };
        let (begin, end) = ((NOW - leeway) * 1000, (NOW + 600 + leeway) * 1000);
        assert_eq!(at(begin - 1000), Some(Refusal::Invalid));
        assert_eq!(at(begin - 1), Some(Refusal::Invalid));
        assert_eq!(at(begin), None);
        assert_eq!(at(begin + 1000), None);
        assert_eq!(at(end - 1000), None);
        assert_eq!(at(end - 1), None);
        assert_eq!(at(end), Some(Refusal::Expired));
        assert_eq!(at(end + 1000), Some(Refusal::Expired));
    }
}

#[test]
fn j_06_only_one_of_nbf_and_iat_in_the_future_is_enough() {
    let house = House::plain();
    for name in ["nbf", "iat"] {
        assert_eq!(house.refusal(&header(), &with(claims(), name, json!(NOW + 1))), Refusal::Invalid, "{name}");
        assert!(house.verify(&header(), &with(claims(), name, json!(NOW))).is_ok(), "{name}");
        assert!(house.verify(&header(), &with(claims(), name, json!(f64::from(1_799_999_999) + 0.5))).is_ok());
    }
}

#[test]
fn j_06_a_life_of_ten_years_is_refused() {
    let house = House::plain();
    let lives =
        |from: i64, to: i64| house.verify(&header(), &with(with(claims(), "iat", json!(from)), "exp", json!(to)));
    assert!(lives(NOW, NOW + 24 * 3600).is_ok());
    for (from, to) in [(NOW, NOW + 24 * 3600 + 1), (NOW, NOW + 315_360_000), (NOW - 10_000_000, NOW + 5), (NOW, NOW)] {
        let refused = lives(from, to).unwrap_err();
        assert!(matches!(refused, Refusal::Invalid | Refusal::Expired), "{from} {to}");
    }
}

#[test]
fn j_06_times_that_are_no_times_are_refused() {
    let house = House::plain();
    for name in ["exp", "iat", "nbf", "auth_time"] {
        for value in [json!("1800000600"), json!([NOW]), json!(true), json!({})] {
            assert_eq!(house.refusal(&header(), &with(claims(), name, value)), Refusal::Invalid, "{name}");
        }
    }
    assert_eq!(house.refusal(&header(), &with(claims(), "exp", json!(-1))), Refusal::Expired);
    assert_eq!(house.refusal(&header(), &with(claims(), "exp", json!(9_007_199_254_740_991_i64))), Refusal::Invalid);
    assert_eq!(house.refusal(&header(), &with(claims(), "exp", Value::Null)), Refusal::Invalid);
}

#[test]
fn j_19_a_token_that_was_verified_before_still_ends_on_time() {
    let house = House::plain();
    let token = house.signer.token(&header(), &claims());
    let first = house.verifier.verify(&token).unwrap();
    let again = house.verifier.verify(&token).unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &again), "the second time was not remembered");
    house.clock.forward(30);
    let later = house.verifier.verify(&token).unwrap();
    assert!(!std::sync::Arc::ptr_eq(&first, &later), "it was remembered for too long");
    house.clock.to_millis((NOW + 600) * 1000 - 1);
    assert!(house.verifier.verify(&token).is_ok());
    house.clock.to(NOW + 600);
    assert_eq!(house.verifier.verify(&token).unwrap_err(), Refusal::Expired);
    house.clock.to(NOW);
    assert!(house.verifier.verify(&token).is_ok());
    house.clock.to(NOW - 3600);
    assert_eq!(house.verifier.verify(&token).unwrap_err(), Refusal::Invalid, "the clock was set back");
}

#[test]
fn j_19_a_token_that_differs_in_its_signature_only_is_another_token() {
    let house = House::plain();
    let token = house.signer.token(&header(), &claims());
    house.verifier.verify(&token).unwrap();
    let (signed, _) = token.rsplit_once('.').unwrap();
    assert_eq!(house.verifier.verify(&format!("{signed}.AAAA")).unwrap_err(), Refusal::Invalid);
}
