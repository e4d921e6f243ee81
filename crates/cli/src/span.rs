//! Lengths of time as people write them: `30s`, `10m`, `2h`, `30d`.

use std::str::FromStr;
use std::time::Duration;

/// A length of time, in whole seconds, at most 3650 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span(u32);

/// A text that is none.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a length of time; write it like `30s`, `10m`, `2h` or `30d`")]
pub(crate) struct BadSpan(String);

const LONGEST: u32 = 3650 * 24 * 3600;

impl Span {
    pub(crate) const fn seconds(self) -> u32 {
        self.0
    }

    pub(crate) fn duration(self) -> Duration {
        Duration::from_secs(self.0.into())
    }
}

impl FromStr for Span {
    type Err = BadSpan;

    fn from_str(text: &str) -> Result<Self, BadSpan> {
        let bad = || BadSpan(text.chars().take(40).collect());
        let unit = text.chars().last().ok_or_else(bad)?;
        let seconds: u32 = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 24 * 3600,
            _ => return Err(bad()),
        };
        let digits = &text[..text.len() - 1];
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number: u32 = if plain { digits.parse().map_err(|_| bad())? } else { return Err(bad()) };
        let total = number.checked_mul(seconds).filter(|total| *total <= LONGEST);
        total.map(Self).ok_or_else(bad)
    }
}

/// A length of time, or a number of seconds: options that other programs have too take both.
pub(crate) fn seconds(text: &str) -> Result<Span, BadSpan> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { format!("{text}s").parse().map_err(|_| BadSpan(text.chars().take(40).collect())) } else { text.parse() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit() {
        for (text, seconds) in [("30s", 30), ("10m", 600), ("2h", 7200), ("30d", 2_592_000), ("0s", 0)] {
            assert_eq!(text.parse::<Span>().unwrap().seconds(), seconds);
        }
        for bad in ["", "s", "30", "-1s", "+1s", "1.5h", "1 h", "1w", "4000d", "99999999999s", "1ä"] {
            assert!(bad.parse::<Span>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_number_alone_is_seconds_where_that_is_said() {
        for (text, expected) in [("1800", 1800), ("2592000", 2_592_000), ("0", 0), ("30m", 1800), ("12h", 43_200)] {
            assert_eq!(seconds(text).unwrap().seconds(), expected);
        }
        for bad in ["", "-1", "1.5", "999999999999"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }
}
