//! A token's text, taken apart without trusting any of it (RFC 7515 §3.1, RFC 8725 §3.10).
//!
//! Too large, another number of parts, a second reading of the same JSON, a `crit` that nobody here understands:
//! refused before a key is looked at. `jku`, `x5u`, `jwk` and `x5c` are not read at all.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::strict_json;
use serde_json::{Map, Value};

use crate::jwt::{Algorithm, Refusal};

/// The largest token that is looked at, in bytes.
const MOST_BYTES: usize = 8 * 1024;
/// How deep objects and arrays may stand in each other.
const MOST_DEPTH: usize = 16;
const MOST_KID_BYTES: usize = 256;

/// A well-formed token that nobody has vouched for yet.
pub(crate) struct Token<'a> {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    signed: &'a str,
    signature: &'a str,
}

impl<'a> Token<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Self, Refusal> {
        if text.len() > MOST_BYTES {
            return Err(Refusal::Invalid);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(Refusal::Invalid)?;
        let (header, claims) = signed.split_once('.').ok_or(Refusal::Invalid)?;
        if claims.contains('.') {
            return Err(Refusal::Invalid);
        }
        let header = object(header)?;
        if header.contains_key("crit") || nested(&header) {
            return Err(Refusal::Invalid);
        }
        Ok(Self { header, claims: object(claims)?, signed, signature })
    }

    /// The algorithm that the header claims.
    pub(crate) fn algorithm(&self) -> Result<Algorithm, Refusal> {
        let name = self.header.get("alg").and_then(Value::as_str).ok_or(Refusal::Invalid)?;
        Algorithm::named(name).ok_or(Refusal::UnsupportedAlgorithm)
    }

    /// The id of the key that is said to have signed.
    pub(crate) fn kid(&self) -> Result<Option<&str>, Refusal> {
        match self.header.get("kid") {
            None => Ok(None),
            Some(Value::String(kid)) if kid.len() <= MOST_KID_BYTES => Ok(Some(kid)),
            Some(_) => Err(Refusal::Invalid),
        }
    }

    /// The media type, in lower case and without `application/` (RFC 7515 §4.1.9).
    pub(crate) fn typ(&self) -> Result<Option<String>, Refusal> {
        match self.header.get("typ") {
            None => Ok(None),
            Some(Value::String(typ)) => {
                let typ = typ.to_ascii_lowercase();
                Ok(Some(typ.strip_prefix("application/").unwrap_or(&typ).to_owned()))
            }
            Some(_) => Err(Refusal::Invalid),
        }
    }

    pub(crate) fn issuer(&self) -> Result<Option<&str>, Refusal> {
        match self.claims.get("iss") {
            None => Ok(None),
            Some(Value::String(iss)) => Ok(Some(iss)),
            Some(_) => Err(Refusal::Invalid),
        }
    }

    pub(crate) const fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// What the signature is over.
    pub(crate) const fn signed(&self) -> &[u8] {
        self.signed.as_bytes()
    }

    pub(crate) const fn signature(&self) -> &str {
        self.signature
    }
}

/// A token inside a token (RFC 7519 §5.2): nothing here would check the inner one.
fn nested(header: &Map<String, Value>) -> bool {
    let cty = header.get("cty").map(|cty| cty.as_str().unwrap_or_default().to_ascii_lowercase());
    cty.is_some_and(|cty| cty.is_empty() || cty.ends_with("jwt"))
}

fn object(part: &str) -> Result<Map<String, Value>, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Invalid)?;
    let value: Value = strict_json::parse(&bytes).map_err(|_| Refusal::Invalid)?;
    match value {
        Value::Object(map) if map.values().all(|value| within(value, MOST_DEPTH - 1)) => Ok(map),
        _ => Err(Refusal::Invalid),
    }
}

fn within(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(items) => depth > 0 && items.iter().all(|item| within(item, depth - 1)),
        Value::Object(map) => depth > 0 && map.values().all(|value| within(value, depth - 1)),
        _ => true,
    }
}
