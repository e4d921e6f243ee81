//! What a solver's output means, and why a query has no answer.

use std::time::Duration;

/// Why a query has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// The limit of a query.
    #[error("the solver took more than {} s", .0.as_secs_f32())]
    Slow(Duration),
    /// The limit of all queries.
    #[error("the time for all proofs, {} s, is over", .0.as_secs_f32())]
    OutOfTime(Duration),
    /// Somebody asked to stop.
    #[error("it was cancelled")]
    Cancelled,
    /// It ended.
    #[error("the solver ended without an answer")]
    Died,
    /// More output than any answer has.
    #[error("the solver said more than an answer can have")]
    Flooded,
    /// Not the output of a solver.
    #[error("the solver answered `{0}`, which is no answer")]
    Garbage(String),
    /// It could not be started.
    #[error("the solver cannot be run: {0}")]
    NotRun(String),
}

/// The line that answers whether there is a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Sat,
    Unsat,
    Unknown,
}

impl Verdict {
    /// Reads it; nothing but these three words is one.
    pub(super) fn read(line: &str) -> Result<Self, Failure> {
        match line.trim() {
            "sat" => Ok(Self::Sat),
            "unsat" => Ok(Self::Unsat),
            "unknown" => Ok(Self::Unknown),
            // How it says that its own limit is reached.
            text if text.contains("interrupted by") => Err(Failure::Died),
            text => Err(Failure::garbage(text)),
        }
    }
}

impl Failure {
    pub(super) fn garbage(text: &str) -> Self {
        let text = text.trim();
        let cut: String = text.chars().filter(|c| !c.is_control()).take(80).collect();
        Self::Garbage(if cut.len() < text.len() { format!("{cut}…") } else { cut })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_three_words_are_answers() {
        assert_eq!(
            ["sat\n", " unsat\r\n", "unknown"].map(Verdict::read),
            [Ok(Verdict::Sat), Ok(Verdict::Unsat), Ok(Verdict::Unknown)]
        );
        for bad in ["", "SAT", "unsat.", "(error \"x\")", "not sat", "unsat sat"] {
            assert_eq!(Verdict::read(bad), Err(Failure::Garbage(bad.to_owned())), "{bad}");
        }
        assert_eq!(Verdict::read("cvc5 interrupted by timeout."), Err(Failure::Died));
        assert_eq!(Failure::garbage(&"é".repeat(200)), Failure::Garbage(format!("{}…", "é".repeat(80))));
    }
}
