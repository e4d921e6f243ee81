//! What an access token must be, after its signature held (RFC 9068 §4, RFC 8725 §3.8 to §3.11): of the right kind,
//! for us, and now. The order is fixed, so that a token has one refusal.

use domain::Instant;
use serde_json::{Map, Value};

use crate::jwt::issuer::IssuerConfig;
use crate::jwt::token::Token;
use crate::jwt::{Profile, Refusal, numeric_date};

type Claims = Map<String, Value>;

/// The type of an access token (RFC 9068 §2.1). Taken under every profile.
const ACCESS: &str = "at+jwt";
/// Claims of other kinds of token: logout and security events (RFC 8417), `DPoP` proofs (RFC 9449 §4.2). And of one that
/// is bound to a key (RFC 7800), because nobody here checks the proof that must come with it.
const NEVER: [&str; 4] = ["events", "htm", "htu", "cnf"];
/// What an ID token has (OpenID Connect Core §2, §3.3.2.11) and an access token has only beside its own marks.
const OF_ID_TOKENS: [&str; 4] = ["nonce", "at_hash", "c_hash", "s_hash"];
/// What only an access token has.
const OF_ACCESS_TOKENS: [&str; 4] = ["scope", "scp", "client_id", "cid"];
/// `token_use` and the claim `typ` of tokens that are not for us.
const OTHER_USES: [&str; 6] = ["id", "refresh", "offline", "logout", "registrationaccesstoken", "initialaccesstoken"];

/// Refuses every kind of token that is not an access token in the issuer's profile.
pub(crate) fn kind(config: &IssuerConfig, token: &Token<'_>) -> Result<(), Refusal> {
    let (rules, claims) = (config.profile.rules(), token.claims());
    let typ = token.typ()?.unwrap_or_default();
    let is_typed = typ == ACCESS;
    let has = |name: &&str| claims.get(*name).is_some_and(|claim| !claim.is_null());
    let other_use = ["token_use", "typ"].iter().filter_map(|name| claims.get(*name)?.as_str()).any(|used| {
        let used = used.to_ascii_lowercase();
        OTHER_USES.contains(&used.as_str())
    });
    let looks_like_id = OF_ID_TOKENS.iter().any(has) && !is_typed && !OF_ACCESS_TOKENS.iter().any(has);
    let bearer = claims.get("typ").and_then(Value::as_str) == Some("Bearer");
    let fits = (is_typed || rules.types.contains(&typ.as_str()))
        && !NEVER.iter().any(has)
        && !other_use
        && !looks_like_id
        && (config.profile != Profile::Keycloak || is_typed || bearer)
        && rules.marks.iter().all(|some| some.iter().any(has))
        && rules.required.iter().all(has);
    if fits { Ok(()) } else { Err(Refusal::Invalid) }
}

/// Refuses a token that is not for one of the issuer's audiences.
pub(crate) fn audience(config: &IssuerConfig, claims: &Claims) -> Result<(), Refusal> {
    if config.audiences.is_empty() {
        return Ok(());
    }
    let known = |value: &Value| value.as_str().is_some_and(|text| config.audiences.iter().any(|known| known == text));
    let ours = match claims.get("aud") {
        Some(one @ Value::String(_)) => known(one),
        Some(Value::Array(many)) if many.iter().all(Value::is_string) => many.iter().any(known),
        _ => return Err(Refusal::Invalid),
    };
    if ours { Ok(()) } else { Err(Refusal::InvalidAudience) }
}

/// Refuses a subject that the operator did not list, where a list is kept.
pub(crate) fn subject(config: &IssuerConfig, subject: &str) -> Result<(), Refusal> {
    let fits = |pattern: &String| match pattern.strip_suffix('*') {
        Some(beginning) => subject.starts_with(beginning),
        None => subject == pattern,
    };
    if config.subjects.is_empty() || config.subjects.iter().any(fits) { Ok(()) } else { Err(Refusal::Invalid) }
}

/// Refuses what is over, not yet begun, or lives too long. Returns when it is over, without leeway.
pub(crate) fn time(config: &IssuerConfig, claims: &Claims, now: Instant) -> Result<Instant, Refusal> {
    let read = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(claim) => numeric_date(claim).map(Some).ok_or(Refusal::Invalid),
    };
    let (expires, issued, begins) = (read("exp")?.ok_or(Refusal::Invalid)?, read("iat")?, read("nbf")?);
    let latest = now.plus(config.leeway_seconds);
    if !now.is_before(expires.plus(config.leeway_seconds)) {
        return Err(Refusal::Expired);
    }
    if [issued, begins].into_iter().flatten().any(|begin| latest.is_before(begin)) {
        return Err(Refusal::Invalid);
    }
    let from = issued.or(begins).unwrap_or(now);
    if !from.is_before(expires) || from.plus(config.max_lifetime_seconds).is_before(expires) {
        return Err(Refusal::Invalid);
    }
    Ok(expires)
}
