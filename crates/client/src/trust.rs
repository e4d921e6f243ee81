//! What a device trusts of each control plane: the roster version it has seen, and the last checkpoint of the ledger.
//!
//! Nothing in here is secret; all of it must not be rolled back, so it is written to a new file, flushed and moved into
//! place. A trusted roster only ever moves forward along its own signatures.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use domain::roster::{Chain, ChainError, Pin, SignedRoster};
use serde::{Deserialize, Serialize};

/// What is trusted of one control plane.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Trusted {
    /// The newest roster version that was verified.
    pub roster: Option<Pin>,
    /// The ledger's public key, as first seen.
    pub ledger_key: Option<String>,
    /// The last checkpoint that was verified: a signed note.
    pub checkpoint: Option<String>,
    /// The fewest approvals an executor here accepts, by environment, whatever the control plane says.
    pub minimum_approvals: BTreeMap<String, u32>,
}

/// Why what is trusted cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The file cannot be read or written.
    #[error("`{path}` cannot be used: {why}")]
    File {
        /// Which file.
        path: String,
        /// Why.
        why: String,
    },
    /// The roster is not the one that is trusted.
    #[error(transparent)]
    Roster(#[from] ChainError),
    /// No roster is trusted yet, and it may not be taken on first sight.
    #[error(
        "no roster is pinned for {issuer}; compare the digest with an approver's console and pin it: \
         countersign roster pin --version {version} --digest {digest}"
    )]
    NotPinned {
        /// Which control plane.
        issuer: String,
        /// The version that it offers.
        version: u32,
        /// Its digest.
        digest: String,
    },
}

/// The file of what is trusted. Cheap to clone.
#[derive(Clone)]
pub struct TrustStore {
    path: PathBuf,
    turn: Arc<Mutex<()>>,
}

impl TrustStore {
    /// The store in a folder.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        Self { path: folder.join("trust.json"), turn: Arc::default() }
    }

    /// What is trusted of the control plane of that issuer.
    pub fn get(&self, issuer: &str) -> Result<Trusted, TrustError> {
        Ok(self.load()?.remove(issuer).unwrap_or_default())
    }

    /// Changes it, durably.
    pub fn update(&self, issuer: &str, change: impl FnOnce(&mut Trusted)) -> Result<Trusted, TrustError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let _between_processes = self.lock().map_err(|error| self.wrong(&error))?;
        let mut all = self.load()?;
        let trusted = all.entry(issuer.to_owned()).or_default();
        change(trusted);
        let changed = trusted.clone();
        self.save(&all)?;
        Ok(changed)
    }

    /// Checks a roster against what is trusted and moves forward to its newest version. With nothing trusted yet it is
    /// taken as it is if `first_sight` allows that.
    pub fn accept_roster(&self, issuer: &str, signed: &[SignedRoster], first_sight: bool) -> Result<Chain, TrustError> {
        let chain = Chain::verify(signed)?;
        match self.get(issuer)?.roster {
            Some(pin) => chain.check_pin(pin)?,
            None if first_sight => {}
            None => {
                let Pin { version, digest } = chain.pin();
                let digest = digest.to_string();
                return Err(TrustError::NotPinned { issuer: issuer.to_owned(), version, digest });
            }
        }
        let pin = chain.pin();
        self.update(issuer, |trusted| {
            // Another process may have moved further meanwhile.
            if trusted.roster.is_none_or(|known| known.version < pin.version) {
                trusted.roster = Some(pin);
            }
        })?;
        Ok(chain)
    }

    /// Keeps other processes out until the file is dropped: two runners must not roll each other's pins back.
    fn lock(&self) -> std::io::Result<std::fs::File> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let lock = std::fs::OpenOptions::new().create(true).append(true).open(self.path.with_extension("lock"))?;
        lock.lock()?;
        Ok(lock)
    }

    fn load(&self) -> Result<BTreeMap<String, Trusted>, TrustError> {
        match std::fs::read(&self.path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| self.wrong(&error)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(error) => Err(self.wrong(&error)),
        }
    }

    fn save(&self, all: &BTreeMap<String, Trusted>) -> Result<(), TrustError> {
        let write = || -> std::io::Result<()> {
            let fresh = self.path.with_extension("json.new");
            let mut file = std::fs::File::create(&fresh)?;
            file.write_all(&serde_json::to_vec_pretty(all)?)?;
            file.sync_all()?;
            std::fs::rename(&fresh, &self.path)
        };
        write().map_err(|error| self.wrong(&error))
    }

    fn wrong(&self, why: &dyn std::fmt::Display) -> TrustError {
        TrustError::File { path: self.path.display().to_string(), why: why.to_string() }
    }
}
