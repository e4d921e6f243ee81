//! Use cases: what a principal can make the control plane do. Each reads like its sentence: find, ask policy, apply the
//! rule, save, commit with its event.
//!
//! Synchronous throughout; a server enters through `spawn_blocking`. The invariant is the store's: nothing changes
//! without its audit entry in the same transaction. Deliberately absent: HTTP, wire types, SQL.

pub mod access;
pub mod accounts;
pub mod alerts;
pub mod audit;
pub mod authenticate;
pub mod bootstrap;
pub mod config;
pub mod credentials;
pub mod decide;
mod declared;
pub mod error;
mod forgetting;
pub mod found;
pub mod jwt;
mod known;
pub mod ledger_loop;
pub mod once;
pub mod password;
pub mod people;
pub mod pipelines;
pub mod plugins;
pub mod policies;
pub mod replays;
pub mod rosters;
pub mod samples;
pub mod scopes;
pub mod sign_in;
pub mod simulate;
pub mod standing;
pub mod status;
pub mod stream;
pub mod tasks;
#[cfg(test)]
mod testing;
pub mod tickets;
mod turns;
pub mod usage;
pub mod webhooks;

use std::sync::{Arc, OnceLock};

use domain::event::Event;
use domain::{Clock, Entropy, Ids, Instant};
use ledger::LogKey;
use store::{Reader, Store, StoreError, Transaction, Upkeep};

pub use authenticate::{Caller, Presented, Proof, Scheme};
pub use bootstrap::Bootstrap;
pub use config::{AuthConfig, AuthMode, Config, ProofConfig, TokenConfig, WebhookConfig};
pub use error::Error;
pub use plugins::PluginConfig;

use crate::jwt::Verifier;
use crate::ledger_loop::Bell;
use crate::password::Passwords;
use crate::plugins::Plugins;
use crate::policies::Engines;
use crate::policies::subject::Passing;
use crate::rosters::KnownChain;
use crate::turns::Turns;

/// A control plane. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Control {
    inner: Arc<Inner>,
}

/// How many publications are proved at once, and how many wait for that.
const PROVING: usize = 2;
const PROVING_QUEUE: usize = 16;

struct Inner {
    config: Config,
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    log_key: LogKey,
    engines: Engines,
    passing: Passing,
    plugins: Plugins,
    passwords: Passwords,
    /// Solver runs of publications.
    proving: Turns,
    bell: Bell,
    chain: KnownChain,
    verifier: OnceLock<Arc<Verifier>>,
    /// What this process is called among those on its database.
    instance: String,
}

impl Control {
    /// Over an opened store. `log_key` signs checkpoints.
    #[must_use]
    pub fn new(
        config: Config,
        store: Store,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        log_key: LogKey,
    ) -> Self {
        let (engines, passing) = (Engines::default(), Passing::default());
        let plugins = Plugins::of(&config.plugins);
        let (passwords, bell) = (Passwords::default(), Bell::default());
        let proving = Turns::new(PROVING, PROVING_QUEUE);
        let instance = Ids { clock: &*clock, entropy: &*entropy }.ulid().to_string();
        let verifier = OnceLock::new();
        let chain = KnownChain::default();
        let inner = Inner {
            config,
            store,
            clock,
            entropy,
            log_key,
            engines,
            passing,
            plugins,
            passwords,
            proving,
            bell,
            chain,
            verifier,
            instance,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Takes JWTs of these issuers from now on. The first call counts.
    pub fn trust_issuers(&self, verifier: Arc<Verifier>) {
        drop(self.inner.verifier.set(verifier));
    }

    /// The issuers whose JWTs are taken, if there are any.
    #[must_use]
    pub fn verifier(&self) -> Option<&Arc<Verifier>> {
        self.inner.verifier.get().filter(|verifier| !verifier.is_empty())
    }

    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.inner.clock)
    }

    /// What it was told when it started.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// The name of its ledger (C2SP tlog-checkpoint origin).
    #[must_use]
    pub fn ledger_origin(&self) -> &str {
        self.inner.log_key.origin()
    }

    /// The instant by its clock.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.inner.clock.now()
    }

    /// An id for a request, to find it in the logs.
    #[must_use]
    pub fn request_id(&self) -> String {
        format!("req_{}", self.ids().ulid())
    }

    pub(crate) fn ids(&self) -> Ids<'_> {
        Ids { clock: &*self.inner.clock, entropy: &*self.inner.entropy }
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.inner.entropy
    }

    pub(crate) fn read<T>(&self, work: impl FnOnce(&mut Reader<'_>) -> Result<T, Error>) -> Result<T, Error> {
        self.inner.store.read(work)
    }

    /// Runs one write; `work` may run again when the database asks for it, and commits with its event or not at all.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&Self, Transaction<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let control = self.clone();
        let done = self.inner.store.write(move |tx| work(&control, tx))?;
        self.inner.bell.ring();
        Ok(done)
    }

    /// As [`Self::write`], for whoever does not wait on a thread of their own.
    pub(crate) fn write_soon<T: Send + 'static>(
        &self,
        work: impl Fn(&Self, Transaction<'_>) -> Result<T, Error> + Send + 'static,
        told: impl FnOnce(Result<T, Error>) + Send + 'static,
    ) {
        let (control, inner) = (self.clone(), Arc::clone(&self.inner));
        let told = move |done: Result<T, Error>| {
            if done.is_ok() {
                inner.bell.ring();
            }
            told(done);
        };
        self.inner.store.write_soon(move |tx| work(&control, tx), told);
    }

    /// Runs upkeep that may have something to record. What it records is committed with it, and nothing of it without.
    pub(crate) fn upkeep<T: Send + 'static>(
        &self,
        work: impl Fn(&Self, &mut dyn Upkeep, &mut Vec<Event>) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        const ROUNDS: u32 = 5;
        let work = Arc::new(work);
        for _ in 0..ROUNDS {
            let (control, first) = (self.clone(), Arc::clone(&work));
            let silent = self.inner.store.housekeeping(move |keep| {
                let mut events = Vec::new();
                let done = first(&control, keep, &mut events).map_err(Undone::Failed)?;
                if events.is_empty() { Ok(done) } else { Err(Undone::ToBeRecorded) }
            });
            match silent {
                Ok(done) => return Ok(done),
                Err(Undone::Failed(error)) => return Err(error),
                Err(Undone::ToBeRecorded) => {}
            }
            let again = Arc::clone(&work);
            let recorded = self.write(move |control, mut tx| {
                let mut events = Vec::new();
                let done = again(control, &mut tx, &mut events)?;
                // Without events another process has changed something meanwhile. Nothing is kept then, so what there is to
                // do without them is done in another round.
                if events.is_empty() {
                    return Ok(None);
                }
                tx.commit_all(events)?;
                Ok(Some(done))
            })?;
            if let Some(done) = recorded {
                return Ok(done);
            }
        }
        Err(StoreError::Conflict { noun: "upkeep".to_owned(), collision: store::Collision::Changed }.into())
    }

    /// Whether the store answers with something that it has kept.
    pub fn check_store(&self) -> Result<(), StoreError> {
        self.inner.store.read(|q| store::log::head(q).map(drop))
    }
}

/// Why upkeep was not kept as it was.
enum Undone {
    /// It has something to record, so it is run again in a change.
    ToBeRecorded,
    /// It failed.
    Failed(Error),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}
