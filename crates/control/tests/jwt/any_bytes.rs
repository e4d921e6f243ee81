//! Outside bytes: whatever a caller or an issuer sends, there is an answer and no panic, and nothing unsigned passes.

use std::sync::{Arc, LazyLock};

use countersign_control::jwt::{FetchKeys, IssuerConfig, KeySource, Verifier};
use domain::Clock;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fixtures::{House, NoNetwork, claims, config, header, verifier, with};
use crate::signer::base64url;

static HOUSE: LazyLock<House> = LazyLock::new(House::plain);

/// JSON of any shape, with the names that matter.
fn json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just("scope".to_owned()),
        Just("aud".to_owned()),
        Just("exp".to_owned()),
        Just("kid".to_owned()),
        Just("keys".to_owned()),
        Just("kty".to_owned()),
        Just("n".to_owned()),
        Just("orcheo".to_owned()),
        ".{0,8}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,16}".prop_map(Value::from),
        Just(json!("RSA")),
        Just(json!("AQAB")),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(name.clone(), inner, 0..6).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_passes_that_nobody_signed(text in ".{0,300}", parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 3)) {
        prop_assert!(HOUSE.verifier.verify(&text).is_err());
        let token: Vec<_> = parts.iter().map(|part| base64url(part)).collect();
        prop_assert!(HOUSE.verifier.verify(&token.join(".")).is_err());
    }

    #[test]
    fn no_claim_of_any_shape_makes_a_panic(name in "[a-z_]{2,12}|scope|amr|acr|email|auth_time|nbf|orcheo", value in json()) {
        let _ = HOUSE.verify(&with(header(), &name, value.clone()), &claims());
        let _ = HOUSE.verify(&header(), &with(claims(), &name, value));
    }

    #[test]
    fn no_key_set_of_any_shape_makes_a_panic(key in json(), text in ".{0,200}", as_key in any::<bool>()) {
        let text = if as_key { json!({ "keys": [key] }).to_string() } else { text };
        let config: IssuerConfig = config(KeySource::StaticJwks(text));
        let fetch: Arc<dyn FetchKeys> = Arc::new(NoNetwork);
        let clock: Arc<dyn Clock> = HOUSE.clock.clone();
        prop_assert!(Verifier::new(vec![config], clock, &fetch).is_err());
    }
}

#[test]
fn the_house_of_these_properties_takes_a_good_token() {
    assert!(HOUSE.verify(&header(), &claims()).is_ok());
    assert!(verifier(vec![], Arc::new(NoNetwork)).unwrap().1.is_empty());
}
