//! The variables `ORCHEO_AUTH_*` as one issuer of profile `orcheo`. What Orcheo left open to guessing, which of two
//! sources of keys counts, is an error here: two sources of different kinds are how algorithms get confused (J-02).

use std::time::Duration;

use crate::jwt::settings::default;
use crate::jwt::{Algorithm, BadIssuer, ClaimPaths, IssuerConfig, KeySource, Profile, SharedSecret};

const NAME: &str = "orcheo";
const SECRET: &str = "ORCHEO_AUTH_JWT_SECRET";
const URL: &str = "ORCHEO_AUTH_JWKS_URL";
const STATIC: [&str; 2] = ["ORCHEO_AUTH_JWKS_STATIC", "ORCHEO_AUTH_JWKS"];
const CACHE: &str = "ORCHEO_AUTH_JWKS_CACHE_TTL";
const TIMEOUT: &str = "ORCHEO_AUTH_JWKS_TIMEOUT";
const ALGORITHMS: &str = "ORCHEO_AUTH_ALLOWED_ALGORITHMS";
const AUDIENCE: &str = "ORCHEO_AUTH_AUDIENCE";
const ISSUER: &str = "ORCHEO_AUTH_ISSUER";

impl IssuerConfig {
    /// From Orcheo's variables; none if they name no keys. An empty variable counts as not set.
    pub fn from_orcheo(lookup: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, BadIssuer> {
        let variable = |name: &str| lookup(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let mut texts: Vec<_> = STATIC.iter().filter_map(|name| variable(name)).collect();
        texts.dedup();
        let mut sources: Vec<_> = texts.into_iter().map(KeySource::StaticJwks).collect();
        if let Some(secret) = lookup(SECRET).filter(|text| !text.is_empty()) {
            sources.push(KeySource::Secret(SharedSecret::new(secret.into_bytes())));
        }
        if let Some(url) = variable(URL) {
            let cache_seconds = number(CACHE, variable(CACHE), f64::from(default::cache()))?;
            let timeout = number(TIMEOUT, variable(TIMEOUT), default::timeout())?;
            sources.push(KeySource::JwksUrl {
                url,
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "saturates; bounds follow"
                )]
                cache_seconds: cache_seconds as u32,
                timeout: Duration::try_from_secs_f64(timeout).map_err(|_| bad(TIMEOUT, "more than 0, at most 30"))?,
            });
        }
        let Some(keys) = sources.pop() else { return Ok(None) };
        if !sources.is_empty() {
            return Err(bad(
                if matches!(keys, KeySource::Secret(_)) { SECRET } else { URL },
                "there are several sources of keys; choose one of `ORCHEO_AUTH_JWT_SECRET`, `ORCHEO_AUTH_JWKS_URL`, \
                 `ORCHEO_AUTH_JWKS_STATIC` and unset the others",
            ));
        }
        let (issuer, audiences) = (variable(ISSUER), list(&variable(AUDIENCE).unwrap_or_default()));
        if !matches!(keys, KeySource::Secret(_)) {
            let open = "set it: a published key signs for every client of the issuer, not only for this control plane";
            if issuer.is_none() {
                return Err(bad(ISSUER, open));
            }
            if audiences.is_empty() {
                return Err(bad(AUDIENCE, open));
            }
        }
        let algorithms = algorithms(variable(ALGORITHMS), &keys)?;
        Ok(Some(Self {
            name: NAME.to_owned(),
            issuer,
            audiences,
            algorithms,
            keys,
            profile: Profile::Orcheo,
            leeway_seconds: 0,
            max_lifetime_seconds: default::lifetime(),
            scopes: None,
            subjects: Vec::new(),
            default_scopes: Vec::new(),
            claims: ClaimPaths::default(),
        }))
    }
}

/// The listed algorithms that go with the keys. Orcheo's own default lists one for each kind of key.
fn algorithms(listed: Option<String>, keys: &KeySource) -> Result<Vec<Algorithm>, BadIssuer> {
    let shared = matches!(keys, KeySource::Secret(_));
    let fits = |algorithm: &Algorithm| (*algorithm == Algorithm::HS256) == shared;
    let Some(listed) = listed else {
        return Ok(vec![if shared { Algorithm::HS256 } else { Algorithm::RS256 }]);
    };
    let unknown = "only `RS256`, `PS256`, `ES256`, `EdDSA` and `HS256` are known";
    let all = list(&listed).iter().map(|name| Algorithm::named(name)).collect::<Option<Vec<_>>>();
    let fitting: Vec<_> = all.ok_or_else(|| bad(ALGORITHMS, unknown))?.into_iter().filter(fits).collect();
    if fitting.is_empty() {
        return Err(bad(ALGORITHMS, "none of them goes with the keys: a secret needs `HS256`, a key set another one"));
    }
    Ok(fitting)
}

/// A list as Orcheo writes it: a JSON array, or names between commas or spaces.
fn list(text: &str) -> Vec<String> {
    if text.starts_with('[')
        && let Ok(names) = serde_json::from_str(text)
    {
        return names;
    }
    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn number(key: &'static str, text: Option<String>, default: f64) -> Result<f64, BadIssuer> {
    text.map_or(Ok(default), |text| text.parse().map_err(|_| bad(key, "it is not a number of seconds")))
}

fn bad(key: &'static str, problem: &str) -> BadIssuer {
    BadIssuer::new(NAME, key, problem)
}
