//! A key in a manifest, sealed: `aes256gcm:v1:` and base64 of nonce, ciphertext and tag (AES-256-GCM, NIST SP 800-38D).
//!
//! The account's name is authenticated with it, so a sealed key moved to another account's manifest does not open. The
//! key that opens it comes from the environment or a file, never from the command line. No error holds a plain text.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Entropy;
use domain::account::AccountName;
use domain::secret::{Secret, SecretKind};
use zeroize::Zeroizing;

use crate::exit::{Exit, Failure};

/// The variable that holds the key. Commands that `exec` starts do not get it.
pub(crate) const MANIFEST_KEY: &str = "COUNTERSIGN_MANIFEST_KEY";
const FILE: &str = "COUNTERSIGN_MANIFEST_KEY_FILE";
/// How a sealed key begins.
pub(super) const PREFIX: &str = "aes256gcm:v1:";
const TAG_LEN: usize = 16;

/// Why a key cannot be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SealError {
    #[error("the manifest key is not 32 bytes in base64")]
    Key,
    #[error("`apiKey` is not sealed: it should begin with `{PREFIX}`")]
    NotSealed,
    #[error("`apiKey` is cut off or is not base64")]
    Damaged,
    #[error("`apiKey` does not open: it was changed, or was sealed for another account or with another manifest key")]
    DoesNotOpen,
    #[error("`apiKey` opens, and what is in it is no credential of ours")]
    NotACredential,
    #[error("the key cannot be sealed")]
    Cipher,
}

/// What seals the keys of manifests.
pub(crate) struct ManifestKey(LessSafeKey);

impl ManifestKey {
    /// The one that the environment names, if it names one.
    pub(crate) fn from_environment() -> Result<Option<Self>, Failure> {
        let (text, file) = (std::env::var(MANIFEST_KEY).ok(), std::env::var(FILE).ok());
        let text = match (text.filter(|text| !text.is_empty()), file.filter(|file| !file.is_empty())) {
            (Some(_), Some(_)) => {
                return Err(Failure::usage(format!("both {MANIFEST_KEY} and {FILE} are set; leave one")));
            }
            (Some(text), None) => Zeroizing::new(text),
            (None, Some(file)) => Zeroizing::new(
                std::fs::read_to_string(&file)
                    .map_err(|error| Failure::new(Exit::Storage, format!("`{file}` cannot be read: {error}")))?,
            ),
            (None, None) => return Ok(None),
        };
        Ok(Some(Self::parse(&text).map_err(|error| Failure::usage(error).hint(hint()))?))
    }

    /// The same, and a refusal if there is none.
    pub(crate) fn required() -> Result<Self, Failure> {
        let none = || Failure::usage(format!("there is no manifest key; set {MANIFEST_KEY} or {FILE}")).hint(hint());
        Self::from_environment()?.ok_or_else(none)
    }

    pub(crate) fn parse(text: &str) -> Result<Self, SealError> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| SealError::Key)?);
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| SealError::Key)?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Seals a credential for an account's manifest.
    pub(crate) fn seal(
        &self,
        account: &AccountName,
        secret: &Secret,
        entropy: &dyn Entropy,
    ) -> Result<String, SealError> {
        let nonce = entropy.bytes::<NONCE_LEN>();
        let mut text = Zeroizing::new(Vec::with_capacity(secret.reveal().len() + TAG_LEN));
        text.extend_from_slice(secret.reveal().as_bytes());
        let unique = Nonce::assume_unique_for_key(nonce);
        self.0.seal_in_place_append_tag(unique, bound_to(account), &mut *text).map_err(|_| SealError::Cipher)?;
        Ok(format!("{PREFIX}{}", STANDARD.encode([nonce.as_slice(), &text].concat())))
    }

    /// Opens what was sealed for the account.
    pub(crate) fn open(&self, account: &AccountName, sealed: &str) -> Result<Secret, SealError> {
        let text = sealed.strip_prefix(PREFIX).ok_or(SealError::NotSealed)?;
        let mut bytes = Zeroizing::new(STANDARD.decode(text).map_err(|_| SealError::Damaged)?);
        if bytes.len() <= NONCE_LEN + TAG_LEN {
            return Err(SealError::Damaged);
        }
        let (nonce, rest) = bytes.split_at_mut(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Damaged)?;
        let plain = self.0.open_in_place(nonce, bound_to(account), rest).map_err(|_| SealError::DoesNotOpen)?;
        let text = std::str::from_utf8(plain).map_err(|_| SealError::NotACredential)?;
        credential(text)
    }
}

/// A credential of ours that an account can have; what is none is not repeated.
pub(crate) fn credential(text: &str) -> Result<Secret, SealError> {
    let secret = Secret::parse(text.trim()).map_err(|_| SealError::NotACredential)?;
    match secret.kind() {
        SecretKind::ApiKey | SecretKind::ServiceToken => Ok(secret),
        _ => Err(SealError::NotACredential),
    }
}

fn bound_to(account: &AccountName) -> Aad<String> {
    Aad::from(format!("{}/ServiceAccount/{account}", super::API_VERSION))
}

fn hint() -> String {
    format!("make one with `head -c 32 /dev/urandom | base64`, and keep it where {MANIFEST_KEY} or {FILE} finds it")
}

#[cfg(test)]
mod tests {
    use domain::ambient::OsEntropy;

    use super::*;

    fn key(byte: u8) -> ManifestKey {
        ManifestKey::parse(&STANDARD.encode([byte; 32])).unwrap()
    }

    #[expect(clippy::needless_pass_by_value, reason = "a secret has no copy to lend")]
    fn refused(result: Result<Secret, SealError>) -> SealError {
        match result {
            Err(error) => error,
            Ok(_) => panic!("it opened"),
        }
    }

    #[test]
    fn a_key_opens_for_its_account_with_its_manifest_key_and_for_nothing_else() {
        let (ci, cd): (AccountName, AccountName) = ("ci".parse().unwrap(), "cd".parse().unwrap());
        let secret = Secret::generate(SecretKind::ApiKey, &OsEntropy);
        let sealed = key(1).seal(&ci, &secret, &OsEntropy).unwrap();
        assert!(!sealed.contains(secret.reveal()));
        assert_eq!(key(1).open(&ci, &sealed).unwrap().reveal(), secret.reveal());
        assert_ne!(sealed, key(1).seal(&ci, &secret, &OsEntropy).unwrap(), "each nonce is used once");

        assert_eq!(refused(key(2).open(&ci, &sealed)), SealError::DoesNotOpen);
        assert_eq!(refused(key(1).open(&cd, &sealed)), SealError::DoesNotOpen);
        let bytes = STANDARD.decode(&sealed[PREFIX.len()..]).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let changed = format!("{PREFIX}{}", STANDARD.encode(changed));
            assert_eq!(refused(key(1).open(&ci, &changed)), SealError::DoesNotOpen, "{at}");
        }
        for length in 0..bytes.len() {
            let cut = format!("{PREFIX}{}", STANDARD.encode(&bytes[..length]));
            let error = refused(key(1).open(&ci, &cut));
            assert!(matches!(error, SealError::Damaged | SealError::DoesNotOpen), "{length}");
        }
        assert_eq!(refused(key(1).open(&ci, "$AES_ENCRYPTED_KEY")), SealError::NotSealed);
        assert_eq!(refused(key(1).open(&ci, "aes256gcm:v1:?")), SealError::Damaged);
        assert_eq!(refused(key(1).open(&ci, secret.reveal())), SealError::NotSealed);
    }

    #[test]
    fn only_credentials_of_ours_are_sealed_and_no_error_repeats_one() {
        for text in ["hunter2", "cs_key_0", Secret::generate(SecretKind::AccessToken, &OsEntropy).reveal()] {
            let error = refused(credential(text));
            assert_eq!(error, SealError::NotACredential);
            assert!(!error.to_string().contains(text));
        }
        for bad in ["", "AAAA", "x", &STANDARD.encode([0; 31]), &STANDARD.encode([0; 33])] {
            assert!(ManifestKey::parse(bad).is_err(), "{bad}");
        }
    }
}
