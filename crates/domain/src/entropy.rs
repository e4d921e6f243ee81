//! Randomness as a parameter, and the ids made from it.

use crate::time::{Clock, Instant};

/// A source of random bytes fit for keys and nonces.
pub trait Entropy: Send + Sync {
    /// Fills the whole buffer with unpredictable bytes.
    fn fill(&self, buffer: &mut [u8]);
}

impl dyn Entropy + '_ {
    /// `N` unpredictable bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

/// What every use case is given: the time and the randomness. Ids come from both.
#[derive(Clone, Copy)]
pub struct Ids<'a> {
    /// Where the first 48 bits of an id come from.
    pub clock: &'a dyn Clock,
    /// Where the other 80 bits come from.
    pub entropy: &'a dyn Entropy,
}

impl Ids<'_> {
    /// A new ULID: sorts by time, 80 random bits.
    #[must_use]
    pub fn ulid(&self) -> ulid::Ulid {
        Self::ulid_at(self.clock.now(), self.entropy)
    }

    /// A new ULID for a given instant.
    #[must_use]
    pub fn ulid_at(now: Instant, entropy: &dyn Entropy) -> ulid::Ulid {
        let mut random = [0; 16];
        random[6..].copy_from_slice(&entropy.bytes::<10>());
        ulid::Ulid::from_parts(now.millis().unsigned_abs(), u128::from_be_bytes(random))
    }
}
