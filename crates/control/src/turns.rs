//! Heavy work, of which only so much runs at once: some of the rest waits its turn, and what is too much is refused.

use std::sync::{Condvar, Mutex, PoisonError};

/// The turns of one kind of work.
pub(crate) struct Turns {
    at_once: usize,
    queue: usize,
    load: Mutex<Load>,
    freed: Condvar,
}

#[derive(Default)]
struct Load {
    running: usize,
    queued: usize,
}

/// A turn; over when it is dropped.
pub(crate) struct Turn<'a>(&'a Turns);

impl Turns {
    /// So many at once, and so many that wait for one to end.
    pub(crate) fn new(at_once: usize, queue: usize) -> Self {
        Self { at_once, queue, load: Mutex::default(), freed: Condvar::new() }
    }

    /// Waits for a turn; `None` if as many wait as may.
    pub(crate) fn take(&self) -> Option<Turn<'_>> {
        let mut load = self.load.lock().unwrap_or_else(PoisonError::into_inner);
        if load.queued >= self.queue {
            return None;
        }
        load.queued += 1;
        while load.running >= self.at_once {
            load = self.freed.wait(load).unwrap_or_else(PoisonError::into_inner);
        }
        load.queued -= 1;
        load.running += 1;
        Some(Turn(self))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.load.lock().unwrap_or_else(PoisonError::into_inner).running -= 1;
        self.0.freed.notify_one();
    }
}
