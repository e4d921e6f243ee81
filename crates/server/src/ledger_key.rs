//! The ledger's name and signing key: loaded, made once, and held against the database.
//!
//! Kept outside the database, so that who can write the one cannot sign with the other. One database has one ledger: the
//! first control plane on it names its key there, and whoever comes with another key does not start. Two that sign with
//! different keys would make two logs, and every witness would rightly say that one of them was forged.

use std::path::{Path, PathBuf};

use domain::Ids;
use ledger::{LogKey, SignedCheckpoint};
use store::{Store, StoreError};

use crate::key_file::{database, discard, keep, there, wrong};
use crate::settings::Settings;
use crate::start::StartError;

const KEY: &str = "ledger.key";
const ORIGIN: &str = "ledger.origin";

/// The key that signs this database's ledger: the one that is configured, or else the state folder's, which is made if
/// neither the folder nor the database knows of one.
pub(crate) fn agreed(settings: &Settings, store: &Store, ids: Ids<'_>) -> Result<LogKey, StartError> {
    let folder = &settings.state_dir;
    if let Some(key) = configured(settings)?.map_or_else(|| from_folder(folder), |key| Ok(Some(key)))? {
        bind(&key, store)?;
        return Ok(key);
    }
    if let Some(signer) = signer(store)? {
        return Err(StartError::OtherLedger { signer, found: format!("no key in `{}`", folder.display()) });
    }
    let seed = ids.entropy.bytes::<32>();
    let origin = format!("countersign.local/{}", ids.ulid());
    let key = LogKey::from_seed(&origin, &seed).map_err(|error| wrong(&folder.join(ORIGIN), error))?;
    keep(&folder.join(KEY), &seed)?;
    keep(&folder.join(ORIGIN), origin.as_bytes())?;
    let bound = bind(&key, store);
    if bound.is_err() {
        // Another one was first. What nobody has signed with would only stand in the way of the right key.
        for file in [KEY, ORIGIN] {
            discard(&folder.join(file))?;
        }
    }
    bound.map(|()| key)
}

/// Holds the key against the one that the database knows, and names it there if it knows none.
fn bind(key: &LogKey, store: &Store) -> Result<(), StartError> {
    let own = key.public().to_string();
    let found = || format!("the key `{own}`");
    let last = store.read(|q| store::log::latest_checkpoint(q)).map_err(database)?;
    if let Some(last) = last {
        let note = SignedCheckpoint::from_text(last.note);
        note.verify(&key.public())
            .map_err(|error| StartError::OtherLedger { signer: format!("another key ({error})"), found: found() })?;
    }
    let name = own.clone();
    let signer = store.housekeeping(move |keep| store::log::name_signer(keep, &name)).map_err(database)?;
    if signer == own { Ok(()) } else { Err(StartError::OtherLedger { signer: format!("`{signer}`"), found: found() }) }
}

fn signer(store: &Store) -> Result<Option<String>, StartError> {
    let known = store.read(|q| Ok::<_, StoreError>((store::log::signer(q)?, store::log::latest_checkpoint(q)?)));
    let (signer, last) = known.map_err(database)?;
    let origin = || last.and_then(|last| last.note.lines().next().map(str::to_owned));
    Ok(signer.or_else(origin).map(|signer| format!("`{signer}`")))
}

fn configured(settings: &Settings) -> Result<Option<LogKey>, StartError> {
    let (file, origin) = match (&settings.ledger.key_file, &settings.ledger.origin) {
        (None, None) => return Ok(None),
        (Some(file), Some(origin)) => (file, origin),
        (Some(file), None) => return Err(wrong(file, "`ledger.key_file` is set and `ledger.origin` is not; set both")),
        (None, Some(_)) => {
            return Err(wrong(&PathBuf::from(KEY), "`ledger.origin` is set and `ledger.key_file` is not; set both"));
        }
    };
    let seed = std::fs::read(file).map_err(|error| wrong(file, error))?;
    read(file, &seed, origin).map(Some)
}

fn from_folder(folder: &Path) -> Result<Option<LogKey>, StartError> {
    match (there(&folder.join(KEY))?, there(&folder.join(ORIGIN))?) {
        (None, None) => Ok(None),
        (Some(seed), Some(origin)) => {
            let origin = String::from_utf8(origin).map_err(|error| wrong(&folder.join(ORIGIN), error))?;
            read(&folder.join(KEY), &seed, &origin).map(Some)
        }
        (Some(_), None) => Err(wrong(&folder.join(ORIGIN), "it is missing beside `ledger.key`; copy both files")),
        (None, Some(_)) => Err(wrong(&folder.join(KEY), "it is missing beside `ledger.origin`; copy both files")),
    }
}

fn read(file: &Path, seed: &[u8], origin: &str) -> Result<LogKey, StartError> {
    let seed = seed.try_into().map_err(|_| {
        wrong(file, "it is not a ledger key of 32 bytes; put back the one from your backup, or the first replica's")
    })?;
    LogKey::from_seed(origin.trim(), &seed).map_err(|error| wrong(file, error))
}
