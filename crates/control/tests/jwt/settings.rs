//! What an operator writes: the settings file, and Orcheo's variables.

use std::collections::HashMap;
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::time::Duration;

use countersign_control::jwt::{Algorithm, BadIssuer, IssuerConfig, IssuerSettings, JwtSettings, KeySource, Profile};
use serde_json::{Value, json};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn settings(value: Value) -> Result<IssuerConfig, BadIssuer> {
    let settings: IssuerSettings = serde_json::from_value(value).unwrap();
    let variable = |name: &str| (name == "OUR_SECRET").then(|| SECRET.to_owned());
    let file = |path: &Path| match path.to_str() {
        Some("/run/secret") => Ok(format!("{SECRET}\n").into_bytes()),
        Some("/run/binary") => Ok(vec![0xFF]),
        _ => Err(Error::new(ErrorKind::NotFound, "no such file")),
    };
    settings.into_config(variable, file)
}

#[test]
fn an_issuer_reads_with_defaults_and_its_algorithm_follows_its_keys() {
    let base = json!({"name": "idp", "issuer": "https://idp.example", "audiences": ["x"]});
    let with = |name: &str, value: &str| crate::fixtures::with(base.clone(), name, json!(value));
    let url = settings(with("jwks_url", "https://idp.example/jwks")).unwrap();
    assert_eq!((url.algorithms, url.profile), (vec![Algorithm::RS256], Profile::Rfc9068));
    assert_eq!((url.leeway_seconds, url.max_lifetime_seconds), (0, 86_400));
    assert!(
        matches!(url.keys, KeySource::JwksUrl { cache_seconds: 300, timeout, .. } if timeout == Duration::from_secs(5))
    );
    for (name, value) in [("secret_env", "OUR_SECRET"), ("secret_file", "/run/secret")] {
        let shared = settings(with(name, value)).unwrap();
        assert!(matches!(shared.keys, KeySource::Secret(_)));
        assert_eq!(shared.algorithms, [Algorithm::HS256]);
    }
    let all = json!({"issuers": [{"name": "ci", "profile": "github-actions", "algorithms": ["EdDSA"], "jwks": "{}"}]});
    assert_eq!(serde_json::from_value::<JwtSettings>(all).unwrap().issuers.len(), 1);
}

#[test]
fn what_is_wrong_is_named_by_its_key() {
    let base = json!({"name": "idp", "issuer": "https://idp.example", "audiences": ["x"]});
    let key = |extra: Value| {
        let mut all = base.clone();
        all.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        settings(all).unwrap_err().key
    };
    assert_eq!(key(json!({})), "jwks_url");
    assert_eq!(key(json!({"jwks": "{}", "jwks_url": "https://x.example"})), "jwks_url");
    assert_eq!(key(json!({"secret_env": "NOT_SET"})), "secret_env");
    assert_eq!(key(json!({"secret_file": "/nowhere"})), "secret_file");
    assert_eq!(key(json!({"jwks_file": "/run/binary"})), "jwks_file");
    assert_eq!(key(json!({"jwks_url": "https://x.example", "jwks_timeout_seconds": -1.0})), "jwks_timeout_seconds");
    let inline = json!({"name": "idp", "secret": SECRET});
    let error = serde_json::from_value::<IssuerSettings>(inline).unwrap_err().to_string();
    assert!(error.contains("unknown field `secret`") && !error.contains(SECRET), "{error}");
}

fn orcheo(variables: &[(&str, &str)]) -> Result<Option<IssuerConfig>, BadIssuer> {
    let all: HashMap<_, _> = variables.iter().map(|(name, value)| (format!("ORCHEO_AUTH_{name}"), *value)).collect();
    IssuerConfig::from_orcheo(|name| all.get(name).map(|value| (*value).to_owned()))
}

#[test]
fn orcheos_variables_are_one_issuer() {
    assert!(orcheo(&[]).unwrap().is_none());
    assert!(orcheo(&[("JWT_SECRET", ""), ("AUDIENCE", "x")]).unwrap().is_none());
    let shared = orcheo(&[("JWT_SECRET", SECRET)]).unwrap().unwrap();
    assert_eq!((shared.algorithms, shared.profile, shared.issuer), (vec![Algorithm::HS256], Profile::Orcheo, None));
    let published = orcheo(&[
        ("JWKS_URL", "https://idp.example/.well-known/jwks.json"),
        ("JWKS_CACHE_TTL", "120"),
        ("JWKS_TIMEOUT", "2.5"),
        ("ALLOWED_ALGORITHMS", "RS256,HS256"),
        ("AUDIENCE", "a, b"),
        ("ISSUER", "https://idp.example/"),
    ]);
    let published = published.unwrap().unwrap();
    assert_eq!(published.algorithms, [Algorithm::RS256]);
    assert_eq!(published.audiences, ["a", "b"]);
    assert_eq!(published.issuer.as_deref(), Some("https://idp.example/"));
    let expected = Duration::from_millis(2500);
    assert!(matches!(published.keys, KeySource::JwksUrl { cache_seconds: 120, timeout, .. } if timeout == expected));
    for name in ["JWKS", "JWKS_STATIC"] {
        let fixed = orcheo(&[(name, "{\"keys\":[]}"), ("AUDIENCE", "[\"a\"]"), ("ISSUER", "i")]).unwrap().unwrap();
        assert!(matches!(fixed.keys, KeySource::StaticJwks(_)));
        assert_eq!(fixed.audiences, ["a"]);
    }
}

#[test]
fn t_19_what_orcheo_left_to_guessing_is_an_error() {
    let key = |variables: &[(&str, &str)]| orcheo(variables).unwrap_err().key;
    let both = [("JWT_SECRET", SECRET), ("JWKS_URL", "https://x.example")];
    let error = orcheo(&both).unwrap_err().to_string();
    assert!(error.contains("choose one of") && !error.contains(SECRET), "{error}");
    assert_eq!(key(&[("JWT_SECRET", SECRET), ("JWKS", "{}")]), "ORCHEO_AUTH_JWT_SECRET");
    assert_eq!(key(&[("JWKS", "{}"), ("JWKS_STATIC", "{ }")]), "ORCHEO_AUTH_JWKS_URL");
    assert_eq!(key(&[("JWKS_URL", "https://x.example"), ("AUDIENCE", "a")]), "ORCHEO_AUTH_ISSUER");
    assert_eq!(key(&[("JWKS_URL", "https://x.example"), ("ISSUER", "i")]), "ORCHEO_AUTH_AUDIENCE");
    assert_eq!(key(&[("JWT_SECRET", SECRET), ("ALLOWED_ALGORITHMS", "RS256")]), "ORCHEO_AUTH_ALLOWED_ALGORITHMS");
    assert_eq!(key(&[("JWT_SECRET", SECRET), ("ALLOWED_ALGORITHMS", "none")]), "ORCHEO_AUTH_ALLOWED_ALGORITHMS");
    assert_eq!(key(&[("JWKS_URL", "x"), ("JWKS_CACHE_TTL", "soon")]), "ORCHEO_AUTH_JWKS_CACHE_TTL");
    assert_eq!(key(&[("JWKS_URL", "x"), ("JWKS_TIMEOUT", "-1")]), "ORCHEO_AUTH_JWKS_TIMEOUT");
}
