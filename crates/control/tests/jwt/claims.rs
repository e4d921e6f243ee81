//! From claims to who it is.

use countersign_control::jwt::{IdentityType, Refusal};
use domain::Instant;
use serde_json::{Value, json};

use crate::fixtures::{House, NOW, claims, header, with};

#[test]
fn every_spelling_of_scopes_is_one_list() {
    let house = House::plain();
    for (claim, value) in [
        ("scope", json!("b a,a  c")),
        ("scopes", json!(["c", "a b"])),
        ("scp", json!("[\"a\", \"b\", \"c\"]")),
        ("orcheo", json!({"scopes": ["a", "b,c"]})),
    ] {
        let verified = house.verify(&header(), &with(with(claims(), "scope", Value::Null), claim, value)).unwrap();
        assert_eq!(verified.scopes, ["a", "b", "c"], "{claim}");
    }
    let mut all = with(claims(), "scope", json!("a"));
    all.as_object_mut().unwrap().extend(
        json!({"scopes": "b", "scp": ["c"], "orcheo": {"scopes": "d", "workspace_ids": ["W4"]}, "workspace_ids": ["W1"],
            "workspaces": "W2", "workspace": "W3", "workspace_id": "W1"})
        .as_object()
        .unwrap()
        .clone(),
    );
    let verified = house.verify(&header(), &all).unwrap();
    assert_eq!(verified.scopes, ["a", "b", "c", "d"]);
    assert_eq!(verified.workspaces, ["W1", "W2", "W3", "W4"]);
}

#[test]
fn a_token_that_is_for_no_workspace_is_not_for_all_of_them() {
    let house = House::plain();
    assert!(house.verify(&header(), &claims()).unwrap().workspaces.is_empty(), "where nothing is said, everywhere");
    for nowhere in [json!([]), json!(""), json!("  ")] {
        let claims = with(claims(), "workspace_ids", nowhere);
        assert_eq!(house.refusal(&header(), &claims), Refusal::NoWorkspace);
    }
    let configured = House::new(|config| config.claims.workspaces = vec!["tenant".into()]);
    assert_eq!(configured.refusal(&header(), &claims()), Refusal::NoWorkspace, "what was to say it is not there");
    assert!(configured.verify(&header(), &with(claims(), "tenant", json!("acme"))).is_ok());
}

#[test]
fn lists_of_another_shape_or_without_end_are_refused() {
    let house = House::plain();
    let many: Vec<_> = (0..101).map(|n| format!("s{n}")).collect();
    for value in [json!(7), json!({"a": true}), json!([1]), json!("[1]"), json!("[\"a\""), json!(many)] {
        assert_eq!(house.refusal(&header(), &with(claims(), "scope", value.clone())), Refusal::Invalid, "{value}");
    }
    assert!(house.verify(&header(), &with(claims(), "scope", json!(many[1..]))).is_ok());
    for sub in [json!(""), json!("a\nb"), json!("x".repeat(256)), json!(7)] {
        assert_eq!(house.refusal(&header(), &with(claims(), "sub", sub)), Refusal::Invalid);
    }
}

#[test]
fn nested_claims_are_read_by_the_operators_paths() {
    let house = House::new(|config| {
        config.claims.scopes = vec![
            "realm_access.roles".into(),
            "/resource_access/my.client/roles".into(),
            "/https:~1~1plane.example~1roles".into(),
            "nowhere.at.all".into(),
        ];
        config.claims.workspaces = vec!["tenant".into()];
        config.scopes = Some(vec!["r1".into(), "r2".into(), "r3".into()]);
    });
    let mut nested = with(claims(), "tenant", json!("acme"));
    nested["realm_access"] = json!({"roles": ["r1", "offline_access"]});
    nested["resource_access"] = json!({"my.client": {"roles": ["r2"]}});
    nested["https://plane.example/roles"] = json!(["r3"]);
    let verified = house.verify(&header(), &nested).unwrap();
    assert_eq!(verified.scopes, ["r1", "r2", "r3"], "an issuer gives no more than it may");
    assert_eq!(verified.workspaces, ["acme"]);
}

#[test]
fn an_address_counts_only_if_the_issuer_verified_it() {
    let house = House::plain();
    let email = |verified: Value| {
        let claims = with(with(claims(), "email", json!("ada@x.example")), "email_verified", verified);
        house.verify(&header(), &claims).unwrap().email.clone()
    };
    assert_eq!(email(json!(true)).as_deref(), Some("ada@x.example"));
    for not in [json!(false), json!("true"), json!(1), Value::Null] {
        assert_eq!(email(not), None);
    }
}

#[test]
fn who_when_and_how_come_from_their_claims() {
    let house = House::new(|config| config.name = "acme".into());
    let mut claims = claims();
    claims["auth_time"] = json!(NOW - 60);
    claims["acr"] = json!("phr");
    claims["amr"] = json!(["pwd", "hwk"]);
    claims["token_use"] = json!("service");
    let verified = house.verify(&header(), &claims).unwrap();
    assert_eq!(
        (verified.issuer.as_str(), verified.subject.as_str(), verified.token_id.as_str()),
        ("acme", "person-7", "t-1")
    );
    assert_eq!(verified.client_id.as_deref(), Some("console"));
    assert_eq!(verified.identity_type, IdentityType::Service);
    assert_eq!(verified.authenticated_at, Some(Instant::from_seconds(NOW - 60)));
    assert_eq!((verified.acr.as_deref(), verified.amr.join(" ").as_str()), (Some("phr"), "hwk pwd"));
    assert_eq!(verified.expires_at, Instant::from_seconds(NOW + 600));
    for (name, value, expected) in [
        ("token_use", "user", IdentityType::User),
        ("type", "client", IdentityType::Client),
        ("typ", "service", IdentityType::Service),
        ("type", "robot", IdentityType::User),
    ] {
        let claims = with(with(claims.clone(), "token_use", Value::Null), name, json!(value));
        assert_eq!(house.verify(&header(), &claims).unwrap().identity_type, expected);
    }
}
