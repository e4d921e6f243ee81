//! What is wrong with a policy set, and where.

use std::fmt;
use std::ops::Range;

use cedar_policy::ffi::DetailedError;
use serde::Serialize;

/// More than this is not told: whoever reads it has enough to do.
const TOLD_AT_MOST: usize = 100;

/// Why a policy set was refused: every problem that was found, in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// At least one, at most 100.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong, at one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// In which text.
    pub file: SourceFile,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The `@id` of the policy, where it is one policy that is wrong.
    pub policy: Option<String>,
    /// What is wrong, as one sentence.
    pub message: String,
    /// What would help.
    pub help: Option<String>,
}

/// The two texts of a policy set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceFile {
    /// The schema.
    Schema,
    /// The policies.
    Policies,
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

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = match self.file {
            SourceFile::Schema => "schema",
            SourceFile::Policies => "policies",
        };
        write!(f, "{file}:{}:{}: {}", self.line, self.column, self.message)?;
        self.help.iter().try_for_each(|help| write!(f, "; {help}"))
    }
}

/// One of the two texts, to turn places in it into lines and columns.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    pub(crate) file: SourceFile,
    pub(crate) text: &'a str,
}

impl Text<'_> {
    /// A problem that begins at a byte.
    pub(crate) fn problem(self, start: usize, message: impl Into<String>, help: impl Into<String>) -> Problem {
        let before = self.text.get(..start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Problem {
            file: self.file,
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            policy: None,
            message: message.into(),
            help: Some(help.into()).filter(|help| !help.is_empty()),
        }
    }

    /// A problem that Cedar reports, with its own words. `within` is where to point if it names no place.
    pub(crate) fn reported(self, error: DetailedError, within: Range<usize>) -> Problem {
        let label = error.source_locations.first();
        let start = label.map_or(within.start, |label| label.loc.start);
        let expected = label.and_then(|label| label.label.clone());
        self.problem(start, error.message, error.help.or(expected).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_from_one_and_in_characters() {
        let text = Text { file: SourceFile::Policies, text: "é\nzür ich" };
        let at = |start| (text.problem(start, "", "").line, text.problem(start, "", "").column);
        assert_eq!([at(0), at(3), at(8)], [(1, 1), (2, 1), (2, 5)]);
        assert_eq!(at(1000), (2, 8), "beyond the end is the end");
    }
}
