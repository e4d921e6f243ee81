//! The values that annotations may have.

use std::collections::BTreeSet;
use std::str::FromStr;

use cedar_policy::EntityUid;
use domain::budget::Budget;

/// All annotations there are. One that is not listed is a mistake.
pub(crate) const KNOWN: [&str; 10] = [
    "id",
    "title",
    "description",
    "require_approval",
    "approvers",
    "step_up",
    "approval_ttl",
    "execution_ttl",
    "max_duration",
    "standing",
];

/// Those that mean something on a guard only.
pub(crate) const OF_GUARDS: &[&str] = KNOWN.split_at(3).1;

const YEAR: u32 = 366 * 86_400;

/// What names a policy: 1 to 100 letters, digits, `-`, `_` and `.`.
pub(crate) fn id(text: &str) -> Option<&str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    ((1..=100).contains(&text.len()) && text.chars().all(plain)).then_some(text)
}

/// How many people: 1 to 100.
pub(crate) fn quorum(text: &str) -> Option<u32> {
    let number: u32 = text.parse().ok()?;
    ((1..=100).contains(&number) && text == number.to_string()).then_some(number)
}

/// Seconds, from a number and one of `s`, `m`, `h`, `d`; 1 second to 366 days.
pub(crate) fn seconds(text: &str) -> Option<u32> {
    let unit = match text.as_bytes().last()? {
        b's' => 1,
        b'm' => 60,
        b'h' => 3_600,
        b'd' => 86_400,
        _ => return None,
    };
    let digits = &text[..text.len() - 1];
    let number: u32 = digits.bytes().all(|b| b.is_ascii_digit()).then_some(digits)?.parse().ok()?;
    number.checked_mul(unit).filter(|seconds| (1..=YEAR).contains(seconds))
}

/// A budget, written `5 in 30m`: 2 to 50 uses, 1 second to 1 day.
pub(crate) fn budget(text: &str) -> Option<Budget> {
    let (uses, window) = text.split_once(" in ")?;
    Budget { uses: quorum(uses)?, window_seconds: seconds(window)? }.check().ok()
}

/// Teams, written `Team::"sre"` and separated by commas.
pub(crate) fn teams(text: &str) -> Option<BTreeSet<String>> {
    let mut quoted = false;
    let mut escaped = false;
    let separates = |c: char| {
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        c == ',' && !quoted
    };
    let team = |text: &str| {
        let uid = EntityUid::from_str(text.trim()).ok()?;
        (uid.type_name().to_string() == "Team").then(|| uid.id().unescaped().to_owned())
    };
    text.split(separates).map(team).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        assert_eq!(["300s", "15m", "4h", "1d"].map(seconds), [Some(300), Some(900), Some(14_400), Some(86_400)]);
        for bad in
            ["", "s", "0s", "1", "1.5h", "-1s", "+1s", "1h30m", "1 h", "367d", "99999999999s", "4294967295d", "5é"]
        {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }

    #[test]
    fn quorums_are_counts_of_people() {
        assert_eq!(["1", "2", "100"].map(quorum), [Some(1), Some(2), Some(100)]);
        for bad in ["", "0", "-1", "+1", "01", "two", "101", "1.0"] {
            assert_eq!(quorum(bad), None, "{bad}");
        }
    }

    #[test]
    fn budgets_are_uses_within_a_time() {
        let of = |uses, window_seconds| Some(Budget { uses, window_seconds });
        assert_eq!(["5 in 30m", "2 in 1s", "50 in 1d"].map(budget), [of(5, 1800), of(2, 1), of(50, 86_400)]);
        for bad in [
            "",
            "5",
            "30m",
            "5/30m",
            "5 in",
            "in 30m",
            "1 in 30m",
            "0 in 30m",
            "51 in 30m",
            "5 in 25h",
            "5 in 0s",
            "5  in 30m",
            "5 in 30m ",
            "+5 in 30m",
            "05 in 30m",
            "five in 30m",
        ] {
            assert_eq!(budget(bad), None, "{bad}");
        }
    }

    #[test]
    fn approvers_are_teams() {
        let known = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(teams(r#"Team::"sre""#), known(&["sre"]));
        assert_eq!(teams(r#"Team::"sre", Team::"a,\"b""#), known(&["sre", "a,\"b"]));
        for bad in ["", "sre", r#"User::"sre""#, r#"Team::"sre","#, r#"Team::"sre" Team::"b""#] {
            assert_eq!(teams(bad), None, "{bad}");
        }
    }
}
