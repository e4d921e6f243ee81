//! How many of one plugin run at once: whoever comes later waits, and not for ever.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Places for so many.
pub(super) struct Permits {
    free: Mutex<u32>,
    freed: Condvar,
}

/// A place; dropping it frees it.
pub(super) struct Permit<'a>(&'a Permits);

impl Permits {
    pub(super) const fn of(count: u32) -> Self {
        Self { free: Mutex::new(count), freed: Condvar::new() }
    }

    /// Waits until a place is free, so long at most.
    pub(super) fn wait(&self, most: Duration) -> Option<Permit<'_>> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.freed.wait_timeout_while(free, most, |free| *free == 0);
        let (mut free, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *free = free.checked_sub(1)?;
        Some(Permit(self))
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_given_back_is_given_again() {
        let permits = Permits::of(1);
        let first = permits.wait(Duration::ZERO).unwrap();
        assert!(permits.wait(Duration::from_millis(1)).is_none());
        std::thread::scope(|scope| {
            let second = scope.spawn(|| permits.wait(Duration::from_mins(1)).is_some());
            drop(first);
            assert!(second.join().unwrap());
        });
        assert!(permits.wait(Duration::ZERO).is_some());
    }
}
