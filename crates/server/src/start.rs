//! Starting and stopping a control plane.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use control::{Config, Control};
use domain::ambient::{OsEntropy, SystemClock};
use store::{Ambient, Store, StoreError};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::accept::{self, Door};
use crate::app::App;
use crate::feed::Feed;
use crate::front::Front;
use crate::long_work::LongWorks;
use crate::metrics::Metrics;
use crate::settings::{Settings, plugin_configs};
use crate::tls::{CertificateError, Certificates};
use crate::{issuers, jwks, key_file, ledger_key, router, sender, webhook_key};

/// Why a control plane did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}; is another control plane running there?")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] store::OpenError),
    /// A setting cannot be used.
    #[error("{problem}")]
    Config {
        /// What is wrong and what would help.
        problem: String,
    },
    /// The certificate cannot be served.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The database's ledger is signed with another key.
    #[error(
        "this database's ledger is signed by {signer}, and here is {found}: give every control plane on a database the \
         same key, by copying `ledger.key` and `ledger.origin` from the state folder of the first one, or by \
         `COUNTERSIGN_LEDGER_KEY_FILE` and `COUNTERSIGN_LEDGER_ORIGIN`"
    )]
    OtherLedger {
        /// Who signs it.
        signer: String,
        /// What there is here.
        found: String,
    },
    /// The secrets of the database's webhooks are sealed with another key.
    #[error(
        "the secrets of this database's webhooks are sealed with another key: give every control plane on a database \
         the same one, by copying `webhooks.key` from the state folder of the first one, or by `COUNTERSIGN_WEBHOOK_KEY`; \
         if it is lost, start once with `COUNTERSIGN_WEBHOOKS_REPLACE_KEY=true` and rotate the secret of each webhook"
    )]
    OtherWebhookKey,
    /// The folder or the key in it cannot be used.
    #[error("cannot use `{path}`: {problem}")]
    State {
        /// The file or folder.
        path: String,
        /// What is wrong and what would help.
        problem: String,
    },
}

/// A control plane that runs. Dropping it stops it at once; [`Running::stop`] lets requests end.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// What clients are configured with.
    pub issuer: String,
    /// Its use cases, for whoever runs in the same process.
    pub control: Control,
    stop: CancellationToken,
    tasks: TaskTracker,
    threads: Vec<JoinHandle<()>>,
    certificates: Option<Arc<Certificates>>,
    stop_timeout: Duration,
}

/// Opens the database, loads or makes the ledger key, and listens.
pub async fn start(settings: Settings) -> Result<Running, StartError> {
    settings.check().map_err(|error| StartError::Config { problem: error.to_string() })?;
    let plugins = plugin_configs(&settings.plugins, &settings.environment)
        .map_err(|error| StartError::Config { problem: error.to_string() })?;
    let certificates = Certificates::of(&settings.tls)?;
    let listen = |source| StartError::Listen { address: settings.listen, source };
    let listener = TcpListener::bind(settings.listen).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let issuer = settings.public_url.clone().unwrap_or_else(|| {
        let scheme = if certificates.is_some() { "https" } else { "http" };
        format!("{scheme}://{address}")
    });
    let issuer = issuer.trim_end_matches('/').to_owned();

    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
    let ambient = Ambient { clock: clock.clone(), entropy: entropy.clone() };
    let of = settings.clone();
    let open = move || {
        let store = Store::open(&of.database, ambient.clone())?;
        for concern in store.concerns() {
            tracing::warn!("{concern}");
        }
        let log_key = ledger_key::agreed(&of, &store, ambient.ids())?;
        let webhook_key = webhook_key::agreed(&of, &store, &*ambient.entropy)?;
        let size = store.read(|q| Ok::<_, StoreError>(store::log::head(q)?.size)).map_err(key_file::database)?;
        Ok::<_, StartError>((store, log_key, webhook_key, size))
    };
    let (store, log_key, webhook_key, size) = tokio::task::spawn_blocking(open)
        .await
        .map_err(|error| StartError::State { path: "database".into(), problem: error.to_string() })??;
    let config = Config {
        issuer: issuer.clone(),
        auth: settings.auth.clone(),
        tokens: settings.tokens.clone(),
        webhooks: settings.webhooks.config(webhook_key),
        plugins,
        proof: settings.proof.clone().config(),
    };
    let control = Control::new(config, store, clock, entropy, log_key);
    let outbound = issuers::outbound(&settings)?;
    let verifier = issuers::verifier(&settings, control.clock(), outbound.clone())?;
    control.trust_issuers(Arc::clone(&verifier));
    let ready = {
        let control = control.clone();
        tokio::task::spawn_blocking(move || {
            control.extend_scopes()?;
            control.announce_bootstrap()
        })
    };
    let unready = |problem: String| StartError::State { path: "database".into(), problem };
    ready.await.map_err(|error| unready(error.to_string()))?.map_err(|error| unready(error.to_string()))?;

    let feed = Feed::after(size);
    let pulse = Arc::new(Notify::new());
    let ledger = {
        let (control, feed) = (control.clone(), feed.clone());
        thread("ledger", move || control.run_ledger(|size| feed.grown(&control, size)))?
    };
    let vigil = {
        let (control, pulse) = (control.clone(), Arc::clone(&pulse));
        thread("vigil", move || control.run_vigil(|| pulse.notify_one()))
    };
    let threads = vec![ledger, vigil.inspect_err(|_| control.stop_ledger())?];
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    if !verifier.is_empty() {
        tasks.spawn(jwks::renew(verifier, stop.clone()));
    }
    let front = Arc::new(Front::new(&settings, &issuer, address, certificates.clone()));
    let metrics = Metrics::new();
    let sending = sender::Sender::new(control.clone(), outbound.clone(), &settings.webhooks);
    tasks.spawn(sending.run(pulse, stop.clone(), tasks.clone()));
    let works = LongWorks::new(stop.clone());
    let app =
        App { control: control.clone(), feed, front, metrics: metrics.clone(), outbound, works, stop: stop.clone() };
    let door = Arc::new(Door::new(router::build(app), &settings, certificates.clone(), metrics));
    tasks.spawn(accept::run(listener, door, stop.clone(), tasks.clone()));
    if let Some(certificates) = &certificates {
        let every = settings.tls.reload_interval.duration();
        tasks.spawn(Arc::clone(certificates).watch(every, stop.clone()));
    }
    tracing::info!(%address, %issuer, "the control plane listens");
    let stop_timeout = settings.http.stop_timeout.duration();
    Ok(Running { address, issuer, control, stop, tasks, threads, certificates, stop_timeout })
}

/// A thread that runs until [`Control::stop_ledger`].
fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StartError> {
    let unstarted =
        |error: std::io::Error| StartError::State { path: format!("{name} thread"), problem: error.to_string() };
    std::thread::Builder::new().name(name.to_owned()).spawn(work).map_err(unstarted)
}

impl Running {
    /// Reads the certificate's files again, for new connections; `false` if there are none. What was served stays if
    /// they cannot be used.
    pub async fn reload_certificates(&self) -> bool {
        let Some(certificates) = self.certificates.clone() else { return false };
        tokio::task::spawn_blocking(move || certificates.reload()).await.is_ok()
    }

    /// How long requests may go on once it is told to stop.
    #[must_use]
    pub const fn stop_timeout(&self) -> Duration {
        self.stop_timeout
    }

    /// Takes no more connections, lets those that are under way end, and stops the threads of the ledger and the vigil.
    pub async fn stop(mut self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.control.stop_ledger();
        for thread in std::mem::take(&mut self.threads) {
            let name = thread.thread().name().unwrap_or_default().to_owned();
            let joined = tokio::task::spawn_blocking(move || thread.join()).await;
            if !matches!(joined, Ok(Ok(()))) {
                tracing::error!(name, "a thread ended badly");
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
        self.control.stop_ledger();
    }
}
