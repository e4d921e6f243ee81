//! Secrets in the operating system's keyring, one per profile, control plane and purpose.
//!
//! The keyring is tried when the vault is opened: written, read, deleted, at the size of what it will hold. If that
//! fails, the vault says why and keeps secrets in this process's memory only; it never writes one to a file. A keyring
//! that hangs is given five seconds. An error's text never holds what the keyring gave.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use keyring::{Entry, Error as KeyringError};
use zeroize::Zeroizing;

/// How long the keyring may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The size of what is tried: more than any secret kept here.
const PROBE: usize = 512;

/// What is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// The refresh token for the control plane of that issuer.
    RefreshToken(String),
    /// This device's approver key for the control plane of that issuer.
    ReviewKey(String),
    /// Written and deleted when the vault is opened.
    Probe,
}

impl Slot {
    fn name(&self) -> String {
        match self {
            Self::RefreshToken(issuer) => format!("refresh-token {issuer}"),
            Self::ReviewKey(issuer) => format!("review-key {issuer}"),
            Self::Probe => "probe".to_owned(),
        }
    }
}

/// Why the keyring did not take or give a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// There is none in this session.
    #[error("this session has no keyring; start a Secret Service (GNOME Keyring, KWallet) and start again")]
    Absent,
    /// It is there and does not open.
    #[error("the keyring is locked; unlock it and try again")]
    Locked,
    /// It is there and does not answer.
    #[error("the keyring does not answer within five seconds")]
    Silent,
    /// It did something else than it should.
    #[error("the keyring does not work: {0}")]
    Broken(&'static str),
}

/// A profile's secrets. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Vault {
    service: Arc<str>,
    problem: Option<VaultError>,
    memory: Arc<Mutex<BTreeMap<String, Zeroizing<String>>>>,
}

impl Vault {
    /// Opens the keyring for a profile and tries it.
    pub async fn open(profile: &str) -> Self {
        let mut vault =
            Self { service: format!("countersign/{profile}").into(), problem: None, memory: Arc::default() };
        vault.problem = vault.probe().await.err();
        vault
    }

    /// A vault that asks no keyring and forgets with the process.
    #[must_use]
    pub fn in_memory() -> Self {
        Self { service: "".into(), problem: Some(VaultError::Absent), memory: Arc::default() }
    }

    /// Why secrets are kept in memory only, if they are.
    #[must_use]
    pub fn problem(&self) -> Option<&VaultError> {
        self.problem.as_ref()
    }

    /// The secret in a slot.
    pub async fn get(&self, slot: Slot) -> Result<Option<Zeroizing<String>>, VaultError> {
        if self.problem.is_some() {
            return Ok(self.memory.lock().unwrap_or_else(PoisonError::into_inner).get(&slot.name()).cloned());
        }
        self.ask(slot, |entry| match entry.get_password() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(KeyringError::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    /// Puts a secret into a slot.
    pub async fn set(&self, slot: Slot, secret: Zeroizing<String>) -> Result<(), VaultError> {
        if self.problem.is_some() {
            self.memory.lock().unwrap_or_else(PoisonError::into_inner).insert(slot.name(), secret);
            return Ok(());
        }
        self.ask(slot, move |entry| entry.set_password(&secret)).await
    }

    /// Empties a slot.
    pub async fn delete(&self, slot: Slot) -> Result<(), VaultError> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).remove(&slot.name());
        if self.problem.is_some() {
            return Ok(());
        }
        self.ask(slot, |entry| match entry.delete_credential() {
            Err(KeyringError::NoEntry) => Ok(()),
            done => done,
        })
        .await
    }

    async fn probe(&self) -> Result<(), VaultError> {
        let secret = Zeroizing::new("p".repeat(PROBE));
        self.set(Slot::Probe, secret.clone()).await?;
        if self.get(Slot::Probe).await? != Some(secret) {
            return Err(VaultError::Broken("it does not give back what it took"));
        }
        self.delete(Slot::Probe).await
    }

    /// Asks the keyring on a thread of its own: a keyring that hangs must not take the caller along.
    async fn ask<T: Send + 'static>(
        &self,
        slot: Slot,
        question: impl FnOnce(&Entry) -> Result<T, KeyringError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let service = Arc::clone(&self.service);
        let (answer, answered) = tokio::sync::oneshot::channel();
        let thread = std::thread::Builder::new().name("keyring".into()).spawn(move || {
            let asked = Entry::new(&service, &slot.name()).and_then(|entry| question(&entry));
            // Nobody waits for it any more.
            drop(answer.send(asked.map_err(|error| explain(&error))));
        });
        if thread.is_err() {
            return Err(VaultError::Broken("no thread can be started"));
        }
        match tokio::time::timeout(PATIENCE, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(VaultError::Broken("it ended badly")),
            Err(_) => Err(VaultError::Silent),
        }
    }
}

/// The kind of the error, never its content: that may hold the secret's bytes.
fn explain(error: &KeyringError) -> VaultError {
    match error {
        KeyringError::NoDefaultStore | KeyringError::NotSupportedByStore(_) => VaultError::Absent,
        KeyringError::NoStorageAccess(_) => VaultError::Locked,
        KeyringError::PlatformFailure(_) => VaultError::Broken("the operating system refuses"),
        KeyringError::BadEncoding(_) => VaultError::Broken("it holds something that is not text"),
        KeyringError::TooLong(_, _) => VaultError::Broken("it does not hold secrets of this size"),
        KeyringError::Ambiguous(_) => VaultError::Broken("it holds several secrets under one name"),
        _ => VaultError::Broken("it reports an error of a kind that is not known"),
    }
}
