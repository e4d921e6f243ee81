//! J-01 to J-04, J-07, J-15: tokens that are forged, or have two readings.

use std::io::ErrorKind;
use std::net::TcpListener;

use countersign_control::jwt::{Refusal, Verifier};
use serde_json::{Value, json};

use crate::fixtures::{AUDIENCE, House, claims, header, with};
use crate::signer::{Signer, base64url};

#[test]
fn j_01_no_signature_is_no_token_in_any_spelling() {
    let house = House::plain();
    for alg in ["none", "None", "NONE", "nOnE", "", "none ", "RS256,none"] {
        let header = with(header(), "alg", json!(alg));
        let signed = house.signer.token(&header, &claims());
        let unsigned = signed.rsplit_once('.').unwrap().0;
        for token in [&signed, &format!("{unsigned}."), &format!("{unsigned}.AA")] {
            assert_eq!(house.verifier.verify(token).unwrap_err(), Refusal::UnsupportedAlgorithm, "{alg}");
        }
    }
    for alg in [Value::Null, json!(["RS256"]), json!(1), json!(true)] {
        assert_eq!(house.refusal(&with(header(), "alg", alg), &claims()), Refusal::Invalid);
    }
}

#[test]
fn j_02_the_public_key_is_never_a_shared_secret() {
    let house = House::plain();
    let texts = house.signer.public_texts();
    assert_eq!(texts.len(), 7);
    for text in texts {
        let attacker = Signer::Secret(text);
        let token = attacker.token(&with(header(), "alg", json!("HS256")), &claims());
        assert_eq!(house.verifier.verify(&token).unwrap_err(), Refusal::UnsupportedAlgorithm);
        assert_eq!(house.verifier.verify(&attacker.token(&header(), &claims())).unwrap_err(), Refusal::Invalid);
    }
}

#[test]
fn j_03_a_key_that_a_header_brings_or_points_to_is_not_looked_at() {
    let sink = TcpListener::bind("127.0.0.1:0").unwrap();
    sink.set_nonblocking(true).unwrap();
    let url = format!("http://{}/jwks.json", sink.local_addr().unwrap());
    let (house, attacker) = (House::plain(), Signer::rsa());
    let extras = [
        ("jwk", attacker.jwk("k1")),
        ("jku", json!(url)),
        ("x5u", json!(url)),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("AAAA")),
    ];
    for (name, value) in extras {
        let header = with(header(), name, value);
        assert_eq!(house.verifier.verify(&attacker.token(&header, &claims())).unwrap_err(), Refusal::Invalid);
        assert!(house.verify(&header, &claims()).is_ok(), "{name} is ignored, whatever is in it");
    }
    assert_eq!(sink.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "the sink saw a request");
}

#[test]
fn j_04_each_claim_that_is_required_is_missed() {
    let house = House::plain();
    assert!(house.verify(&header(), &claims()).is_ok());
    for name in ["iss", "aud", "sub", "client_id", "iat", "jti", "exp"] {
        assert_eq!(house.refusal(&header(), &with(claims(), name, Value::Null)), Refusal::Invalid, "{name}");
    }
    for (aud, expected) in [
        (json!("https://plane.example/"), Refusal::InvalidAudience),
        (json!("https://PLANE.example"), Refusal::InvalidAudience),
        (json!([]), Refusal::InvalidAudience),
        (json!(["other"]), Refusal::InvalidAudience),
        (json!([AUDIENCE, 1]), Refusal::Invalid),
        (json!({"aud": AUDIENCE}), Refusal::Invalid),
    ] {
        assert_eq!(house.refusal(&header(), &with(claims(), "aud", aud.clone())), expected, "{aud}");
    }
    assert!(house.verify(&header(), &with(claims(), "aud", json!(["other", AUDIENCE]))).is_ok());
    for iss in ["https://issuer.example", "https://issuer.example/x", "", "HTTPS://issuer.example/"] {
        assert_eq!(house.refusal(&header(), &with(claims(), "iss", json!(iss))), Refusal::InvalidIssuer, "{iss}");
    }
    assert_eq!(house.refusal(&header(), &with(claims(), "iss", json!(["https://issuer.example/"]))), Refusal::Invalid);
}

#[test]
fn j_07_a_critical_extension_that_is_not_understood_ends_it() {
    let house = House::plain();
    for crit in [json!(["b64"]), json!(["exp"]), json!([]), json!("b64")] {
        let header = with(with(header(), "crit", crit), "b64", json!(true));
        assert_eq!(house.refusal(&header, &claims()), Refusal::Invalid);
    }
    let nested = with(header(), "cty", json!("JWT"));
    assert_eq!(house.refusal(&nested, &claims()), Refusal::Invalid, "a token inside a token");
}

#[test]
fn j_15_tokens_that_are_too_large_or_in_too_many_parts_are_refused_unread() {
    let house = House::plain();
    let good = house.signer.token(&header(), &claims());
    let room = |bytes: usize| house.signer.token(&header(), &with(claims(), "x", json!("x".repeat(bytes))));
    assert!(house.verifier.verify(&room(5000)).is_ok());
    for token in [room(7000), ".".repeat(1_000_000), "a".repeat(1_000_000), good.repeat(100), format!("{good}.")] {
        assert_eq!(house.verifier.verify(&token).unwrap_err(), Refusal::Invalid);
    }
    for token in ["", ".", "..", "...", "a.b.c", "eyJ.eyJ.AA", "é.é.é", &good.replacen('.', "", 1), &format!("{good}=")]
    {
        assert_eq!(house.verifier.verify(token).unwrap_err(), Refusal::Invalid, "{token}");
    }
    assert!(Verifier::takes(&good) && !Verifier::takes("cs_svt_0123") && !Verifier::takes(&".".repeat(9)));
}

#[test]
fn s_23_json_with_two_readings_is_refused() {
    let house = House::plain();
    let (head, body) = (header().to_string(), claims().to_string());
    let open = |text: &str| text.strip_suffix('}').unwrap().to_owned();
    assert!(house.verifier.verify(&house.signer.token_of(&head, &body)).is_ok());
    let deep = |depth: usize| format!(r#"{},"x":{}{}}}"#, open(&body), "[".repeat(depth), "]".repeat(depth));
    assert!(house.verifier.verify(&house.signer.token_of(&head, &deep(15))).is_ok());
    let tokens = [
        (format!(r#"{},"alg":"RS256"}}"#, open(&head)), body.clone()),
        (format!(r#"{},"\u0061lg":"HS256"}}"#, open(&head)), body.clone()),
        (head.clone(), format!(r#"{},"sub":"admin"}}"#, open(&body))),
        (head.clone(), format!(r#"{},"x":{{"a":1,"a":2}}}}"#, open(&body))),
        (head.clone(), format!(r#"{},"x":[[{{"a":1,"a":1}}]]}}"#, open(&body))),
        (head.clone(), format!("{body}{body}")),
        (head.clone(), format!("[{body}]")),
        (head.clone(), deep(16)),
        (head.clone(), deep(1000)),
        (format!("{head} x"), body.clone()),
    ];
    for (head, body) in tokens {
        let refused = house.verifier.verify(&house.signer.token_of(&head, &body)).unwrap_err();
        assert_eq!(refused, Refusal::Invalid, "{head} {body}");
    }
}

#[test]
fn every_changed_character_of_a_token_is_noticed() {
    let house = House::plain();
    let token = house.signer.token(&header(), &claims());
    for at in (0..token.len()).step_by(7).chain([token.len() - 1]) {
        for other in ["A", "_", "."] {
            let mut changed = token.clone();
            changed.replace_range(at..=at, other);
            assert!(changed == token || house.verifier.verify(&changed).is_err(), "{at} {other}");
        }
    }
    let (signed, _) = token.rsplit_once('.').unwrap();
    for signature in ["", "AA", &base64url(&[0; 256]), &base64url(&[255; 256])] {
        assert!(house.verifier.verify(&format!("{signed}.{signature}")).is_err());
    }
}
