//! Words that several reports share.

use domain::outcome::{Outcome, Requirement};

/// A number with its noun.
pub(in crate::commands) fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// A share of all, as `3 of 1,024`.
pub(in crate::commands) fn of(part: u32, all: u32) -> String {
    format!("{} of {}", grouped(part), grouped(all))
}

/// A number with its thousands apart.
pub(in crate::commands) fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An answer as a word of a sentence.
pub(super) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allow => "allowed",
        Outcome::Deny => "denied",
        Outcome::RequireApproval => "needs approval",
    }
}

/// What an approval takes, as one line.
pub(super) fn requirement(requirement: &Requirement) -> String {
    let Requirement {
        quorum,
        groups,
        step_up_seconds,
        approval_ttl_seconds,
        execution_ttl_seconds,
        max_duration_seconds,
        standing,
    } = requirement;
    let length = crate::when::length;
    let groups = if groups.is_empty() { String::new() } else { format!(", of {}", groups.join(" and ")) };
    let longest = max_duration_seconds.map(|seconds| format!(", runs {} at most", length(seconds))).unwrap_or_default();
    let standing = standing.map(|most| format!(", or a standing approval of {most}")).unwrap_or_default();
    format!(
        "{}{groups}; login not older than {}, {} to approve, {} to begin{longest}{standing}",
        count(*quorum as usize, "approver", "approvers"),
        length(*step_up_seconds),
        length(*approval_ttl_seconds),
        length(*execution_ttl_seconds),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_as_people_read_them() {
        let told = [0, 12, 999, 1_000, 999_999, 1_234_567].map(grouped);
        assert_eq!(told, ["0", "12", "999", "1,000", "999,999", "1,234,567"]);
        assert_eq!(
            (of(3, 1024), count(1, "a", "b"), count(2, "a", "b")),
            ("3 of 1,024".into(), "1 a".into(), "2 b".into())
        );
    }
}
