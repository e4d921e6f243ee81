//! What secrets of webhooks are sealed with: kept outside the database, like the ledger's key, and held against it.
//!
//! Control planes on one database share it. One that comes with another key could not sign what it claims, so it does not
//! start; a key that is lost is replaced on purpose, and then the secret of each webhook has to be rotated.

use control::webhooks::SealingKey;
use domain::Entropy;
use store::{Store, settings as kept};
use zeroize::Zeroizing;

use crate::key_file::{database, discard, keep, there, wrong};
use crate::settings::Settings;
use crate::start::StartError;

const VARIABLE: &str = "COUNTERSIGN_WEBHOOK_KEY";
const FILE: &str = "webhooks.key";
/// Under which name the key's fingerprint is kept.
const NAME: &str = "webhook-key";

/// The key of this database's webhooks: the variable's, or the state folder's, which is made if neither the folder nor
/// the database knows of one.
pub(crate) fn agreed(settings: &Settings, store: &Store, entropy: &dyn Entropy) -> Result<SealingKey, StartError> {
    let path = settings.state_dir.join(FILE);
    if settings.webhooks.replace_key {
        tracing::warn!("the key of webhooks is replaced: rotate the secret of each webhook, and leave the setting out");
        store.housekeeping(|keep| kept::forget(keep, NAME)).map_err(database)?;
    }
    if let Some(key) = given(settings)? {
        return if bind(&key, store)? { Ok(key) } else { Err(StartError::OtherWebhookKey) };
    }
    if store.read(|q| kept::get(q, NAME)).map_err(database)?.is_some() {
        return Err(StartError::OtherWebhookKey);
    }
    let bytes = Zeroizing::new(entropy.bytes::<32>());
    let key = SealingKey::from_bytes(&*bytes).map_err(|error| wrong(&path, error))?;
    keep(&path, &*bytes)?;
    if bind(&key, store)? {
        return Ok(key);
    }
    // Another one was first. What nothing was sealed with would only stand in the way of the right key.
    discard(&path)?;
    Err(StartError::OtherWebhookKey)
}

/// Whether it is the database's key, or becomes it.
fn bind(key: &SealingKey, store: &Store) -> Result<bool, StartError> {
    let own = key.fingerprint().to_owned();
    let known = store.housekeeping(move |keep| kept::agree(keep, NAME, &own)).map_err(database)?;
    Ok(known == key.fingerprint())
}

fn given(settings: &Settings) -> Result<Option<SealingKey>, StartError> {
    if let Some(text) = settings.environment.get(VARIABLE) {
        let wrong = |error| StartError::Config { problem: format!("`{VARIABLE}`: {error}") };
        return SealingKey::parse(&text).map(Some).map_err(wrong);
    }
    let path = settings.state_dir.join(FILE);
    let Some(bytes) = there(&path)?.map(Zeroizing::new) else { return Ok(None) };
    let help = "it is not a key of 32 bytes; put back the one from your backup, or the first replica's";
    SealingKey::from_bytes(&bytes).map(Some).map_err(|_| wrong(&path, help))
}
