//! The option that asks for a standing approval, and what is said of one.

use std::str::FromStr;

use contract::approvals::Ticket;
use domain::budget::{BadBudget, Budget};

use crate::span::{BadSpan, Span};

/// Asks for a standing approval.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct StandingArgs {
    /// Ask that exactly this may run so often within so long after its approval, like `5/15m`; only where policy has
    /// such a standing approval. Run it again with `exec --ticket`
    #[arg(long, value_name = "USES/DURATION", help_heading = "Ticket")]
    standing: Option<BudgetText>,
}

impl StandingArgs {
    /// What is asked for, if it is.
    pub(crate) fn budget(self) -> Option<Budget> {
        self.standing.map(|text| text.0)
    }
}

/// A budget as the command line has it: `5/15m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BudgetText(Budget);

/// A text that is none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadBudgetText {
    /// Not two parts, or no number.
    #[error("write it as uses and time, like `5/15m`")]
    Form,
    /// The time is none.
    #[error(transparent)]
    Span(#[from] BadSpan),
    /// The numbers are such as no budget has.
    #[error(transparent)]
    Budget(#[from] BadBudget),
}

impl FromStr for BudgetText {
    type Err = BadBudgetText;

    fn from_str(text: &str) -> Result<Self, BadBudgetText> {
        let (uses, window) = text.split_once('/').ok_or(BadBudgetText::Form)?;
        let plain = !uses.is_empty() && uses.bytes().all(|byte| byte.is_ascii_digit());
        let uses = uses.parse().ok().filter(|_| plain).ok_or(BadBudgetText::Form)?;
        let window_seconds = window.parse::<Span>()?.seconds();
        Ok(Self(Budget { uses, window_seconds }.check()?))
    }
}

/// What a ticket may be used for beyond one use, as the end of a sentence; empty for an ordinary one.
pub(crate) fn offered(budget: Option<Budget>) -> String {
    budget.map(|budget| format!(", to be used {}", budget.in_words())).unwrap_or_default()
}

/// How much of a standing approval is spent: `2 of 5`; nothing of an ordinary ticket.
pub(crate) fn used(ticket: &Ticket) -> Option<String> {
    ticket.binding.budget.map(|budget| format!("{} of {}", ticket.uses.len(), budget.uses))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_uses_and_a_time() {
        let budget = Budget { uses: 5, window_seconds: 900 };
        assert_eq!("5/15m".parse::<BudgetText>().unwrap(), BudgetText(budget));
        for (bad, words) in [
            ("5", "like `5/15m`"),
            ("", "like `5/15m`"),
            ("+5/15m", "like `5/15m`"),
            ("five/15m", "like `5/15m`"),
            ("5/15", "not a length of time"),
            ("1/15m", "2 to 50 uses"),
            ("51/15m", "2 to 50 uses"),
            ("5/2d", "1 to 86400 seconds"),
            ("5/0s", "1 to 86400 seconds"),
        ] {
            let told = bad.parse::<BudgetText>().unwrap_err().to_string();
            assert!(told.contains(words), "{bad}: {told}");
        }
    }

    #[test]
    fn only_a_standing_approval_says_how_often() {
        assert_eq!(offered(None), "");
        let budget = Budget { uses: 5, window_seconds: 900 };
        assert_eq!(offered(Some(budget)), ", to be used up to 5 times within 15 min");
    }
}
