//! J-12 to J-14 over HTTP: an issuer that is down, slow, huge, hostile, rotated or empty, and its tokens meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use control::jwt::{FetchKeys, IssuerSettings, KeyHealth, Refusal, Verifier};
use countersign_server::jwks::JwksFetcher;
use countersign_server::outbound::Outbound;
use domain::{Clock, Instant};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::sites::{Mode, Site, open_to};

const NOW: i64 = 1_800_000_000;

struct Movable(AtomicI64);

impl Clock for Movable {
    fn now(&self) -> Instant {
        Instant::from_seconds(self.0.load(Ordering::SeqCst))
    }
}

struct Signer(EcdsaKeyPair);

impl Signer {
    fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    fn jwk(&self, kid: &str) -> Value {
        let point = self.0.public_key().as_ref();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
        json!({"kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "alg": "ES256", "x": x, "y": y})
    }

    fn token(&self, kid: &str) -> String {
        let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": kid});
        let claims = json!({"iss": "https://issuer.example", "aud": "plane", "sub": "u", "client_id": "c", "jti": "t",
            "iat": NOW, "exp": NOW + 24 * 3600});
        let signed =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

struct House {
    verifier: Arc<Verifier>,
    clock: Arc<Movable>,
}

impl House {
    fn over(url: &str) -> Self {
        let settings: IssuerSettings = serde_json::from_value(json!({
            "name": "idp", "issuer": "https://issuer.example", "audiences": ["plane"], "algorithms": ["ES256"],
            "jwks_url": url, "jwks_timeout_seconds": 1.0,
        }))
        .unwrap();
        let config = settings.into_config(|_| None, |_| Err(std::io::ErrorKind::NotFound.into())).unwrap();
        let outbound = Outbound::new(open_to(&["127.0.0.1/32"])).unwrap();
        let fetch: Arc<dyn FetchKeys> = Arc::new(JwksFetcher::new(outbound, Handle::current()));
        let clock = Arc::new(Movable(AtomicI64::new(NOW)));
        Self { verifier: Arc::new(Verifier::new(vec![config], clock.clone(), &fetch).unwrap()), clock }
    }

    async fn verify(&self, token: String) -> Option<Refusal> {
        let verifier = self.verifier.clone();
        tokio::task::spawn_blocking(move || verifier.verify(&token).err()).await.unwrap()
    }

    fn forward(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    fn health(&self) -> KeyHealth {
        self.verifier.health().remove(0).1
    }
}

/// Every bad day of an issuer, and a word of what the operator reads.
fn bad_days(signer: &Signer, sink: &Site) -> Vec<(Mode, &'static str)> {
    let many: Vec<_> = (0..10_000).map(|n| signer.jwk(&format!("k{n}"))).collect();
    let few: Vec<_> = (0..101).map(|n| json!({"kty": "EC", "kid": format!("k{n}")})).collect();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    let redirect = format!("HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", sink.url());
    vec![
        (Mode::HangUp, "broken"),
        (Mode::Stall(vec![]), "did not answer within"),
        (Mode::Stall(format!("{head}Content-Length: 99\r\n\r\n{{").into_bytes()), "did not answer within"),
        (
            Mode::Endless(format!("{head}Content-Length: {}\r\n\r\n", 50 << 20).into_bytes(), vec![b' '; 65_536]),
            "larger",
        ),
        (Mode::Endless(format!("{head}\r\n").into_bytes(), vec![b' '; 65_536]), "larger"),
        (Mode::json(&json!({ "keys": many })), "larger"),
        (Mode::json(&json!({ "keys": few })), "more than 100 keys"),
        (Mode::Say(redirect.into_bytes()), "redirects"),
        (Mode::ok("Content-Type: text/html\r\n", "<h1>Log in</h1>"), "not JSON"),
        (Mode::ok("", "{\"keys\":[]}"), "not JSON"),
        (Mode::ok("Content-Type: application/json\r\n", "<h1>Log in</h1>"), "not a JWK set"),
        (Mode::json(&json!([])), "not a JWK set"),
        (Mode::json(&json!({"keys": {}})), "not a JWK set"),
        (Mode::Say(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n".to_vec()), "status 500"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn j_13_no_bad_day_of_an_issuer_takes_its_known_keys_away_or_brings_new_ones() {
    let (signer, sink) = (Signer::new(), Site::start(Mode::json(&json!({"keys": []}))).await);
    let good = Mode::json(&json!({"keys": [signer.jwk("k1")]}));
    let site = Site::start(good.clone()).await;
    for (mode, word) in bad_days(&signer, &sink) {
        site.now(mode.clone());
        let cold = House::over(&site.url());
        assert_eq!(cold.verify(signer.token("k1")).await, Some(Refusal::KeyUnavailable), "{word}");
        assert!(matches!(cold.health(), KeyHealth::Unavailable { reason } if reason.contains(word)), "{word}");

        site.now(good.clone());
        let house = House::over(&site.url());
        assert_eq!(house.verify(signer.token("k1")).await, None);
        site.now(mode);
        house.forward(300);
        assert_eq!(house.verify(signer.token("k1")).await, None, "{word}");
        assert!(matches!(house.health(), KeyHealth::Degraded { reason, .. } if reason.contains(word)), "{word}");
        site.now(good.clone());
        house.forward(30);
        assert_eq!(house.verify(signer.token("k1")).await, None);
        assert_eq!(house.health(), KeyHealth::Ready { keys: 1 }, "{word}");
    }
    assert_eq!(sink.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn j_13_an_issuer_that_is_not_there_is_a_503_until_it_is() {
    let signer = Signer::new();
    let house = {
        let gone = Site::start(Mode::HangUp).await;
        House::over(&gone.url())
    };
    assert_eq!(house.verify(signer.token("k1")).await, Some(Refusal::KeyUnavailable));
    assert!(matches!(house.health(), KeyHealth::Unavailable { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn j_12_a_flood_of_random_kids_is_one_request() {
    let signer = Signer::new();
    let site = Site::start(Mode::json(&json!({"keys": [signer.jwk("k1")]}))).await;
    let house = House::over(&site.url());
    assert_eq!(house.verify(signer.token("k1")).await, None);
    house.forward(30);
    let floods = (0..8).map(|flood| {
        let tokens: Vec<_> = (0..50).map(|n| signer.token(&format!("x{flood}-{n}"))).collect();
        let verifier = house.verifier.clone();
        tokio::task::spawn_blocking(move || tokens.iter().all(|token| verifier.verify(token).is_err()))
    });
    assert!(futures_util::future::join_all(floods).await.into_iter().all(|refused| refused.unwrap()));
    assert_eq!(house.verify(signer.token("k1")).await, None);
    assert_eq!(site.connections(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn j_14_rotated_keys_come_and_go_and_an_empty_set_takes_all_away() {
    let (old, new) = (Signer::new(), Signer::new());
    let site = Site::start(Mode::json(&json!({"keys": [old.jwk("k1")]}))).await;
    let house = House::over(&site.url());
    assert_eq!(house.verify(old.token("k1")).await, None);
    site.now(Mode::json(&json!({"keys": [old.jwk("k1"), new.jwk("k2")]})));
    house.forward(30);
    assert_eq!(house.verify(new.token("k2")).await, None, "a new key is found at once");
    site.now(Mode::ok(
        "Content-Type: application/jwk-set+json; charset=utf-8\r\nCache-Control: max-age=60\r\n",
        &json!({"keys": [new.jwk("k2")]}).to_string(),
    ));
    assert_eq!(house.verify(old.token("k1")).await, None);
    house.forward(300);
    assert_eq!(house.verify(old.token("k1")).await, Some(Refusal::UnknownKey));
    assert_eq!(house.verify(new.token("k2")).await, None);
    site.now(Mode::json(&json!({"keys": []})));
    house.forward(60);
    assert_eq!(house.verify(new.token("k2")).await, Some(Refusal::KeyUnavailable), "max-age was shorter");
    assert!(matches!(house.health(), KeyHealth::Unavailable { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_are_there_before_the_first_request() {
    let signer = Signer::new();
    let site = Site::start(Mode::json(&json!({"keys": [signer.jwk("k1")]}))).await;
    let house = House::over(&site.url());
    let stop = tokio_util::sync::CancellationToken::new();
    let renewal = tokio::spawn(countersign_server::jwks::renew(house.verifier.clone(), stop.clone()));
    let ready = async {
        while !matches!(house.health(), KeyHealth::Ready { .. }) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), ready).await.unwrap();
    stop.cancel();
    renewal.await.unwrap();
    assert_eq!(house.verify(signer.token("k1")).await, None);
    assert_eq!(site.connections(), 1);
}
