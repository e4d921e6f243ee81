//! Where the connections live: one thread that carries their bytes, so that whoever asks can stop waiting.
//!
//! The store is synchronous; this is the one place that drives the asynchronous driver. Must not be entered from a thread
//! that itself drives a runtime.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

/// The thread of a database's connections. It ends with the last clone.
#[derive(Clone)]
pub(super) struct Background {
    handle: Handle,
    _runtime: Arc<Ending>,
}

/// A runtime that is ended without waiting, as that may happen where nobody may wait.
struct Ending(Mutex<Option<Runtime>>);

impl Background {
    pub(super) fn start() -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("postgres").enable_all().build()?;
        Ok(Self { handle: runtime.handle().clone(), _runtime: Arc::new(Ending(Mutex::new(Some(runtime)))) })
    }

    /// Waits for what comes, but no longer than that; then there is nothing.
    pub(super) fn within<T>(&self, limit: Duration, work: impl Future<Output = T>) -> Option<T> {
        self.handle.block_on(async { tokio::time::timeout(limit, work).await.ok() })
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            runtime.shutdown_background();
        }
    }
}
