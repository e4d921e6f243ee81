//! An issuer as the operator configured it. An [`Issuer`] is only made from a configuration that leaves nothing open:
//! one family of algorithms, keys that are strong enough, an audience, bounded times.

use std::sync::Arc;
use std::time::Duration;

use domain::account::AccountName;
use domain::{Clock, Instant};
use url::{Host, Url};

use crate::jwt::algorithm::Family;
use crate::jwt::key_ring::{FetchKeys, KeyHealth, KeyRing, Source};
use crate::jwt::keys::KeySet;
use crate::jwt::shared_secret::{FEWEST_BYTES, SharedSecret};
use crate::jwt::token::Token;
use crate::jwt::{Algorithm, Profile, Refusal, Verified, checks, mapping};

const MOST_LEEWAY: u32 = 60;
const MOST_LIFETIME: u32 = 366 * 24 * 3600;

/// An issuer whose tokens are taken.
#[derive(Debug)]
pub struct IssuerConfig {
    /// What it is called here: in logs, in the audit trail, in front of its subjects.
    pub name: String,
    /// Its `iss`, compared exactly. Only profile `orcheo` with a shared secret may leave it open.
    pub issuer: Option<String>,
    /// What its tokens' `aud` must have one of. Only profile `orcheo` with a shared secret may leave it open.
    pub audiences: Vec<String>,
    /// What it signs with; all of one family.
    pub algorithms: Vec<Algorithm>,
    /// Where its keys are.
    pub keys: KeySource,
    /// What its access tokens look like.
    pub profile: Profile,
    /// How far its clock may be off, in seconds; at most 60.
    pub leeway_seconds: u32,
    /// The longest life of a token, in seconds.
    pub max_lifetime_seconds: u32,
    /// The most that its tokens may give, as they spell it. Without it: whatever the catalogue has.
    pub scopes: Option<Vec<String>>,
    /// The subjects that are taken, exactly or up to a last `*`. Empty: every one.
    pub subjects: Vec<String>,
    /// What its tokens give under a profile whose tokens do not say.
    pub default_scopes: Vec<String>,
    /// Further claims to read.
    pub claims: ClaimPaths,
}

/// Claims to read besides the usual ones: a name, names joined with dots, or a JSON pointer (RFC 6901).
#[derive(Clone, Debug, Default)]
pub struct ClaimPaths {
    /// For scopes, for example `realm_access.roles`.
    pub scopes: Vec<String>,
    /// For workspaces.
    pub workspaces: Vec<String>,
}

/// Where an issuer's keys are.
#[derive(Debug)]
pub enum KeySource {
    /// A secret that both sides know; for HS256 only.
    Secret(SharedSecret),
    /// A JWK set (RFC 7517 §5) as text.
    StaticJwks(String),
    /// A JWK set that the issuer publishes.
    JwksUrl {
        /// `https`, or `http` on this computer.
        url: String,
        /// How long an answer is used at most, in seconds; at least 30.
        cache_seconds: u32,
        /// How long an answer may take.
        timeout: Duration,
    },
}

/// A setting of an issuer that cannot stand.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` of the JWT issuer `{issuer}`: {problem}")]
pub struct BadIssuer {
    /// The issuer's name.
    pub issuer: String,
    /// The setting.
    pub key: &'static str,
    /// What is wrong and what would help.
    pub problem: String,
}

impl BadIssuer {
    pub(crate) fn new(issuer: &str, key: &'static str, problem: impl Into<String>) -> Self {
        Self { issuer: issuer.to_owned(), key, problem: problem.into() }
    }
}

pub(crate) struct Issuer {
    pub(crate) config: IssuerConfig,
    keys: Keys,
}

enum Keys {
    Fixed(KeySet),
    Published(KeyRing),
}

impl Issuer {
    pub(crate) fn new(
        config: IssuerConfig,
        clock: &Arc<dyn Clock>,
        fetch: &Arc<dyn FetchKeys>,
    ) -> Result<Self, BadIssuer> {
        let bad = |key, problem: &str| Err(BadIssuer::new(&config.name, key, problem));
        if config.name.parse::<AccountName>().is_err() {
            return bad(
                "name",
                "use 1 to 63 lower-case letters, digits and inner hyphens: it stands before its subjects",
            );
        }
        let Some(family) = config.algorithms.first().map(|algorithm| algorithm.family()) else {
            return bad("algorithms", "name at least one, for example `RS256`");
        };
        if config.algorithms.iter().any(|algorithm| algorithm.family() != family) {
            return bad("algorithms", "they are of more than one family; keep those of one kind of key");
        }
        let shared = matches!(config.keys, KeySource::Secret(_));
        if shared != (family == Family::Hmac) {
            return bad("algorithms", "`HS256` goes with a shared secret, every other algorithm with a JWK set");
        }
        let may_be_open = shared && config.profile == Profile::Orcheo;
        if config.issuer.as_deref().map_or(!may_be_open, str::is_empty) {
            return bad("issuer", "set it to the `iss` of its tokens, exactly");
        }
        if config.audiences.is_empty() && !may_be_open || config.audiences.iter().any(String::is_empty) {
            return bad("audiences", "name what its tokens for this control plane have as `aud`");
        }
        if config.leeway_seconds > MOST_LEEWAY {
            return bad("leeway_seconds", "at most 60");
        }
        if config.max_lifetime_seconds == 0 || config.max_lifetime_seconds > MOST_LIFETIME {
            return bad("max_lifetime_seconds", "from 1 to 31622400 (a year)");
        }
        let rules = config.profile.rules();
        if !rules.says_scopes && (config.subjects.is_empty() || config.subjects.iter().any(|subject| subject == "*")) {
            return bad("subjects", "under this profile everyone can have a token; list whose are taken");
        }
        if rules.says_scopes && !config.default_scopes.is_empty() {
            return bad("default_scopes", "under this profile the token says its scopes; take the list away");
        }
        if !rules.says_scopes && !config.claims.scopes.is_empty() {
            return bad("scope_claims", "under this profile the token does not say its scopes; use `default_scopes`");
        }
        let keys = Keys::of(&config, family, clock, fetch)?;
        Ok(Self { config, keys })
    }

    pub(crate) fn verify(&self, token: &Token<'_>, now: Instant) -> Result<Verified, Refusal> {
        let algorithm = token.algorithm()?;
        if !self.config.algorithms.contains(&algorithm) {
            return Err(Refusal::UnsupportedAlgorithm);
        }
        let kid = token.kid()?;
        let published;
        let keys = match &self.keys {
            Keys::Fixed(keys) => keys,
            Keys::Published(ring) => {
                published = ring.keys_for(kid)?;
                &*published
            }
        };
        if !keys.find(kid, algorithm)?.signed(token.signed(), token.signature(), algorithm) {
            return Err(Refusal::Invalid);
        }
        checks::kind(&self.config, token)?;
        let expires_at = checks::time(&self.config, token.claims(), now)?;
        checks::audience(&self.config, token.claims())?;
        mapping::verified(&self.config, token.claims(), expires_at)
    }

    /// Fetches the keys if they are too old to be used without asking.
    pub(crate) fn keep_fresh(&self) {
        if let Keys::Published(ring) = &self.keys {
            ring.keep_fresh();
        }
    }

    pub(crate) fn refresh_due(&self) {
        if let Keys::Published(ring) = &self.keys {
            ring.refresh_due();
        }
    }

    /// A number that changes whenever the keys do.
    pub(crate) fn generation(&self) -> u64 {
        match &self.keys {
            Keys::Fixed(_) => 0,
            Keys::Published(ring) => ring.generation(),
        }
    }

    pub(crate) fn health(&self) -> KeyHealth {
        match &self.keys {
            Keys::Fixed(keys) => KeyHealth::Ready { keys: keys.len() },
            Keys::Published(ring) => ring.health(),
        }
    }
}

impl Keys {
    fn of(
        config: &IssuerConfig,
        family: Family,
        clock: &Arc<dyn Clock>,
        fetch: &Arc<dyn FetchKeys>,
    ) -> Result<Self, BadIssuer> {
        let bad = |key, problem: &str| BadIssuer::new(&config.name, key, problem);
        match &config.keys {
            KeySource::Secret(secret) if secret.bytes().len() < FEWEST_BYTES => {
                Err(bad("secret", "it has fewer than 32 bytes; make one with `openssl rand -base64 48`"))
            }
            KeySource::Secret(secret) => Ok(Self::Fixed(KeySet::of_secret(secret))),
            KeySource::StaticJwks(text) => {
                let keys =
                    KeySet::parse(text.as_bytes(), family).map_err(|problem| bad("jwks", &problem.to_string()))?;
                keys.warn(&config.name);
                if keys.len() == 0 {
                    return Err(bad("jwks", "it has no key that the algorithms can use"));
                }
                Ok(Self::Fixed(keys))
            }
            KeySource::JwksUrl { url, cache_seconds, timeout } => {
                check_url(url).map_err(|problem| bad("jwks_url", problem))?;
                if timeout.is_zero() || *timeout > Duration::from_secs(30) {
                    return Err(bad("jwks_timeout_seconds", "more than 0, at most 30"));
                }
                if !(30..=86_400).contains(cache_seconds) {
                    return Err(bad("jwks_cache_seconds", "from 30 to 86400"));
                }
                let source = Source {
                    issuer: config.name.clone(),
                    url: url.clone(),
                    family,
                    cache_seconds: *cache_seconds,
                    timeout: *timeout,
                };
                Ok(Self::Published(KeyRing::new(source, clock.clone(), fetch.clone())))
            }
        }
    }
}

fn check_url(text: &str) -> Result<(), &'static str> {
    let url = Url::parse(text).map_err(|_| "it is not a URL; write it like `https://issuer.example/jwks.json`")?;
    let here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err("it holds a user name, a password or a fragment; a JWK set is public");
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if here => Ok(()),
        _ => Err("only `https`, because who can change the answer can sign tokens; `http` only on this computer"),
    }
}
