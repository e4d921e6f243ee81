//! The console's state: which control plane, who is signed in, what is trusted. Commands ask it; it asks `client`.
//!
//! Invariant: nothing in here that leaves through a command is a credential. Tokens stay in `client::Session`, the
//! approver key in the vault.

mod first_run;
mod followed;
mod key;
mod link;
pub(crate) mod policies;
mod signed_in;
mod signing;
pub(crate) mod to_publish;
mod works;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use client::trust::TrustStore;
use client::{Api, Vault};
use domain::ambient::SystemClock;
use domain::{Clock as _, Instant};
use server::Running;
use tauri::{AppHandle, Emitter as _};
use tokio::sync::OnceCell;

use crate::console::followed::Followed;
use crate::console::link::{Kept, Link};
use crate::console::signing::Pending;
use crate::console::works::Works;
use crate::ipc::{Failure, Keyring};
use crate::profile::Profile;
use crate::windows::MAIN;

/// The state of the running console. Cheap to clone; all clones are one.
#[derive(Clone)]
pub(crate) struct Console(Arc<Inner>);

struct Inner {
    app: AppHandle,
    profile: Profile,
    folder: PathBuf,
    clock: SystemClock,
    trust: TrustStore,
    vault: OnceCell<Vault>,
    started: OnceCell<()>,
    embedded: tokio::sync::Mutex<Option<Running>>,
    link: Mutex<Option<Link>>,
    cancel_sign_in: Mutex<Option<tokio::sync::oneshot::Sender<()>>>,
    signing: tokio::sync::Mutex<()>,
    pending: Mutex<Option<Pending>>,
    followed: Followed,
    sample_token: Mutex<Option<domain::secret::Secret>>,
    works: Works,
}

impl Console {
    /// For a profile, with its data in `folder`.
    pub(crate) fn new(app: AppHandle, profile: Profile, folder: &Path) -> Self {
        Self(Arc::new(Inner {
            app,
            profile,
            folder: folder.to_owned(),
            clock: SystemClock,
            trust: TrustStore::at(folder),
            vault: OnceCell::new(),
            started: OnceCell::new(),
            embedded: tokio::sync::Mutex::default(),
            link: Mutex::default(),
            cancel_sign_in: Mutex::default(),
            signing: tokio::sync::Mutex::default(),
            pending: Mutex::default(),
            followed: Followed::default(),
            sample_token: Mutex::default(),
            works: Works::default(),
        }))
    }

    /// Takes up what the last run left: its control plane, started if it is embedded, and its session. Done once; a
    /// start that failed is tried again by the next call.
    pub(crate) async fn started(&self) -> Result<(), Failure> {
        self.0.started.get_or_try_init(|| self.take_up()).await.copied()
    }

    async fn take_up(&self) -> Result<(), Failure> {
        let Some(kept) = Kept::load(&self.0.folder)? else { return Ok(()) };
        self.attach(kept).await
    }

    pub(crate) fn profile(&self) -> &Profile {
        &self.0.profile
    }

    pub(crate) fn trust(&self) -> &TrustStore {
        &self.0.trust
    }

    pub(crate) fn now(&self) -> Instant {
        self.0.clock.now()
    }

    /// The keyring, tried once.
    pub(crate) async fn vault(&self) -> &Vault {
        self.0.vault.get_or_init(|| Vault::open(self.0.profile.name())).await
    }

    /// Whether the session outlives this process.
    pub(crate) async fn keyring(&self) -> Keyring {
        let problem = self.vault().await.problem().map(ToString::to_string);
        Keyring { usable: problem.is_none(), problem }
    }

    pub(crate) fn link(&self) -> Result<Link, Failure> {
        lock(&self.0.link).clone().ok_or_else(Failure::not_connected)
    }

    pub(crate) fn api(&self) -> Result<Api, Failure> {
        self.link().map(|link| link.api)
    }

    /// What runs long and can be cancelled.
    pub(crate) fn works(&self) -> &Works {
        &self.0.works
    }

    /// Tells the main window. It asks for what it wants to know; nothing is in the message that is not public.
    pub(crate) fn tell(&self, event: &str, payload: impl serde::Serialize + Clone) {
        if let Err(error) = self.0.app.emit_to(MAIN, event, payload) {
            tracing::warn!(%error, event, "the main window could not be told");
        }
    }

    /// Tells the main window to ask for the state again.
    pub(crate) fn state_changed(&self) {
        self.tell("app-state", ());
    }

    /// Stops the embedded control plane, if one runs, after what it is doing.
    pub(crate) async fn stop(&self) {
        if let Some(running) = self.0.embedded.lock().await.take() {
            running.stop().await;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
