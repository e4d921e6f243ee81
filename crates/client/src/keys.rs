//! This device's approver key: made here, kept in the vault, never shown to anyone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Entropy;
use domain::key::ReviewKey;
use zeroize::Zeroizing;

use crate::VaultError;
use crate::vault::{Slot, Vault};

/// The key for the control plane of that issuer, if this device has one.
pub async fn load(vault: &Vault, issuer: &str) -> Result<Option<ReviewKey>, VaultError> {
    let Some(text) = vault.get(Slot::ReviewKey(issuer.to_owned())).await? else { return Ok(None) };
    let damaged = VaultError::Broken("the approver key in it is damaged; enrol this device again");
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.as_bytes()).map_err(|_| damaged.clone())?);
    ReviewKey::from_bytes(&bytes).map(Some).map_err(|_| damaged)
}

/// The key, made now if there was none.
pub async fn load_or_make(vault: &Vault, issuer: &str, entropy: &dyn Entropy) -> Result<ReviewKey, VaultError> {
    if let Some(key) = load(vault, issuer).await? {
        return Ok(key);
    }
    let key = ReviewKey::generate(entropy);
    let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(key.to_bytes().as_slice()));
    vault.set(Slot::ReviewKey(issuer.to_owned()), text).await?;
    Ok(key)
}
