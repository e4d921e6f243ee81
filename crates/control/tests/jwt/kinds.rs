//! J-08 and the profiles: what each product's access tokens look like, and every other kind of token.

use countersign_control::jwt::{IdentityType, PROFILES, Profile, Refusal};
use serde_json::{Value, json};

use crate::fixtures::{AUDIENCE, House, ISSUER, NOW, claims, header, with};

/// The header and claims of a typical access token.
fn typical(profile: Profile) -> (Value, Value) {
    let plain = |typ: Option<&str>| with(header(), "typ", typ.map_or(Value::Null, |typ| json!(typ)));
    let base = json!({"iss": ISSUER, "aud": [AUDIENCE], "sub": "person-7", "iat": NOW - 10, "exp": NOW + 600});
    let more = |extra: Value| {
        let mut claims = base.clone();
        claims.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        claims
    };
    match profile {
        Profile::Rfc9068 => (header(), claims()),
        Profile::Orcheo => (plain(Some("JWT")), json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "u", "exp": NOW + 600})),
        Profile::Auth0 => (
            plain(Some("JWT")),
            more(json!({"azp": "app", "scope": "openid logs:read", "aud": [AUDIENCE, "https://x.auth0.com/userinfo"]})),
        ),
        Profile::Okta => (
            plain(None),
            more(
                json!({"ver": 1, "jti": "AT.x", "cid": "0oa", "uid": "00u", "scp": ["logs:read"], "auth_time": NOW - 60}),
            ),
        ),
        Profile::Keycloak => (
            plain(Some("JWT")),
            more(json!({"typ": "Bearer", "jti": "onrtac:x", "azp": "app", "scope": "email", "sid": "s",
                "email": "a@x.example", "email_verified": true, "realm_access": {"roles": ["logs:read"]}})),
        ),
        Profile::Entra => (
            with(plain(Some("JWT")), "x5t", json!("t")),
            more(json!({"ver": "2.0", "azp": "app", "scp": "logs:read", "uti": "u-1", "tid": "t", "nbf": NOW - 10})),
        ),
        Profile::Kubernetes => (
            plain(None),
            more(json!({"sub": "system:serviceaccount:ci:deployer", "nbf": NOW - 10, "jti": "k-1",
                "kubernetes.io": {"namespace": "ci", "serviceaccount": {"name": "deployer", "uid": "1"}}})),
        ),
        Profile::GithubActions => (
            plain(Some("JWT")),
            more(json!({"sub": "repo:acme/billing:environment:prod", "jti": "g-1", "nbf": NOW - 10,
                "repository": "acme/billing", "run_id": "1", "environment": "prod"})),
        ),
    }
}

fn house(profile: Profile) -> House {
    House::new(|config| {
        config.profile = profile;
        if matches!(profile, Profile::Kubernetes | Profile::GithubActions) {
            config.subjects = vec!["system:serviceaccount:ci:deployer".into(), "repo:acme/billing:*".into()];
            config.default_scopes = vec!["decisions:request".into()];
        }
    })
}

#[test]
fn s_22_each_profile_takes_its_own_tokens_and_only_rfc_9068_is_on_by_default() {
    assert_eq!(Profile::default(), Profile::Rfc9068);
    let strict = House::plain();
    for (name, profile, _) in PROFILES {
        assert_eq!(serde_json::from_value::<Profile>(json!(name)).unwrap(), *profile);
        let (header, claims) = typical(*profile);
        let house = house(*profile);
        house.verify(&header, &claims).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        if *profile != Profile::Rfc9068 {
            assert_eq!(strict.refusal(&header, &claims), Refusal::Invalid, "{name} passed for RFC 9068");
        }
        for required in ["iss", "aud", "exp"] {
            assert_eq!(
                house.refusal(&header, &with(claims.clone(), required, Value::Null)),
                Refusal::Invalid,
                "{name}"
            );
        }
    }
}

#[test]
fn j_08_no_profile_takes_another_kind_of_token() {
    for (name, profile, _) in PROFILES {
        let (house, (header, claims)) = (house(*profile), typical(*profile));
        for typ in ["logout+jwt", "secevent+jwt", "dpop+jwt", "application/logout+jwt", "JOSE", "rt+jwt", "JWE", ""] {
            let typed = with(header.clone(), "typ", json!(typ));
            if typ.is_empty() && house.verify(&header, &claims).is_ok() && header.get("typ").is_none() {
                continue;
            }
            let refused = house.verify(&typed, &claims);
            assert!(refused.is_err() || (typ.is_empty() && *profile == Profile::Orcheo), "{name} {typ}");
        }
        let event = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
        for (claim, value) in [
            ("events", event),
            ("htm", json!("POST")),
            ("htu", json!("https://plane.example/x")),
            ("cnf", json!({"jkt": "x"})),
            ("token_use", json!("id")),
            ("token_use", json!("refresh")),
            ("typ", json!("ID")),
            ("typ", json!("Refresh")),
            ("typ", json!("Logout")),
        ] {
            let changed = with(claims.clone(), claim, value);
            assert_eq!(house.refusal(&header, &changed), Refusal::Invalid, "{name} {claim}");
        }
    }
}

#[test]
fn j_08_an_id_token_is_refused_even_with_our_audience() {
    for (name, profile, _) in PROFILES {
        let house = house(*profile);
        let id = json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "person-7", "iat": NOW, "exp": NOW + 600, "azp": "app",
            "nonce": "n", "at_hash": "h", "auth_time": NOW, "jti": "ID.x", "email": "a@x.example"});
        for typ in [Value::Null, json!("JWT")] {
            assert_eq!(house.refusal(&with(header(), "typ", typ), &id), Refusal::Invalid, "{name}");
        }
    }
}

#[test]
fn only_listed_subjects_get_the_scopes_that_the_operator_gives() {
    let house = house(Profile::GithubActions);
    let (header, claims) = typical(Profile::GithubActions);
    let verified = house.verify(&header, &with(claims.clone(), "scope", json!("audit:read"))).unwrap();
    assert_eq!(verified.scopes, ["decisions:request"], "the token does not say its scopes");
    assert_eq!(verified.identity_type, IdentityType::Service);
    for other in ["repo:evil/billing:environment:prod", "repo:acme/billing-2:ref:x", "repo:acme/billing", ""] {
        assert_eq!(house.refusal(&header, &with(claims.clone(), "sub", json!(other))), Refusal::Invalid, "{other}");
    }
}

#[test]
fn a_client_that_acts_for_itself_is_not_taken_for_a_person() {
    for (profile, claim, value) in [
        (Profile::Rfc9068, "sub", "console"),
        (Profile::Rfc9068, "gty", "client-credentials"),
        (Profile::Auth0, "sub", "app@clients"),
        (Profile::Okta, "sub", "0oa"),
        (Profile::Keycloak, "preferred_username", "service-account-app"),
        (Profile::Entra, "idtyp", "app"),
    ] {
        let (header, claims) = typical(profile);
        let verified = house(profile).verify(&header, &with(claims, claim, json!(value))).unwrap();
        assert_eq!(verified.identity_type, IdentityType::Client, "{profile:?}");
    }
}
