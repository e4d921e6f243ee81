//! Instants for people: how far away, and when in UTC.
//!
//! What is far away is told in its largest unit, rounded to the nearest.

use domain::Instant;

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

/// `2026-11-22 05:00:00 UTC`.
pub(crate) fn absolute(at: Instant) -> String {
    let text = at.to_string().replace('T', " ");
    format!("{} UTC", text.split('.').next().unwrap_or(&text).trim_end_matches('Z'))
}

/// `in 29 days`, `2 min ago`, `now`.
pub(crate) fn relative(at: Instant, now: Instant) -> String {
    match (at.seconds_since(now), now.seconds_since(at)) {
        (0, 0) => "now".to_owned(),
        (ahead, 0) => format!("in {}", length(ahead)),
        (_, ago) => format!("{} ago", length(ago)),
    }
}

/// `2026-11-22 05:00:00 UTC (in 29 days)`.
pub(crate) fn both(at: Instant, now: Instant) -> String {
    format!("{} ({})", absolute(at), relative(at, now))
}

/// `45 s`, `30 min`, `12 h`, `29 days`.
pub(crate) fn length(seconds: u32) -> String {
    let rounded = |unit: u32| seconds / unit + u32::from(seconds % unit >= unit / 2);
    match seconds {
        0..90 => format!("{seconds} s"),
        90..5_400 => format!("{} min", rounded(MINUTE)),
        5_400..129_600 => format!("{} h", rounded(HOUR)),
        _ => format!("{} days", rounded(DAY)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_told_in_their_largest_unit() {
        let told = [(0, "0 s"), (89, "89 s"), (90, "2 min"), (1800, "30 min"), (5399, "90 min"), (7200, "2 h")];
        let more = [(129_599, "36 h"), (2 * DAY, "2 days"), (30 * DAY - 1, "30 days"), (29 * DAY + 60, "29 days")];
        for (seconds, text) in told.into_iter().chain(more) {
            assert_eq!(length(seconds), text);
        }
    }

    #[test]
    fn past_and_future_are_told_apart() {
        let now = Instant::from_seconds(1_700_000_000);
        assert_eq!(relative(now.plus(120), now), "in 2 min");
        assert_eq!(relative(now, now.plus(120)), "2 min ago");
        assert_eq!(relative(Instant::from_millis(1_700_000_000_400), now), "now");
        assert_eq!(both(now.plus(3 * DAY), now), "2023-11-17 22:13:20 UTC (in 3 days)");
    }
}
