//! The keys of one issuer, read from a JWK set (RFC 7517). Only what can verify its family gets in: a weak, private,
//! shared, misused or ambiguous key is left out with a warning, and the others still count.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::strict_json;
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};

use crate::jwt::algorithm::Family;
use crate::jwt::shared_secret::SharedSecret;
use crate::jwt::{Algorithm, Refusal};

/// The largest JWK set that is read, in bytes.
pub(crate) const MOST_BYTES: usize = 256 * 1024;
const MOST_KEYS: usize = 100;
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// Why a JWK set was not taken at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadKeySet {
    #[error("the key set is larger than 256 KiB")]
    TooLarge,
    #[error("the key set has more than 100 keys")]
    TooMany,
    #[error("this is not a JWK set: it should be a JSON object with `keys`")]
    Form,
}

/// A key, and what it may verify.
pub(crate) struct Key {
    decoding: DecodingKey,
    family: Family,
    algorithm: Option<Algorithm>,
}

/// Keys of one family.
#[derive(Default)]
pub(crate) struct KeySet {
    named: BTreeMap<String, Key>,
    nameless: Vec<Key>,
    shared: bool,
    left_out: Vec<String>,
}

impl KeySet {
    pub(crate) fn of_secret(secret: &SharedSecret) -> Self {
        let decoding = DecodingKey::from_secret(secret.bytes());
        let key = Key { decoding, family: Family::Hmac, algorithm: Some(Algorithm::HS256) };
        Self { nameless: vec![key], shared: true, ..Self::default() }
    }

    pub(crate) fn parse(text: &[u8], family: Family) -> Result<Self, BadKeySet> {
        if text.len() > MOST_BYTES {
            return Err(BadKeySet::TooLarge);
        }
        let document: Map<String, Value> = strict_json::parse(text).map_err(|_| BadKeySet::Form)?;
        let keys = document.get("keys").and_then(Value::as_array).ok_or(BadKeySet::Form)?;
        if keys.len() > MOST_KEYS {
            return Err(BadKeySet::TooMany);
        }
        let mut set = Self::default();
        let mut twice = Vec::new();
        for (place, jwk) in keys.iter().enumerate() {
            let jwk = jwk.as_object().ok_or(BadKeySet::Form)?;
            let kid = jwk.get("kid").and_then(Value::as_str);
            match (Key::read(jwk, family), kid) {
                (Ok(key), None) => set.nameless.push(key),
                (Ok(key), Some(kid)) => {
                    if set.named.insert(kid.to_owned(), key).is_some() {
                        twice.push(kid.to_owned());
                    }
                }
                (Err(reason), _) => set.left_out.push(format!("key {place}: {reason}")),
            }
        }
        for kid in twice {
            if set.named.remove(&kid).is_some() {
                set.left_out.push("two keys have the same `kid`, so neither is used".to_owned());
            }
        }
        Ok(set)
    }

    /// The one key for a token: that of its `kid`, or without one the only key there is.
    pub(crate) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<&Key, Refusal> {
        let key = match kid {
            Some(kid) if !self.shared => self.named.get(kid).ok_or(Refusal::UnknownKey)?,
            _ => {
                let mut all = self.nameless.iter().chain(self.named.values());
                match (all.next(), all.next()) {
                    (Some(only), None) => only,
                    (None, _) => return Err(Refusal::KeyUnavailable),
                    (Some(_), Some(_)) => return Err(Refusal::Invalid),
                }
            }
        };
        if key.fits(algorithm) { Ok(key) } else { Err(Refusal::Invalid) }
    }

    pub(crate) fn has(&self, kid: &str) -> bool {
        self.named.contains_key(kid)
    }

    pub(crate) fn len(&self) -> usize {
        self.named.len() + self.nameless.len()
    }

    /// Says once what was left out and why.
    pub(crate) fn warn(&self, issuer: &str) {
        for reason in &self.left_out {
            tracing::warn!(issuer, reason, "a key of a JWT issuer is not used");
        }
    }
}

impl Key {
    /// Whether this key made the signature. The library binds the key to the algorithm's family once more.
    pub(crate) fn signed(&self, content: &[u8], signature: &str, algorithm: Algorithm) -> bool {
        let library = algorithm.of_library();
        self.fits(algorithm)
            && jsonwebtoken::crypto::verify(signature, content, &self.decoding, library).unwrap_or(false)
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        self.family == algorithm.family() && self.algorithm.is_none_or(|own| own == algorithm)
    }

    fn read(jwk: &Map<String, Value>, family: Family) -> Result<Self, String> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| {
            let decoded = text(name).map(|text| URL_SAFE_NO_PAD.decode(text));
            decoded.and_then(Result::ok).ok_or_else(|| format!("`{name}` is missing or not base64url"))
        };
        if ["d", "p", "q", "k"].iter().any(|private| jwk.contains_key(*private)) {
            return Err("it is a private or shared key; a key set is public".to_owned());
        }
        if jwk.get("kid").is_some_and(|kid| !kid.is_string()) {
            return Err("its `kid` is not text".to_owned());
        }
        if jwk.get("use").is_some_and(|used| used != "sig") {
            return Err("its `use` is not `sig`".to_owned());
        }
        let verifies = |operations: &Value| operations.as_array().is_some_and(|all| all.iter().any(|o| o == "verify"));
        if jwk.get("key_ops").is_some_and(|operations| !verifies(operations)) {
            return Err("its `key_ops` lack `verify`".to_owned());
        }
        let algorithm = match jwk.get("alg") {
            None => None,
            Some(alg) => {
                let known = alg.as_str().and_then(Algorithm::named).filter(|known| known.family() == family);
                Some(known.ok_or("its `alg` is not one of the issuer's family")?)
            }
        };
        let decoding = match (text("kty"), text("crv"), family) {
            (Some("RSA"), _, Family::Rsa) => {
                let (modulus, exponent) = (bytes("n")?, bytes("e")?);
                let bits = bits(&modulus);
                if !RSA_BITS.contains(&bits) {
                    return Err(format!("it is an RSA key of {bits} bits; 2048 to 8192 are used"));
                }
                if exponent.last().is_none_or(|last| last % 2 == 0) || self::bits(&exponent) < 2 {
                    return Err("its RSA exponent is even or too small".to_owned());
                }
                DecodingKey::from_rsa_raw_components(&modulus, &exponent)
            }
            (Some("EC"), Some("P-256"), Family::P256) => {
                if bytes("x")?.len() != 32 || bytes("y")?.len() != 32 {
                    return Err("its point does not have 32 bytes in each coordinate".to_owned());
                }
                DecodingKey::from_ec_components(text("x").unwrap_or_default(), text("y").unwrap_or_default())
                    .map_err(|_| "its point cannot be read")?
            }
            (Some("OKP"), Some("Ed25519"), Family::Ed25519) => {
                let point = bytes("x")?;
                if point.len() != 32 {
                    return Err("its point does not have 32 bytes".to_owned());
                }
                DecodingKey::from_ed_der(&point)
            }
            _ => return Err("its `kty` or `crv` is not of the issuer's family".to_owned()),
        };
        Ok(Self { decoding, family, algorithm })
    }
}

fn bits(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros).map_or(0, |first| (number.len() - zeros) * 8 - first.leading_zeros() as usize)
}
