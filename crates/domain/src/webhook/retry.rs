//! When a message that failed is tried again, and when an address is given up.
//!
//! The spread keeps many messages that failed together from coming back together.

use crate::time::Instant;

/// How patient the sender is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Seconds to wait after each attempt but the last; the message is given up after one more attempt than these.
    pub delays: Vec<u32>,
    /// After how many failures in a row the address rests before anything else is sent to it.
    pub rest_after: u32,
    /// How long it rests for each failure beyond that, in seconds; at most a quarter of an hour together.
    pub rest: u32,
    /// For how long it may fail without one success before it is switched off, in seconds.
    pub give_up_after: u32,
}

impl Default for Patience {
    /// Standard Webhooks, "Deliverability and reliability": about three days.
    fn default() -> Self {
        const HOUR: u32 = 3600;
        Self {
            delays: vec![5, 300, 1800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR],
            rest_after: 5,
            rest: 60,
            give_up_after: 72 * HOUR,
        }
    }
}

impl Patience {
    /// When a message is tried again after so many attempts, the last of which failed now; never, if there were enough.
    /// `spread` is random and moves it by a fifth at most.
    #[must_use]
    pub fn next(&self, attempts: u32, now: Instant, spread: u8) -> Option<Instant> {
        let place = usize::try_from(attempts.checked_sub(1)?).ok()?;
        let delay = i64::from(*self.delays.get(place)?) * 1000;
        let moved = delay * (i64::from(spread) - 128) / 640;
        Some(Instant::from_millis(now.millis() + delay + moved))
    }

    /// Until when an address rests after so many failures in a row.
    #[must_use]
    pub fn rest(&self, failures: u32, now: Instant) -> Option<Instant> {
        let beyond = (failures + 1).checked_sub(self.rest_after).filter(|beyond| *beyond > 0)?;
        Some(now.plus(self.rest.saturating_mul(beyond).min(900)))
    }

    /// Whether an address that has failed since then is switched off.
    #[must_use]
    pub fn gives_up(&self, failing_since: Instant, failures: u32, now: Instant) -> bool {
        failures >= self.rest_after && !now.is_before(failing_since.plus(self.give_up_after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::NOW;

    #[test]
    fn each_wait_is_near_what_the_schedule_says_and_the_last_attempt_is_the_last() {
        let patience = Patience::default();
        for (attempt, delay) in (1..).zip(&patience.delays) {
            for spread in [0, 128, 255] {
                let wait = patience.next(attempt, NOW, spread).unwrap().millis() - NOW.millis();
                let delay = i64::from(*delay) * 1000;
                assert!((wait - delay).abs() <= delay / 5, "{attempt} {spread} {wait}");
            }
        }
        assert_eq!(patience.next(10, NOW, 0), None);
        assert_eq!(patience.next(0, NOW, 0), None);
    }

    #[test]
    fn an_address_that_fails_rests_and_is_given_up_in_the_end() {
        let patience = Patience::default();
        assert_eq!(patience.rest(4, NOW), None);
        assert_eq!(patience.rest(5, NOW), Some(NOW.plus(60)));
        assert_eq!(patience.rest(500, NOW), Some(NOW.plus(900)));
        assert!(!patience.gives_up(NOW, 500, NOW.plus(72 * 3600 - 1)));
        assert!(patience.gives_up(NOW, 5, NOW.plus(72 * 3600)));
        assert!(!patience.gives_up(NOW, 4, NOW.plus(99 * 3600)));
    }
}
