//! Compact JSON Web Signatures (RFC 7515), one algorithm, one header shape.
//!
//! The header is exactly `alg: ES256`, `kid`, `typ`. Anything else in it, another algorithm, another type, a second
//! spelling of the same bytes: refused before a key is looked at. No header can name or carry a key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::digest::canonical;
use crate::key::{KeyId, PublicKey, ReviewKey};
use crate::strict_json;

/// Why a signed text was not taken.
#[derive(Debug, thiserror::Error)]
pub enum JwsError {
    /// Not three parts of base64url, or larger than 64 KiB.
    #[error("the signed text is not a compact JWS")]
    Form,
    /// The header is not the one that is expected here.
    #[error("the signed text has an unexpected header; it should be ES256 with type `{0}`")]
    Header(&'static str),
    /// Signed by a key that is not known here.
    #[error("the signing key `{0}` is not known here")]
    UnknownKey(KeyId),
    /// The signature is wrong.
    #[error("the signature does not verify")]
    Signature,
    /// The payload is not what its type says.
    #[error("the signed content is malformed: {0}")]
    Payload(strict_json::JsonError),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: Algorithm,
    kid: KeyId,
    typ: String,
}

#[derive(Serialize, Deserialize)]
enum Algorithm {
    #[serde(rename = "ES256")]
    Es256,
}

/// Makes the protected header for `key`, in base64url.
pub(crate) fn protected(key: &ReviewKey, typ: &'static str) -> String {
    let header = Header { alg: Algorithm::Es256, kid: key.public().id(), typ: typ.to_owned() };
    URL_SAFE_NO_PAD.encode(canonical(&header))
}

/// Signs `protected.payload`; both are base64url already.
pub(crate) fn signature(key: &ReviewKey, protected: &str, payload: &str) -> String {
    URL_SAFE_NO_PAD.encode(key.sign(format!("{protected}.{payload}").as_bytes()))
}

/// Signs a payload: `header.payload.signature`.
#[must_use]
pub fn sign(key: &ReviewKey, typ: &'static str, payload: &[u8]) -> String {
    let (protected, payload) = (protected(key, typ), URL_SAFE_NO_PAD.encode(payload));
    let signature = signature(key, &protected, &payload);
    format!("{protected}.{payload}.{signature}")
}

/// A compact JWS taken apart, its signature not looked at yet.
pub struct Unverified<'a> {
    kid: KeyId,
    protected: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
}

impl<'a> Unverified<'a> {
    /// Takes a compact JWS of a type apart.
    pub fn parse(text: &'a str, typ: &'static str) -> Result<Self, JwsError> {
        let mut parts = text.split('.');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(protected), Some(payload), Some(signature), None) if text.len() <= 65_536 => {
                Self::from_parts(protected, payload, signature, typ)
            }
            _ => Err(JwsError::Form),
        }
    }

    /// The same, from parts that are kept apart.
    pub(crate) fn from_parts(
        protected: &'a str,
        payload: &'a str,
        signature: &str,
        typ: &'static str,
    ) -> Result<Self, JwsError> {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| JwsError::Form);
        let header: Header = strict_json::parse(&decode(protected)?).map_err(|_| JwsError::Header(typ))?;
        if header.typ != typ {
            return Err(JwsError::Header(typ));
        }
        Ok(Self { kid: header.kid, protected, payload, signature: decode(signature)? })
    }

    /// The id of the key that is said to have signed.
    #[must_use]
    pub const fn kid(&self) -> &KeyId {
        &self.kid
    }

    /// Checks the signature with the key of that id, then reads the payload.
    pub fn verify<T: serde::de::DeserializeOwned>(&self, key: &PublicKey) -> Result<T, JwsError> {
        if key.id() != self.kid {
            return Err(JwsError::UnknownKey(self.kid.clone()));
        }
        key.verify(format!("{}.{}", self.protected, self.payload).as_bytes(), &self.signature)
            .map_err(|_| JwsError::Signature)?;
        let payload = URL_SAFE_NO_PAD.decode(self.payload).map_err(|_| JwsError::Form)?;
        strict_json::parse(&payload).map_err(JwsError::Payload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> ReviewKey {
        ReviewKey::from_bytes(&[7; 32]).unwrap()
    }

    fn verify(text: &str) -> Result<serde_json::Value, JwsError> {
        Unverified::parse(text, "t")?.verify(&key().public())
    }

    #[test]
    fn what_was_signed_reads_back() {
        assert_eq!(verify(&sign(&key(), "t", br#"{"a":1}"#)).unwrap()["a"], 1);
    }

    #[test]
    fn every_changed_character_is_refused() {
        let text = sign(&key(), "t", br#"{"a":1}"#);
        for at in 0..text.len() {
            for other in ["A", "B", "."] {
                let mut changed = text.clone();
                changed.replace_range(at..=at, other);
                assert!(changed == text || verify(&changed).is_err(), "{changed}");
            }
        }
    }

    #[test]
    fn other_algorithms_types_keys_and_headers_are_refused() {
        let with_header = |header: &str| {
            let protected = URL_SAFE_NO_PAD.encode(header);
            let payload = URL_SAFE_NO_PAD.encode("{}");
            let signature = signature(&key(), &protected, &payload);
            format!("{protected}.{payload}.{signature}")
        };
        let kid = key().public().id();
        assert!(verify(&with_header(&format!(r#"{{"alg":"ES256","kid":"{kid}","typ":"t"}}"#))).is_ok());
        for header in [
            format!(r#"{{"alg":"none","kid":"{kid}","typ":"t"}}"#),
            format!(r#"{{"alg":"HS256","kid":"{kid}","typ":"t"}}"#),
            format!(r#"{{"alg":"ES256","kid":"{kid}","typ":"JWT"}}"#),
            format!(r#"{{"alg":"ES256","kid":"{kid}"}}"#),
            format!(r#"{{"alg":"ES256","kid":"{kid}","typ":"t","crit":["b64"]}}"#),
            format!(r#"{{"alg":"ES256","kid":"{kid}","typ":"t","jwk":{{}}}}"#),
            format!(r#"{{"alg":"ES256","kid":"{kid}","typ":"t","typ":"t"}}"#),
            r#"{"alg":"ES256","kid":"other","typ":"t"}"#.to_owned(),
        ] {
            assert!(verify(&with_header(&header)).is_err(), "{header}");
        }
        for text in ["", "a", "a.b", "a.b.c.d", &"a".repeat(70_000)] {
            assert!(verify(text).is_err());
        }
    }
}
