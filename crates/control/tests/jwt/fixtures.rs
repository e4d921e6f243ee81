//! One issuer with one RSA key and an RFC 9068 token that everyone would take, to change one thing at a time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use countersign_control::jwt::{
    Algorithm, BadIssuer, ClaimPaths, FetchError, FetchKeys, Fetched, IssuerConfig, KeySource, Profile, Refusal,
    Verified, Verifier,
};
use domain::{Clock, Instant};
use serde_json::{Value, json};

use crate::signer::Signer;

pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const ISSUER: &str = "https://issuer.example/";
pub(crate) const AUDIENCE: &str = "https://plane.example";

pub(crate) struct Movable(AtomicI64);

impl Movable {
    pub(crate) fn to(&self, seconds: i64) {
        self.to_millis(seconds * 1000);
    }

    pub(crate) fn to_millis(&self, millis: i64) {
        self.0.store(millis, Ordering::SeqCst);
    }

    pub(crate) fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for Movable {
    fn now(&self) -> Instant {
        Instant::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// There is no network in these tests: what is not configured is not had.
pub(crate) struct NoNetwork;

impl FetchKeys for NoNetwork {
    fn fetch(&self, _: &str, _: Duration) -> Result<Fetched, FetchError> {
        Err(FetchError("there is no network".to_owned()))
    }
}

/// Made once: what is tested is what is done with a key, not how it is made.
static SIGNER: LazyLock<Signer> = LazyLock::new(Signer::rsa);

pub(crate) struct House {
    pub(crate) signer: &'static Signer,
    pub(crate) clock: Arc<Movable>,
    pub(crate) verifier: Verifier,
}

impl House {
    pub(crate) fn new(change: impl FnOnce(&mut IssuerConfig)) -> Self {
        let signer = &*SIGNER;
        let mut config = config(KeySource::StaticJwks(json!({"keys": [signer.jwk("k1")]}).to_string()));
        change(&mut config);
        let (clock, verifier) = verifier(vec![config], Arc::new(NoNetwork)).unwrap();
        Self { signer, clock, verifier }
    }

    pub(crate) fn plain() -> Self {
        Self::new(|_| {})
    }

    pub(crate) fn verify(&self, header: &Value, claims: &Value) -> Result<Arc<Verified>, Refusal> {
        self.verifier.verify(&self.signer.token(header, claims))
    }

    pub(crate) fn refusal(&self, header: &Value, claims: &Value) -> Refusal {
        self.verify(header, claims).unwrap_err()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "so that a test can hand in what it just made")]
pub(crate) fn verifier(
    configs: Vec<IssuerConfig>,
    fetch: Arc<dyn FetchKeys>,
) -> Result<(Arc<Movable>, Verifier), BadIssuer> {
    let clock = Arc::new(Movable(AtomicI64::new(NOW * 1000)));
    Verifier::new(configs, clock.clone(), &fetch).map(|verifier| (clock, verifier))
}

pub(crate) fn config(keys: KeySource) -> IssuerConfig {
    let algorithms = vec![if matches!(keys, KeySource::Secret(_)) { Algorithm::HS256 } else { Algorithm::RS256 }];
    IssuerConfig {
        name: "issuer".to_owned(),
        issuer: Some(ISSUER.to_owned()),
        audiences: vec![AUDIENCE.to_owned()],
        algorithms,
        keys,
        profile: Profile::Rfc9068,
        leeway_seconds: 0,
        max_lifetime_seconds: 24 * 3600,
        scopes: None,
        subjects: vec![],
        default_scopes: vec![],
        claims: ClaimPaths::default(),
    }
}

pub(crate) fn header() -> Value {
    json!({"alg": "RS256", "typ": "at+jwt", "kid": "k1"})
}

pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "person-7", "client_id": "console", "jti": "t-1",
        "iat": NOW - 10, "exp": NOW + 600, "scope": "logs:read audit:read",
    })
}

/// The object with one field set, or taken away if `to` is null.
pub(crate) fn with(mut object: Value, name: &str, to: Value) -> Value {
    let map = object.as_object_mut().unwrap();
    if to.is_null() {
        map.remove(name);
    } else {
        map.insert(name.to_owned(), to);
    }
    object
}
