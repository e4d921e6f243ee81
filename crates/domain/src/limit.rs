//! A sliding window over failed attempts: how many there may be within an interval, and when the next is free.
//!
//! An attempt is reserved before it is verified and given back if it succeeds, so parallel guesses cannot slip by
//! together. The window is a value; where it is kept, and that two reservations never overwrite each other, is the
//! store's affair.

use serde::{Deserialize, Serialize};

use crate::time::Instant;

/// How many failures within how many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The most failures within the interval; 0 switches the limit off.
    pub failures: u32,
    /// The interval in seconds, at least 1.
    pub interval: u32,
}

/// The failures that count, and how often somebody was turned away meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    failures: Vec<Instant>,
}

/// The limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the limit is reached; the next attempt is free in {retry_after} s")]
pub struct Exhausted {
    /// The limit.
    pub limit: Limit,
    /// Seconds until the next attempt is free, at least 1, rounded up.
    pub retry_after: u32,
}

impl Limit {
    /// Whether it is switched on.
    #[must_use]
    pub const fn is_on(self) -> bool {
        self.failures > 0
    }
}

impl Window {
    /// Whether an attempt is free now; gives how many more are.
    pub fn check(&self, limit: Limit, now: Instant) -> Result<u32, Exhausted> {
        if !limit.is_on() {
            return Ok(u32::MAX);
        }
        let counted: Vec<_> = self.counted(limit, now).collect();
        let used = u32::try_from(counted.len()).unwrap_or(u32::MAX);
        match limit.failures.checked_sub(used) {
            Some(free) if free > 0 => Ok(free),
            _ => {
                // The attempt that must grow old first for one to be free: limits may have been lowered meanwhile.
                let over = counted.len() - usize::try_from(limit.failures).unwrap_or(usize::MAX).min(counted.len());
                let first = counted.get(over).copied().unwrap_or(now);
                let millis = (first.plus(limit.interval).millis() - now.millis()).max(1);
                let retry_after = u32::try_from((millis + 999) / 1000).unwrap_or(u32::MAX);
                Err(Exhausted { limit, retry_after })
            }
        }
    }

    /// The window with one more attempt in it, which counts as a failure until it is given back.
    pub fn reserve(&self, limit: Limit, now: Instant) -> Result<Self, Exhausted> {
        self.check(limit, now)?;
        let mut failures: Vec<_> = self.counted(limit, now).collect();
        failures.push(now);
        failures.sort_unstable();
        Ok(Self { failures })
    }

    /// The window without the attempt that was reserved then: it succeeded.
    #[must_use]
    pub fn give_back(mut self, reserved: Instant) -> Self {
        if let Some(at) = self.failures.iter().position(|failure| *failure == reserved) {
            self.failures.remove(at);
        }
        self
    }

    /// Whether nothing in it counts any more.
    #[must_use]
    pub fn is_over(&self, limit: Limit, now: Instant) -> bool {
        self.counted(limit, now).next().is_none()
    }

    /// Failures that are younger than the interval. One from the future, by a clock that was set back, counts.
    fn counted(&self, limit: Limit, now: Instant) -> impl Iterator<Item = Instant> {
        self.failures.iter().copied().filter(move |at| now.is_before(at.plus(limit.interval)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMIT: Limit = Limit { failures: 3, interval: 60 };

    fn at(seconds: i64) -> Instant {
        Instant::from_seconds(1_800_000_000 + seconds)
    }

    #[test]
    fn the_window_slides_and_tells_the_true_remaining_time() {
        let mut window = Window::default();
        for second in [0, 10, 20] {
            window = window.reserve(LIMIT, at(second)).unwrap();
        }
        assert_eq!(window.reserve(LIMIT, at(30)).unwrap_err().retry_after, 30);
        assert_eq!(window.check(LIMIT, at(59)).unwrap_err().retry_after, 1);
        assert_eq!(window.check(LIMIT, at(60)).unwrap(), 1);
        assert_eq!(window.check(LIMIT, at(70)).unwrap(), 2);
        assert!(window.is_over(LIMIT, at(80)));
    }

    #[test]
    fn what_succeeds_does_not_count() {
        let window = Window::default().reserve(LIMIT, at(0)).unwrap().reserve(LIMIT, at(1)).unwrap().give_back(at(1));
        assert_eq!(window.check(LIMIT, at(2)).unwrap(), 2);
    }

    #[test]
    fn zero_switches_it_off() {
        let off = Limit { failures: 0, interval: 60 };
        let mut window = Window::default();
        for _ in 0..100 {
            window = window.reserve(off, at(0)).unwrap();
        }
        assert!(window.check(off, at(0)).is_ok());
    }

    proptest! {
        #[test]
        fn no_interval_ever_holds_more_than_the_limit(steps in proptest::collection::vec(0_i64..30, 1..80)) {
            let (mut window, mut now, mut taken) = (Window::default(), 0, Vec::new());
            for step in steps {
                now += step;
                match window.reserve(LIMIT, at(now)) {
                    Ok(next) => { window = next; taken.push(now); }
                    Err(full) => {
                        let free = now + i64::from(full.retry_after);
                        prop_assert!(window.check(LIMIT, at(free)).is_ok());
                        prop_assert!(window.check(LIMIT, at(free - 1)).is_err());
                    }
                }
            }
            for (index, first) in taken.iter().enumerate() {
                let within = taken[index..].iter().filter(|at| **at < first + 60).count();
                prop_assert!(within <= 3, "{taken:?}");
            }
        }
    }
}
