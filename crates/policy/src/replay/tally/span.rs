//! Spans of time of one length, at most sixty, so that a chart of them can be read.

use domain::Instant;
use domain::policy::replay::Tally;

use crate::replay::intern::count;
use crate::replay::tally::Numbers;

/// How many spans there are at most.
const SPANS: i64 = 60;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Lengths that people count in; beyond them, so many thirties of days as it takes.
const LENGTHS: [i64; 9] = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 7 * DAY];

/// All spans from the first decision to the last, empty ones too. Each begins at a multiple of its length, by UTC.
pub(crate) struct Spans {
    length: i64,
    first: i64,
    numbers: Vec<Numbers>,
}

impl Spans {
    /// That cover a range, both ends included; none if there is nothing to cover.
    pub(crate) fn over(range: Option<(i64, i64)>) -> Self {
        let Some((from, until)) = range else { return Self { length: MINUTE, first: 0, numbers: vec![] } };
        let spans = |length: i64| until.div_euclid(length) - from.div_euclid(length) + 1;
        let longer = (0..16).map(|times| (30 * DAY) << times);
        let length = LENGTHS.into_iter().chain(longer).find(|length| spans(*length) <= SPANS).unwrap_or(i64::MAX);
        let numbers = vec![Numbers::default(); usize::try_from(spans(length)).unwrap_or(0)];
        Self { length, first: from.div_euclid(length), numbers }
    }

    /// The span of an instant in the range.
    pub(crate) fn at(&mut self, clock: i64) -> &mut Numbers {
        let at = usize::try_from(clock.div_euclid(self.length) - self.first).unwrap_or(0);
        let last = self.numbers.len().saturating_sub(1);
        &mut self.numbers[at.min(last)]
    }

    /// As the report has them.
    pub(crate) fn told(self) -> Vec<Tally> {
        let begins = |at: usize| Instant::from_millis((self.first + i64::from(count(at))).saturating_mul(self.length));
        let told = |(at, Numbers { decisions, flips, widening }): (usize, &Numbers)| Tally {
            from: begins(at),
            decisions: *decisions,
            flips: *flips,
            widening: *widening,
        };
        self.numbers.iter().enumerate().map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begins(from: &str, until: &str) -> Vec<String> {
        let millis = |text: &str| text.parse::<Instant>().unwrap().millis();
        let told = Spans::over(Some((millis(from), millis(until)))).told();
        told.into_iter().map(|tally| tally.from.to_string()).collect()
    }

    #[test]
    fn spans_are_of_a_length_that_people_count_in_and_at_most_sixty() {
        let month = begins("2026-10-03T05:00:00Z", "2026-11-02T23:00:00Z");
        assert_eq!((month.len(), month[0].as_str()), (31, "2026-10-03T00:00:00.000Z"));
        assert_eq!(begins("2026-10-03T05:00:10Z", "2026-10-03T05:00:10Z"), ["2026-10-03T05:00:00.000Z"]);
        assert_eq!(begins("2026-10-03T05:00:59Z", "2026-10-03T05:01:00Z").len(), 2);
        for (from, until) in [
            ("0001-01-01T00:00:00Z", "9999-12-30T00:00:00Z"),
            ("1969-12-31T23:59:59Z", "1970-01-01T00:58:58Z"),
            ("1970-01-01T00:00:00Z", "1976-01-01T00:00:00Z"),
        ] {
            assert!((31..=60).contains(&begins(from, until).len()), "{from} {until}");
        }
        assert!(Spans::over(None).told().is_empty());
    }
}
