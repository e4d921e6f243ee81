//! What changed, told to whoever listens: server-sent events, sockets and waiting requests.
//!
//! It follows the ledger, so that a change made by another process is told as well, and told once and in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use control::Control;
use control::audit::Change;
use tokio::sync::broadcast;

/// How many messages a slow listener may be behind before it is told to look again at everything.
pub(crate) const BACKLOG: usize = 1024;

/// The feed of one process.
#[derive(Clone)]
pub(crate) struct Feed {
    sender: broadcast::Sender<Change>,
    told: Arc<AtomicU64>,
}

impl Feed {
    /// A feed that tells what comes after the first `size` entries of the ledger.
    pub(crate) fn after(size: u64) -> Self {
        Self { sender: broadcast::channel(BACKLOG).0, told: Arc::new(AtomicU64::new(size)) }
    }

    /// Listens from now on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Change> {
        self.sender.subscribe()
    }

    /// How many entries of the ledger have been told.
    pub(crate) fn told(&self) -> u64 {
        self.told.load(Ordering::Acquire)
    }

    /// The ledger has grown to `size`: tells what is new. Called by the ledger's thread alone.
    pub(crate) fn grown(&self, control: &Control, size: u64) {
        if self.sender.receiver_count() == 0 {
            return self.told.store(size, Ordering::Release);
        }
        while self.told() < size {
            match control.changes(self.told(), 500) {
                Ok(changes) if changes.is_empty() => return,
                Ok(changes) => changes.into_iter().for_each(|change| self.tell(change)),
                Err(error) => return tracing::warn!(%error, "changes could not be told"),
            }
        }
    }

    /// Tells one change.
    pub(crate) fn tell(&self, change: Change) {
        let next = change.index + 1;
        // An error means that nobody listens any more.
        drop(self.sender.send(change));
        self.told.store(next, Ordering::Release);
    }
}
