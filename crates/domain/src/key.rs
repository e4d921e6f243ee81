//! Approver keys: P-256, for ES256. The private half lives in the operating system's keyring and in memory while it
//! signs; the public half is a JSON Web Key (RFC 7517) whose thumbprint (RFC 7638) is its id.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::entropy::Entropy;

/// A public approver key, as a JSON Web Key with exactly these members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicKey {
    crv: Curve,
    kty: KeyType,
    x: String,
    y: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
enum Curve {
    #[serde(rename = "P-256")]
    P256,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
enum KeyType {
    #[serde(rename = "EC")]
    Ec,
}

/// The id of a key: base64url of the SHA-256 of its canonical form (RFC 7638 §3).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, specta::Type)]
#[serde(transparent)]
pub struct KeyId(String);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key is no point on the curve, or is not written as a JSON Web Key should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key is not a point on P-256 with `x` and `y` of 32 bytes in base64url")]
pub struct BadKey;

/// The signature was not made by this key over these bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not verify")]
pub struct BadSignature;

impl PublicKey {
    fn of(key: &VerifyingKey) -> Self {
        let point = key.to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        Self { crv: Curve::P256, kty: KeyType::Ec, x: URL_SAFE_NO_PAD.encode(x), y: URL_SAFE_NO_PAD.encode(y) }
    }

    fn verifying(&self) -> Result<VerifyingKey, BadKey> {
        let mut point = [4; 65];
        for (half, text) in point[1..].chunks_exact_mut(32).zip([&self.x, &self.y]) {
            let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadKey)?;
            half.copy_from_slice(<&[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| BadKey)?);
        }
        VerifyingKey::from_sec1_bytes(&point).map_err(|_| BadKey)
    }

    /// Checks that it is a point on the curve.
    pub fn check(&self) -> Result<(), BadKey> {
        self.verifying().map(drop)
    }

    /// Its thumbprint.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId(URL_SAFE_NO_PAD.encode(Sha256::digest(crate::digest::canonical(self))))
    }

    /// Checks an ES256 signature (RFC 7518 §3.4: `r` and `s`, 64 bytes).
    pub fn verify(&self, bytes: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        let key = self.verifying().map_err(|_| BadSignature)?;
        let signature = Signature::from_slice(signature).map_err(|_| BadSignature)?;
        key.verify(bytes, &signature).map_err(|_| BadSignature)
    }
}

/// A private approver key. Neither `Clone` nor `Serialize`; wiped on drop.
pub struct ReviewKey(SigningKey);

impl ReviewKey {
    /// A new key.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        loop {
            // Fails once in 2^32 draws: a scalar of zero or beyond the group's order.
            if let Ok(key) = Self::from_bytes(Zeroizing::new(entropy.bytes::<32>()).as_slice()) {
                return key;
            }
        }
    }

    /// From the 32 bytes that [`Self::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadKey> {
        SigningKey::from_slice(bytes).map(Self).map_err(|_| BadKey)
    }

    /// The private scalar, for the keyring alone.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes().into())
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey::of(self.0.verifying_key())
    }

    /// Signs (ES256, deterministic nonce after RFC 6979): 64 bytes.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        let signature: Signature = self.0.sign(bytes);
        signature.to_bytes().into()
    }
}

impl fmt::Debug for ReviewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReviewKey({})", self.public().id())
    }
}
