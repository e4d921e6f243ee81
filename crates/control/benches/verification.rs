//! P5: verifying a service token and a JWT, engine only, beside the one thing in it that cannot be left out.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at what it did not expect")]

#[path = "../tests/jwt/signer.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod signer;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign_control::jwt::{
    Algorithm, ClaimPaths, FetchError, FetchKeys, Fetched, IssuerConfig, KeySource, Profile, Verifier,
};
use domain::ambient::{OsEntropy, SystemClock};
use domain::credential::{Credential, CredentialKind, Holder};
use domain::id::CredentialId;
use domain::scope::Scopes;
use domain::secret::{Secret, SecretKind};
use domain::{Clock as _, Digest, Ids};
use jsonwebtoken::DecodingKey;
use serde_json::json;
use signer::Signer;

/// The fastest of many rounds: what is slower was disturbed.
fn fastest(mut work: impl FnMut()) -> Duration {
    let round = |work: &mut dyn FnMut()| {
        let begun = Instant::now();
        (0..200).for_each(|_| work());
        begun.elapsed() / 200
    };
    (0..200).map(|_| round(&mut work)).min().unwrap()
}

fn say(name: &str, whole: Duration, alone: Duration) {
    let ratio = whole.as_secs_f64() / alone.as_secs_f64();
    println!("P5 {name:<42}{whole:>10.2?} beside {alone:>10.2?}   {ratio:>5.2}x");
}

struct NoNetwork;

impl FetchKeys for NoNetwork {
    fn fetch(&self, _: &str, _: Duration) -> Result<Fetched, FetchError> {
        Err(FetchError("there is none".into()))
    }
}

fn service_token() {
    let now = SystemClock.now();
    let ids = Ids { clock: &SystemClock, entropy: &OsEntropy };
    let id = CredentialId::new(ids);
    let scopes = Scopes::parse(["decisions:request", "pipelines:execute", "logs:read"]).unwrap();
    let account: domain::account::ServiceAccount = serde_json::from_value(json!({
        "name": "billing-ci", "description": "", "team": "billing", "owner": null, "scopes": scopes,
        "workspaces": [], "active": true, "sample": false, "created_at": now,
    }))
    .unwrap();
    let holder = domain::principal::Principal::ServiceAccount(account.name.clone());
    let credential = Credential::new(id, CredentialKind::ServiceToken, holder, scopes, now, now.plus(3600));
    let text = Secret::generate(SecretKind::ServiceToken, &OsEntropy).reveal().to_owned();
    let digest = Secret::parse(&text).unwrap().digest();
    let whole = fastest(|| {
        let presented = Secret::parse(black_box(&text)).unwrap();
        assert!(presented.digest() == digest);
        black_box(credential.reach(Holder::Account(&account), now, None).unwrap());
    });
    let alone = fastest(|| {
        black_box(Digest::of_content(black_box(text.as_bytes())));
    });
    say("service token / SHA-256 of it", whole, alone);
}

fn jwt(name: &str, algorithm: Algorithm, alg: jsonwebtoken::Algorithm, signer: &Signer) {
    let now = SystemClock.now().seconds();
    let jwk = signer.jwk("k1");
    let config = IssuerConfig {
        name: "idp".into(),
        issuer: Some("https://idp.example/".into()),
        audiences: vec!["countersign".into()],
        algorithms: vec![algorithm],
        keys: KeySource::StaticJwks(json!({ "keys": [jwk] }).to_string()),
        profile: Profile::Rfc9068,
        leeway_seconds: 0,
        max_lifetime_seconds: 86_400,
        scopes: None,
        subjects: vec![],
        default_scopes: vec![],
        claims: ClaimPaths::default(),
    };
    let fetch: Arc<dyn FetchKeys> = Arc::new(NoNetwork);
    let verifier = Verifier::new(vec![config], Arc::new(SystemClock), &fetch).unwrap();
    let token = |n: usize| {
        let header = json!({ "alg": name, "typ": "at+jwt", "kid": "k1" });
        let claims = json!({
            "iss": "https://idp.example/", "aud": "countersign", "sub": "ann", "client_id": "ci", "jti": format!("{n}"),
            "iat": now, "exp": now + 3600, "scope": "workflows:read workflows:execute",
        });
        signer.token(&header, &claims)
    };
    let tokens: Vec<_> = (0..40_000).map(token).collect();
    let mut fresh = tokens.iter();
    let first = fastest(|| drop(black_box(verifier.verify(fresh.next().unwrap()).unwrap())));
    let again = fastest(|| drop(black_box(verifier.verify(&tokens[39_999]).unwrap())));
    let key = DecodingKey::from_jwk(&serde_json::from_value(jwk).unwrap()).unwrap();
    let (message, signature) = tokens[0].rsplit_once('.').unwrap();
    let alone = fastest(|| {
        assert!(jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, alg).unwrap());
    });
    say(&format!("JWT {name}, first time / signature alone"), first, alone);
    say(&format!("JWT {name}, again / signature alone"), again, alone);
}

fn main() {
    service_token();
    jwt("RS256", Algorithm::RS256, jsonwebtoken::Algorithm::RS256, &Signer::rsa());
    jwt("ES256", Algorithm::ES256, jsonwebtoken::Algorithm::ES256, &Signer::ec());
    jwt("EdDSA", Algorithm::EdDsa, jsonwebtoken::Algorithm::EdDSA, &Signer::ed());
}
