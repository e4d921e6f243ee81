//! Budgets: how often the same exact action may run under one approval, and within which time.
//!
//! A ticket with a budget is a standing approval. The budget is part of its binding, so approvers sign it; policy says
//! how large it may be. Deliberately absent: a budget over a pattern of actions. Every use is the action that was signed.

use serde::{Deserialize, Serialize};

use crate::id::TaskId;
use crate::time::Instant;

/// The most uses that any policy can allow.
pub const MOST_USES: u32 = 50;
/// The longest window that any policy can allow, in seconds: a day.
pub const LONGEST_WINDOW: u32 = 86_400;

/// So many uses within so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// How often it may be used: 2 to 50.
    pub uses: u32,
    /// How long after the approval, in seconds: 1 to 86400.
    pub window_seconds: u32,
}

/// Why a budget cannot be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBudget {
    /// Too few or too many uses.
    #[error("a budget has 2 to {MOST_USES} uses, not {0}; for one use, ask without a budget")]
    Uses(u32),
    /// No time, or too much.
    #[error("a budget lasts 1 to {LONGEST_WINDOW} seconds, not {0}")]
    Window(u32),
}

impl BadBudget {
    /// The field that is wrong, as requests call it.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Uses(_) => "budget.uses",
            Self::Window(_) => "budget.window_seconds",
        }
    }
}

impl Budget {
    /// Checks that both numbers are such as a budget can have.
    pub const fn check(self) -> Result<Self, BadBudget> {
        if self.uses < 2 || self.uses > MOST_USES {
            return Err(BadBudget::Uses(self.uses));
        }
        if self.window_seconds < 1 || self.window_seconds > LONGEST_WINDOW {
            return Err(BadBudget::Window(self.window_seconds));
        }
        Ok(self)
    }

    /// Whether another budget asks for no more than this one.
    #[must_use]
    pub const fn covers(self, asked: Self) -> bool {
        asked.uses <= self.uses && asked.window_seconds <= self.window_seconds
    }

    /// What both allow.
    #[must_use]
    pub fn least(self, other: Self) -> Self {
        Self { uses: self.uses.min(other.uses), window_seconds: self.window_seconds.min(other.window_seconds) }
    }
}

impl Budget {
    /// `up to 5 times within 30 min`: exact, in the largest unit that divides the window.
    #[must_use]
    pub fn in_words(self) -> String {
        let (number, unit) = self.window();
        let unit = match unit {
            'd' => "day",
            'h' => "h",
            'm' => "min",
            _ => "s",
        };
        format!("up to {} times within {number} {unit}", self.uses)
    }

    fn window(self) -> (u32, char) {
        let seconds = self.window_seconds;
        let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
        let (length, unit) = units.into_iter().find(|(length, _)| seconds.is_multiple_of(*length)).unwrap_or((1, 's'));
        (seconds / length, unit)
    }
}

impl std::fmt::Display for Budget {
    /// As annotations have it: `5 in 30m`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (number, unit) = self.window();
        write!(f, "{} in {number}{unit}", self.uses)
    }
}

/// One use of a standing approval, as its ticket keeps it. Its number is its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Use {
    /// When.
    pub at: Instant,
    /// The task that came of it.
    pub task: TaskId,
}

/// Which use of how many: `2 of 5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UseNumber {
    /// From 1.
    pub number: u32,
    /// How many the budget has.
    pub of: u32,
}

impl std::fmt::Display for UseNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(uses: u32, window_seconds: u32) -> Budget {
        Budget { uses, window_seconds }
    }

    #[test]
    fn a_budget_has_more_than_one_use_and_an_end() {
        for good in [budget(2, 1), budget(50, 86_400)] {
            assert_eq!(good.check(), Ok(good));
        }
        for (bad, field) in [
            (budget(0, 60), "budget.uses"),
            (budget(1, 60), "budget.uses"),
            (budget(51, 60), "budget.uses"),
            (budget(2, 0), "budget.window_seconds"),
            (budget(2, 86_401), "budget.window_seconds"),
        ] {
            assert_eq!(bad.check().unwrap_err().field(), field, "{bad:?}");
        }
    }

    #[test]
    fn one_covers_another_only_in_both_numbers() {
        let most = budget(5, 1800);
        assert!(most.covers(most) && most.covers(budget(2, 60)));
        assert!(!most.covers(budget(6, 60)) && !most.covers(budget(2, 1801)));
        assert_eq!(most.least(budget(9, 600)), budget(5, 600));
    }

    #[test]
    fn it_reads_as_an_annotation_has_it() {
        let texts = [budget(5, 1800), budget(2, 90), budget(3, 7200), budget(50, 86_400)].map(|it| it.to_string());
        assert_eq!(budget(5, 1800).in_words(), "up to 5 times within 30 min");
        assert_eq!(budget(2, 90).in_words(), "up to 2 times within 90 s");
        assert_eq!(texts, ["5 in 30m", "2 in 90s", "3 in 2h", "50 in 1d"]);
    }
}
