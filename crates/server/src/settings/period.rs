//! Lengths of time in settings, as people write them: `200ms`, `10s`, `5m`, `2h`, `30d`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::settings::ConfigError;

/// A length of time in whole milliseconds, from 1 ms to 3650 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period(Duration);

/// A text that is none.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a length of time; write it like `200ms`, `10s`, `5m`, `2h` or `30d`")]
pub struct BadPeriod(String);

/// The units, longest first, in milliseconds.
const UNITS: &[(&str, u64)] = &[("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
const LONGEST: u64 = 3650 * 86_400_000;

impl Period {
    /// So many seconds.
    #[must_use]
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// So many milliseconds.
    #[must_use]
    pub const fn millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// As whole seconds, for the setting with that key.
    pub(crate) fn whole_seconds(self, key: &str) -> Result<u32, ConfigError> {
        let seconds = u32::try_from(self.0.as_secs()).ok().filter(|_| self.0.subsec_nanos() == 0);
        seconds.ok_or_else(|| ConfigError::value(format!("`{key}`"), "write whole seconds, minutes, hours or days"))
    }

    /// As the standard library has it.
    #[must_use]
    pub const fn duration(self) -> Duration {
        self.0
    }
}

impl FromStr for Period {
    type Err = BadPeriod;

    fn from_str(text: &str) -> Result<Self, BadPeriod> {
        let bad = || BadPeriod(text.chars().take(40).collect());
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(bad)?;
        let total = number.parse::<u64>().ok().and_then(|number| number.checked_mul(*millis));
        total.filter(|total| (1..=LONGEST).contains(total)).map(Self::millis).ok_or_else(bad)
    }
}

impl TryFrom<String> for Period {
    type Error = BadPeriod;

    fn try_from(text: String) -> Result<Self, BadPeriod> {
        text.parse()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        let (name, unit) = UNITS.iter().find(|(_, unit)| millis.is_multiple_of(*unit)).unwrap_or(&("ms", 1));
        write!(f, "{}{name}", millis / unit)
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit() {
        for text in ["200ms", "10s", "5m", "2h", "30d", "90s"] {
            assert_eq!(text.parse::<Period>().unwrap().to_string(), text);
        }
        assert_eq!("60s".parse::<Period>().unwrap().to_string(), "1m");
        for bad in ["", "s", "30", "0s", "-1s", "1.5h", "1 h", "1w", "4000d", "99999999999999999999s"] {
            assert!(bad.parse::<Period>().is_err(), "{bad}");
        }
    }
}
