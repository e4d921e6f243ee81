//! How secrets of webhooks are kept: they must be there to sign with, so they are sealed rather than digested.
//!
//! AES-256-GCM with a key derived (HKDF-SHA-256, RFC 5869) from 32 bytes that are not in the database; the webhook's id is
//! authenticated with it, so that a row's secret is no use in another row.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Entropy;
use domain::id::WebhookId;
use domain::webhook::signature::WebhookSecret;
use store::webhooks::Sealed;
use zeroize::Zeroizing;

use crate::{Control, Error};

const PURPOSE: &[u8] = b"countersign/webhook-secret/v1";
/// What the key's fingerprint is derived for: it tells nothing of the key.
const FINGERPRINT: &[u8] = b"countersign/webhook-key-fingerprint/v1";

/// What secrets of webhooks are sealed with. Cheap to clone.
#[derive(Clone)]
pub struct SealingKey {
    key: Arc<LessSafeKey>,
    fingerprint: String,
}

/// Bytes that are no sealing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no key of 32 bytes; `openssl rand -base64 32` makes one")]
pub struct BadSealingKey;

impl SealingKey {
    /// From 32 random bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadSealingKey> {
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| BadSealingKey)?;
        let derived = Salt::new(HKDF_SHA256, &[]).extract(bytes);
        let key = UnboundKey::from(derived.expand(&[PURPOSE], &AES_256_GCM).map_err(|_| BadSealingKey)?);
        let mut fingerprint = [0; 32];
        let expanded = derived.expand(&[FINGERPRINT], HKDF_SHA256).and_then(|okm| okm.fill(&mut fingerprint));
        expanded.map_err(|_| BadSealingKey)?;
        Ok(Self { key: Arc::new(LessSafeKey::new(key)), fingerprint: STANDARD.encode(&fingerprint[..12]) })
    }

    /// What tells this key from another one, and nothing of the key.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// From 32 random bytes in base64, as the environment has them.
    pub fn parse(text: &str) -> Result<Self, BadSealingKey> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| BadSealingKey)?);
        Self::from_bytes(&bytes)
    }

    fn seal(&self, id: WebhookId, secret: &WebhookSecret, entropy: &dyn Entropy) -> Option<String> {
        let nonce = entropy.bytes::<NONCE_LEN>();
        let mut text = secret.bytes().to_vec();
        let aad = Aad::from(id.to_string());
        self.key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut text).ok()?;
        Some(STANDARD.encode([nonce.as_slice(), &text].concat()))
    }

    fn open(&self, id: WebhookId, sealed: &str) -> Option<WebhookSecret> {
        let bytes = STANDARD.decode(sealed).ok()?;
        let (nonce, text) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = Zeroizing::new(text.to_vec());
        let plain = self.key.open_in_place(nonce, Aad::from(id.to_string()), &mut text).ok()?;
        WebhookSecret::from_bytes(plain.to_vec()).ok()
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey")
    }
}

impl Control {
    pub(super) fn seal(&self, id: WebhookId, secret: &WebhookSecret) -> Result<Sealed, Error> {
        let key = self.config().webhooks.key.as_ref();
        let key = key.ok_or_else(|| Error::Internal("there is no key to seal secrets of webhooks with".into()))?;
        let sealed = key.seal(id, secret, self.entropy());
        let sealed = sealed.ok_or_else(|| Error::Internal("a secret could not be sealed".into()))?;
        Ok(Sealed { sealed, fingerprint: secret.fingerprint(), made_at: self.now(), ends_at: None })
    }

    /// The secrets that sign now; none, if they were sealed with another key.
    pub(super) fn unseal(&self, id: WebhookId, secrets: &[Sealed]) -> Vec<WebhookSecret> {
        let Some(key) = &self.config().webhooks.key else { return Vec::new() };
        let now = self.now();
        let signs = |sealed: &&Sealed| sealed.ends_at.is_none_or(|end| now.is_before(end));
        secrets.iter().filter(signs).filter_map(|sealed| key.open(id, &sealed.sealed)).collect()
    }
}

#[cfg(test)]
mod tests {
    use domain::ambient::{OsEntropy, SystemClock};
    use domain::entropy::Ids;

    use super::*;

    #[test]
    fn h_10_a_sealed_secret_opens_with_its_key_and_in_its_row_alone() {
        let ids = Ids { clock: &SystemClock, entropy: &OsEntropy };
        let (id, other) = (WebhookId::new(ids), WebhookId::new(ids));
        let (key, stranger) = (SealingKey::from_bytes(&[1; 32]).unwrap(), SealingKey::from_bytes(&[2; 32]).unwrap());
        let secret = WebhookSecret::generate(&OsEntropy);
        let sealed = key.seal(id, &secret, &OsEntropy).unwrap();
        assert_eq!(key.open(id, &sealed).unwrap().bytes(), secret.bytes());
        assert!(key.open(other, &sealed).is_none() && stranger.open(id, &sealed).is_none());
        assert!(key.open(id, "").is_none() && key.open(id, &sealed[4..]).is_none());
        assert_ne!(key.seal(id, &secret, &OsEntropy).unwrap(), sealed);
        assert!(!sealed.contains(&STANDARD.encode(secret.bytes())));
    }

    #[test]
    fn a_key_has_32_bytes() {
        for bad in ["", "AAAA", "no base64"] {
            assert!(SealingKey::parse(bad).is_err(), "{bad}");
        }
        assert!(SealingKey::parse(&STANDARD.encode([7; 32])).is_ok());
    }
}
