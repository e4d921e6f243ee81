//! Bearer JWTs of outside issuers: from a text and a clock to who it is, or one refusal.
//!
//! The invariant: a [`Verified`] exists only for a token whose issuer was chosen by its exact `iss`, whose algorithm
//! belongs to the key, and whose every check passed (RFC 8725, RFC 9068 §4). A header can name a key of the issuer; it
//! can never bring or fetch one. Deliberately absent: what a verified caller may do, and HTTP. Keys of the network come
//! through [`FetchKeys`].

mod algorithm;
mod cache;
mod checks;
mod issuer;
mod key_ring;
mod keys;
mod mapping;
mod orcheo;
mod profile;
mod refusal;
mod settings;
mod shared_secret;
mod token;

use std::sync::Arc;

use domain::{Clock, Instant};

pub use algorithm::Algorithm;
pub use issuer::{BadIssuer, ClaimPaths, IssuerConfig, KeySource};
pub use key_ring::{FetchError, FetchKeys, Fetched, KeyHealth};
pub use mapping::{IdentityType, Verified};
pub use profile::{PROFILES, Profile};
pub use refusal::Refusal;
pub use settings::{IssuerSettings, JwtSettings};
pub use shared_secret::SharedSecret;

use crate::jwt::cache::Cache;
use crate::jwt::issuer::Issuer;
use crate::jwt::token::Token;

/// The outside issuers of a control plane, and what they are known to have signed.
pub struct Verifier {
    issuers: Vec<Issuer>,
    clock: Arc<dyn Clock>,
    cache: Cache,
}

impl Verifier {
    /// Over issuers of which no two share a name or an `iss`. At most one may leave its `iss` open.
    pub fn new(
        configs: Vec<IssuerConfig>,
        clock: Arc<dyn Clock>,
        fetch: &Arc<dyn FetchKeys>,
    ) -> Result<Self, BadIssuer> {
        let mut issuers: Vec<Issuer> = Vec::new();
        for config in configs {
            let issuer = Issuer::new(config, &clock, fetch)?;
            if issuers.iter().any(|known| known.config.name == issuer.config.name) {
                return Err(BadIssuer::new(&issuer.config.name, "name", "another issuer has it; names are unique"));
            }
            if issuers.iter().any(|known| known.config.issuer == issuer.config.issuer) {
                return Err(BadIssuer::new(
                    &issuer.config.name,
                    "issuer",
                    "another issuer has the same; a token would not tell them apart",
                ));
            }
            issuers.push(issuer);
        }
        Ok(Self { issuers, clock, cache: Cache::default() })
    }

    /// Whether there is an issuer at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.issuers.is_empty()
    }

    /// Whether a credential has the outward form of a JWT, so that it is for [`Verifier::verify`] and not for the store.
    #[must_use]
    pub fn takes(credential: &str) -> bool {
        credential.bytes().filter(|byte| *byte == b'.').count() == 2
    }

    /// Finds out who presents this token. May fetch the issuer's keys once, so it belongs on a thread that may block.
    pub fn verify(&self, token: &str) -> Result<Arc<Verified>, Refusal> {
        let now = self.clock.now();
        let parsed = Token::parse(token)?;
        let (index, issuer) = self.issuer_of(&parsed)?;
        issuer.keep_fresh();
        let place = (index, issuer.generation());
        if let Some(verified) = self.cache.get(token, place, now) {
            return Ok(verified);
        }
        let verified = Arc::new(issuer.verify(&parsed, now)?);
        self.cache.put(token, place, now, &verified);
        Ok(verified)
    }

    /// Fetches again the keys that are about to be too old. To be called every few seconds from the background, so that
    /// no request waits for an issuer.
    pub fn refresh_due(&self) {
        self.issuers.iter().for_each(Issuer::refresh_due);
    }

    /// The state of each issuer's keys, by the issuer's name.
    #[must_use]
    pub fn health(&self) -> Vec<(String, KeyHealth)> {
        self.issuers.iter().map(|issuer| (issuer.config.name.clone(), issuer.health())).collect()
    }

    fn issuer_of(&self, token: &Token<'_>) -> Result<(usize, &Issuer), Refusal> {
        let named = |wanted: Option<&str>| {
            self.issuers.iter().enumerate().find(|(_, issuer)| issuer.config.issuer.as_deref() == wanted)
        };
        let iss = token.issuer()?;
        let missing = if iss.is_some() { Refusal::InvalidIssuer } else { Refusal::Invalid };
        iss.and_then(|iss| named(Some(iss))).or_else(|| named(None)).ok_or(missing)
    }
}

/// An instant of a claim (RFC 7519 §2 `NumericDate`), with milliseconds.
fn numeric_date(claim: &serde_json::Value) -> Option<Instant> {
    if let Some(seconds) = claim.as_i64() {
        return Some(Instant::from_seconds(seconds));
    }
    #[expect(clippy::cast_possible_truncation, reason = "a strict number is within 2^53; the instant clamps the rest")]
    claim.as_f64().map(|seconds| Instant::from_millis((seconds * 1000.0) as i64))
}
