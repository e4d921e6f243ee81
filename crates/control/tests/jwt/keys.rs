//! S-24, J-09, J-10 and which key is taken: by family, by id, by what it is for.

use std::sync::Arc;

use countersign_control::jwt::{
    Algorithm, BadIssuer, IssuerConfig, KeyHealth, KeySource, Profile, Refusal, SharedSecret,
};
use serde_json::{Value, json};

use crate::fixtures::{NOW, NoNetwork, claims, config, header, verifier, with};
use crate::signer::{Signer, base64url};

fn jwks(keys: &[Value]) -> KeySource {
    KeySource::StaticJwks(json!({"keys": keys}).to_string())
}

fn refused(config: IssuerConfig) -> BadIssuer {
    verifier(vec![config], Arc::new(NoNetwork)).map(|_| ()).unwrap_err()
}

#[test]
fn each_family_verifies_its_own() {
    let secret = Signer::Secret(vec![7; 32]);
    for (signer, algorithm) in [
        (Signer::rsa(), Algorithm::RS256),
        (Signer::rsa(), Algorithm::PS256),
        (Signer::ec(), Algorithm::ES256),
        (Signer::ed(), Algorithm::EdDsa),
        (secret, Algorithm::HS256),
    ] {
        let keys = match &signer {
            Signer::Secret(bytes) => KeySource::Secret(SharedSecret::new(bytes.clone())),
            _ => jwks(&[signer.jwk("k1")]),
        };
        let config = IssuerConfig { algorithms: vec![algorithm], ..config(keys) };
        let (_, verifier) = verifier(vec![config], Arc::new(NoNetwork)).unwrap();
        let header = with(header(), "alg", json!(algorithm.name()));
        assert!(verifier.verify(&signer.token(&header, &claims())).is_ok(), "{algorithm:?}");
        for other in Algorithm::ALL.into_iter().filter(|other| *other != algorithm) {
            let token = signer.token(&with(header.clone(), "alg", json!(other.name())), &claims());
            assert_eq!(verifier.verify(&token).unwrap_err(), Refusal::UnsupportedAlgorithm, "{algorithm:?} {other:?}");
        }
    }
}

#[test]
fn j_09_a_short_secret_does_not_start() {
    for length in [0, 1, 31] {
        let error = refused(config(KeySource::Secret(SharedSecret::new(vec![b'x'; length]))));
        assert_eq!((error.key, error.issuer.as_str()), ("secret", "issuer"));
    }
    assert!(verifier(vec![config(KeySource::Secret(SharedSecret::new(vec![b'x'; 32])))], Arc::new(NoNetwork)).is_ok());
    let debug = format!("{:?}", config(KeySource::Secret(SharedSecret::new(b"canary-canary".to_vec()))));
    assert!(!debug.contains("canary") && !debug.contains("99"), "{debug}");
}

#[test]
fn j_10_a_weak_rsa_key_is_left_out_and_the_others_count() {
    let strong = Signer::rsa();
    let weak = json!({"kty": "RSA", "kid": "weak", "n": base64url(&[0xC1; 128]), "e": "AQAB"});
    let padded =
        json!({"kty": "RSA", "kid": "zeros", "n": base64url(&[vec![0; 128], vec![0xC1; 128]].concat()), "e": "AQAB"});
    let even = json!({"kty": "RSA", "kid": "even", "n": base64url(&[0xC1; 256]), "e": "Ag"});
    let (_, verifier) =
        verifier(vec![config(jwks(&[weak.clone(), padded, even, strong.jwk("k1")]))], Arc::new(NoNetwork)).unwrap();
    assert_eq!(verifier.health(), [("issuer".to_owned(), KeyHealth::Ready { keys: 1 })]);
    assert!(verifier.verify(&strong.token(&header(), &claims())).is_ok());
    for kid in ["weak", "zeros", "even"] {
        let token = strong.token(&with(header(), "kid", json!(kid)), &claims());
        assert_eq!(verifier.verify(&token).unwrap_err(), Refusal::UnknownKey);
    }
    assert_eq!(refused(config(jwks(&[weak]))).key, "jwks");
}

#[test]
fn s_24_keys_that_are_not_for_this_are_left_out() {
    let signer = Signer::rsa();
    let good = signer.jwk("k1");
    for (name, value) in [
        ("use", json!("enc")),
        ("key_ops", json!(["encrypt"])),
        ("key_ops", json!("verify")),
        ("alg", json!("HS256")),
        ("alg", json!("RS1")),
        ("alg", json!("ES256")),
        ("kty", json!("EC")),
        ("d", json!("AQAB")),
        ("n", json!("not base64url!")),
        ("e", Value::Null),
        ("kid", json!(1)),
    ] {
        assert_eq!(refused(config(jwks(&[with(good.clone(), name, value)]))).key, "jwks", "{name}");
    }
    let secret = Signer::Secret(vec![7; 64]).jwk("k1");
    assert_eq!(refused(config(jwks(&[secret]))).key, "jwks", "a published key is never a shared one");
    assert_eq!(refused(config(jwks(&[good.clone(), Signer::rsa().jwk("k1")]))).key, "jwks", "one id, two keys");
    let pss_only = with(good.clone(), "alg", json!("PS256"));
    let both = IssuerConfig { algorithms: vec![Algorithm::RS256, Algorithm::PS256], ..config(jwks(&[pss_only])) };
    let (_, verifier) = verifier(vec![both], Arc::new(NoNetwork)).unwrap();
    assert_eq!(verifier.verify(&signer.token(&header(), &claims())).unwrap_err(), Refusal::Invalid);
    assert!(verifier.verify(&signer.token(&with(header(), "alg", json!("PS256")), &claims())).is_ok());
    let marked = with(with(good, "use", json!("sig")), "key_ops", json!(["verify"]));
    assert!(verify(&[marked], &signer).is_ok());
}

fn verify(keys: &[Value], signer: &Signer) -> Result<(), Refusal> {
    let (_, verifier) = verifier(vec![config(jwks(keys))], Arc::new(NoNetwork)).unwrap();
    verifier.verify(&signer.token(&header(), &claims())).map(|_| ())
}

#[test]
fn without_a_key_id_only_an_only_key_is_taken() {
    let (first, second) = (Signer::rsa(), Signer::rsa());
    let nameless = with(header(), "kid", Value::Null);
    let verify = |keys: &[Value], header: &Value| {
        let (_, verifier) = verifier(vec![config(jwks(keys))], Arc::new(NoNetwork)).unwrap();
        verifier.verify(&first.token(header, &claims())).map(|_| ()).err()
    };
    assert_eq!(verify(&[first.jwk("k1"), Signer::ec().jwk("k2")], &nameless), None);
    assert_eq!(verify(&[first.jwk("k1"), second.jwk("k2")], &nameless), Some(Refusal::Invalid));
    assert_eq!(verify(&[first.jwk("k1"), second.jwk("k2")], &header()), None);
    assert_eq!(verify(&[first.jwk("k2"), second.jwk("k1")], &header()), Some(Refusal::Invalid));
    assert_eq!(verify(&[first.jwk("k2")], &header()), Some(Refusal::UnknownKey));
    for kid in [json!(1), json!(["k1"]), json!("k".repeat(257))] {
        assert_eq!(verify(&[first.jwk("k1")], &with(header(), "kid", kid)), Some(Refusal::Invalid));
    }
}

#[test]
fn an_issuer_is_chosen_by_its_exact_name_and_its_keys_are_its_own() {
    let (ours, theirs) = (Signer::rsa(), Signer::rsa());
    let other = || IssuerConfig {
        name: "other".into(),
        issuer: Some("https://other.example".into()),
        ..config(jwks(&[theirs.jwk("k1")]))
    };
    let both = vec![config(jwks(&[ours.jwk("k1")])), other()];
    let (_, verifier_) = verifier(both, Arc::new(NoNetwork)).unwrap();
    let for_other = with(claims(), "iss", json!("https://other.example"));
    assert_eq!(verifier_.verify(&theirs.token(&header(), &for_other)).unwrap().issuer, "other");
    assert_eq!(verifier_.verify(&ours.token(&header(), &for_other)).unwrap_err(), Refusal::Invalid);
    let twice = verifier(vec![other(), other()], Arc::new(NoNetwork)).map(|_| ()).unwrap_err();
    assert_eq!(twice.key, "name");
    let same = IssuerConfig { name: "third".into(), ..other() };
    assert_eq!(verifier(vec![other(), same], Arc::new(NoNetwork)).map(|_| ()).unwrap_err().key, "issuer");
}

#[test]
fn only_a_shared_secret_under_orcheos_profile_may_leave_the_issuer_open() {
    let secret = || KeySource::Secret(SharedSecret::new(vec![7; 32]));
    let open = |keys| IssuerConfig { issuer: None, audiences: vec![], profile: Profile::Orcheo, ..config(keys) };
    let (_, verifier) = verifier(vec![open(secret())], Arc::new(NoNetwork)).unwrap();
    let token = |claims: Value| Signer::Secret(vec![7; 32]).token(&json!({"alg": "HS256", "typ": "JWT"}), &claims);
    for extra in [json!({}), json!({"iss": "anyone", "aud": "anything"})] {
        let mut claims = json!({"sub": "u", "exp": NOW + 60});
        claims.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        assert_eq!(verifier.verify(&token(claims)).unwrap().subject, "u");
    }
    assert_eq!(verifier.verify(&token(json!({"exp": NOW + 60}))).unwrap_err(), Refusal::Invalid, "nobody");
    assert_eq!(verifier.verify(&token(json!({"sub": "u"}))).unwrap_err(), Refusal::Invalid, "forever");
    let rsa = Signer::rsa().jwk("k1");
    assert_eq!(refused(open(jwks(std::slice::from_ref(&rsa)))).key, "issuer");
    assert_eq!(refused(IssuerConfig { issuer: None, ..config(jwks(&[rsa])) }).key, "issuer");
    assert_eq!(refused(IssuerConfig { audiences: vec![], ..config(secret()) }).key, "audiences");
}

#[test]
fn what_cannot_stand_is_named() {
    let rsa = Signer::rsa().jwk("k1");
    let key = |change: fn(&mut IssuerConfig)| {
        let mut config = config(jwks(std::slice::from_ref(&rsa)));
        change(&mut config);
        refused(config).key
    };
    assert_eq!(key(|c| c.name = String::new()), "name");
    assert_eq!(key(|c| c.algorithms = vec![]), "algorithms");
    assert_eq!(key(|c| c.algorithms = vec![Algorithm::RS256, Algorithm::ES256]), "algorithms");
    assert_eq!(key(|c| c.algorithms = vec![Algorithm::HS256]), "algorithms");
    assert_eq!(key(|c| c.audiences = vec![]), "audiences");
    assert_eq!(key(|c| c.audiences = vec![String::new()]), "audiences");
    assert_eq!(key(|c| c.leeway_seconds = 61), "leeway_seconds");
    assert_eq!(key(|c| c.max_lifetime_seconds = 0), "max_lifetime_seconds");
    assert_eq!(key(|c| c.profile = Profile::Kubernetes), "subjects");
    assert_eq!(key(|c| c.default_scopes = vec!["logs:read".into()]), "default_scopes");
    assert_eq!(key(|c| c.keys = KeySource::StaticJwks("[]".into())), "jwks");
    assert_eq!(key(|c| c.keys = KeySource::StaticJwks("{\"keys\":[],\"keys\":[]}".into())), "jwks");
}
