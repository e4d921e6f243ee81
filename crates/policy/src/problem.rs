//! What is wrong with a policy set, and where.

use std::fmt;
use std::ops::Range;

use cedar_policy::ffi::DetailedError;
use domain::policy::problem::{PolicyProblem as Problem, SourceFile};

/// More than this is not told: whoever reads it has enough to do.
const TOLD_AT_MOST: usize = 100;

/// Why a policy set was refused: every problem that was found, in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// At least one, at most 100.
    pub problems: Vec<Problem>,
}

impl PolicyError {
    pub(crate) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort();
        problems.dedup();
        problems.truncate(TOLD_AT_MOST);
        Self { problems }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PolicyError {}

/// One of the two texts, to turn places in it into lines and columns.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    pub(crate) file: SourceFile,
    pub(crate) text: &'a str,
}

impl Text<'_> {
    /// A problem at a byte.
    pub(crate) fn problem(self, start: usize, message: impl Into<String>, help: impl Into<String>) -> Problem {
        self.problem_in(start..start, message, help)
    }

    /// A problem that begins and ends at bytes.
    pub(crate) fn problem_in(
        self,
        place: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Problem {
        let (line, column) = self.place(place.start);
        let (end_line, end_column) = self.place(place.end.max(place.start));
        let help = Some(help.into()).filter(|help| !help.is_empty());
        Problem { file: self.file, line, column, end_line, end_column, policy: None, message: message.into(), help }
    }

    /// The line that a byte is on, from 1.
    pub(crate) fn line(self, at: usize) -> u32 {
        self.place(at).0
    }

    /// Line and column of a byte, each from 1; beyond the end is the end.
    fn place(self, at: usize) -> (u32, u32) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let from_one = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1);
        (from_one(before.matches('\n').count()), from_one(before[line_start..].chars().count()))
    }

    /// A problem that Cedar reports, with its own words. `within` is where to point if it names no place.
    pub(crate) fn reported(self, error: DetailedError, within: Range<usize>) -> Problem {
        let label = error.source_locations.first();
        let place = label.map_or(within.start..within.start, |label| label.loc.start..label.loc.end);
        let expected = label.and_then(|label| label.label.clone());
        self.problem_in(place, error.message, error.help.or(expected).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_from_one_and_in_characters() {
        let text = Text { file: SourceFile::Policies, text: "é\nzür ich" };
        let at = |start| text.place(start);
        assert_eq!([at(0), at(3), at(8)], [(1, 1), (2, 1), (2, 5)]);
        assert_eq!(at(1000), (2, 8), "beyond the end is the end");
    }
}
