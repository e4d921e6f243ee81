//! Instants and durations. One type for a point in time, UTC, with millisecond precision everywhere: in SQL (integer
//! milliseconds), on the wire (RFC 3339 with `Z`), and under a signature (integer seconds, as RFC 7519 has them).
//!
//! Invariant: `a.is_before(b)` is the only comparison that decides an expiry; at the very instant it is over.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A source of the current time. Rules take the instant itself; use cases take the clock.
pub trait Clock: Send + Sync {
    /// The current instant, UTC.
    fn now(&self) -> Instant;
}

/// A point in time, UTC, in milliseconds. On the wire: RFC 3339, for example `2026-11-22T05:00:00.000Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, specta::Type)]
#[specta(transparent)]
pub struct Instant(#[specta(type = String)] i64);

/// A text that is not an RFC 3339 instant.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an RFC 3339 instant; write it like `2026-11-22T05:00:00Z`")]
pub struct BadInstant(String);

impl Instant {
    /// From milliseconds since 1970-01-01T00:00:00Z. Values beyond the years 1 to 9999 are brought to the nearest one.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(-62_135_596_800_000, 253_402_207_200_000))
    }

    #[cfg(test)]
    pub(crate) const fn from_millis_unclamped(millis: i64) -> Self {
        Self(millis)
    }

    /// From seconds since 1970-01-01T00:00:00Z (RFC 7519 `NumericDate`).
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1000))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This instant cut to whole seconds, as a signature carries it.
    #[must_use]
    pub fn to_whole_seconds(self) -> Self {
        Self::from_seconds(self.seconds())
    }

    /// Strictly earlier. The one comparison for every deadline: `now.is_before(expires_at)`.
    #[must_use]
    pub const fn is_before(self, deadline: Self) -> bool {
        self.0 < deadline.0
    }

    /// This instant and `seconds` more.
    #[must_use]
    pub fn plus(self, seconds: u32) -> Self {
        Self::from_millis(self.0.saturating_add(i64::from(seconds) * 1000))
    }

    /// This instant and `seconds` less.
    #[must_use]
    pub fn minus(self, seconds: u32) -> Self {
        Self::from_millis(self.0.saturating_sub(i64::from(seconds) * 1000))
    }

    /// Seconds since `earlier`, rounded down; 0 if `earlier` is later.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> u32 {
        let seconds = self.0.saturating_sub(earlier.0).max(0) / 1000;
        u32::try_from(seconds).unwrap_or(u32::MAX)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stamp = jiff::Timestamp::from_millisecond(self.0).map_err(|_| fmt::Error)?;
        write!(f, "{stamp:.3}")
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Instant {
    type Err = BadInstant;

    fn from_str(text: &str) -> Result<Self, BadInstant> {
        let stamp: jiff::Timestamp = text.parse().map_err(|_| BadInstant(text.to_owned()))?;
        Ok(Self::from_millis(stamp.as_millisecond()))
    }
}

impl Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_over_at_its_own_deadline() {
        let deadline = Instant::from_seconds(100);
        assert!(Instant::from_millis(99_999).is_before(deadline));
        assert!(!deadline.is_before(deadline));
    }

    #[test]
    fn text_keeps_milliseconds_and_is_utc() {
        let instant = Instant::from_millis(1_700_000_000_123);
        assert_eq!(instant.to_string(), "2023-11-14T22:13:20.123Z");
        assert_eq!("2023-11-14T23:13:20.123+01:00".parse::<Instant>().unwrap(), instant);
        assert!("yesterday".parse::<Instant>().is_err());
    }

    #[test]
    fn arithmetic_never_wraps() {
        let end = Instant::from_millis(i64::MAX);
        assert_eq!(end.plus(u32::MAX), end);
        assert_eq!(Instant::from_seconds(0).seconds_since(end), 0);
    }
}
