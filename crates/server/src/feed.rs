//! What changed, told to whoever listens: server-sent events and waiting requests.
//!
//! It follows the ledger, so that a change made by another process is told as well, and told once and in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use contract::status::Changed;
use control::Control;
use tokio::sync::broadcast;

/// How many messages a slow listener may be behind before it is told to look again at everything.
const BACKLOG: usize = 1024;

/// The feed of one process.
#[derive(Clone)]
pub(crate) struct Feed {
    sender: broadcast::Sender<Changed>,
    seen: Arc<AtomicU64>,
}

impl Feed {
    /// A feed that tells what comes after the first `size` entries of the ledger.
    pub(crate) fn after(size: u64) -> Self {
        Self { sender: broadcast::channel(BACKLOG).0, seen: Arc::new(AtomicU64::new(size)) }
    }

    /// Listens from now on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Changed> {
        self.sender.subscribe()
    }

    /// The ledger has grown to `size`: tells what is new. Called by the ledger's thread alone.
    pub(crate) fn grown(&self, control: &Control, size: u64) {
        let mut from = self.seen.swap(size, Ordering::Relaxed);
        if self.sender.receiver_count() == 0 {
            return;
        }
        while from < size {
            match control.changes(from, 500) {
                Ok(changes) if changes.is_empty() => return,
                Ok(changes) => {
                    from += changes.len() as u64;
                    for (kind, about) in changes {
                        // An error means that nobody listens any more.
                        drop(self.sender.send(Changed { kind: kind.name(), about }));
                    }
                }
                Err(error) => return tracing::warn!(%error, "changes could not be told"),
            }
        }
    }
}
