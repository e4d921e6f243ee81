//! Following the control plane: who is signed in, whether it answers, what changed, and its ledger.

use std::sync::Mutex;
use std::time::Duration;

use client::changes::{Heard, listen};
use client::witness::{self, Verified, WitnessRefusal};
use contract::access::WhoAmI;
use contract::status::Changed;
use domain::Instant;
use tauri::async_runtime::JoinHandle;

use crate::console::{Console, lock};
use crate::ipc::audit::{Integrity, IntegrityState};

/// What is known of the control plane and of whoever is signed in.
#[derive(Default)]
pub(super) struct Followed {
    who: Mutex<Option<WhoAmI>>,
    offline_since: Mutex<Option<Instant>>,
    listener: Mutex<Option<JoinHandle<()>>>,
    verified: Mutex<Option<Verified>>,
    broken: Mutex<Option<String>>,
    new_entries: tokio::sync::Notify,
}

impl Followed {
    pub(super) fn who(&self) -> Option<WhoAmI> {
        lock(&self.who).clone()
    }

    pub(super) fn offline_since(&self) -> Option<Instant> {
        *lock(&self.offline_since)
    }

    pub(super) fn answered(&self, who: Option<&WhoAmI>) {
        *lock(&self.offline_since) = None;
        if let Some(who) = who {
            *lock(&self.who) = Some(who.clone());
        }
    }

    pub(super) fn lost(&self, now: Instant) {
        lock(&self.offline_since).get_or_insert(now);
    }

    /// Nobody is signed in any more, or it is another control plane.
    pub(super) fn forget(&self) {
        if let Some(listener) = lock(&self.listener).take() {
            listener.abort();
        }
        lock(&self.who).take();
        lock(&self.offline_since).take();
        lock(&self.verified).take();
        lock(&self.broken).take();
    }
}

/// How often the ledger is verified at most.
const BREATH: Duration = Duration::from_secs(1);

impl Console {
    /// Listens for changes until nobody is signed in any more. Listening already, it does nothing.
    pub(super) fn follow(&self) {
        let mut listener = lock(&self.0.followed.listener);
        if listener.as_ref().is_some_and(|task| !task.inner().is_finished()) {
            return;
        }
        let Ok(api) = self.api() else { return };
        let console = self.clone();
        *listener = Some(tauri::async_runtime::spawn(async move {
            let hearing = listen(&api, |heard| console.hear(heard));
            let watching = console.watch_ledger();
            tokio::select! { () = hearing => {}, () = watching => {} }
        }));
    }

    fn hear(&self, heard: Heard) -> bool {
        let followed = &self.0.followed;
        match heard {
            Heard::Connected => {
                let was_offline = followed.offline_since().is_some();
                followed.answered(None);
                if was_offline {
                    self.state_changed();
                }
                self.tell("changed", Changed { kind: "connected".into(), about: None });
                followed.new_entries.notify_one();
            }
            Heard::Changed(changed) => {
                self.tell("changed", changed);
                followed.new_entries.notify_one();
            }
            Heard::Lost(why) => {
                tracing::info!(why, "the control plane does not answer");
                if followed.offline_since().is_none() {
                    followed.lost(self.now());
                    self.state_changed();
                }
            }
            Heard::SignedOut => {
                lock(&followed.who).take();
                self.state_changed();
            }
        }
        true
    }

    async fn watch_ledger(&self) {
        loop {
            self.0.followed.new_entries.notified().await;
            // Entries come in bursts, and are signed within a second.
            tokio::time::sleep(BREATH).await;
            self.verify_ledger().await;
            self.tell("changed", Changed { kind: "ledger.verified".into(), about: None });
        }
    }

    /// Follows the ledger to its newest checkpoint. A break stays known until the console is attached anew.
    pub(crate) async fn verify_ledger(&self) {
        let Ok(api) = self.api() else { return };
        match witness::advance(&api, self.trust(), self.now()).await {
            Ok(verified) => *lock(&self.0.followed.verified) = Some(verified),
            Err(refusal) if refusal.is_break() => self.ledger_broke(&refusal),
            Err(error) => tracing::info!(%error, "the ledger could not be verified now"),
        }
    }

    pub(crate) fn ledger_broke(&self, refusal: &WitnessRefusal) {
        tracing::error!(%refusal, "the ledger does not hold");
        *lock(&self.0.followed.broken) = Some(refusal.to_string());
        self.tell("changed", Changed { kind: "ledger.broken".into(), about: None });
    }

    pub(crate) fn verified(&self) -> Option<Verified> {
        lock(&self.0.followed.verified).clone()
    }

    /// What is known of the ledger.
    pub(crate) fn integrity(&self) -> Integrity {
        let verified = self.verified();
        let problem = lock(&self.0.followed.broken).clone();
        let state = match (&problem, &verified) {
            (Some(_), _) => IntegrityState::Broken,
            (None, Some(_)) => IntegrityState::Verified,
            (None, None) => IntegrityState::Unknown,
        };
        let checkpoint = verified.as_ref().map(|verified| &verified.checkpoint);
        Integrity {
            state,
            origin: checkpoint.map(|checkpoint| checkpoint.origin.clone()),
            size: checkpoint.map(|checkpoint| checkpoint.size),
            root: checkpoint.map(|checkpoint| checkpoint.root.to_string()),
            note: verified.as_ref().map(|verified| verified.note.clone()),
            checked_at: verified.as_ref().map(|verified| verified.at),
            problem,
        }
    }
}
