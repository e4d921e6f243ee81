//! What is wrong with a text, as compilers show it: file, line and column, the line itself, and a mark below the place.

use std::fmt::Write as _;
use std::path::Path;

use domain::policy::{PolicyProblem, SourceFile};
use serde_json::{Value, json};

use crate::output::{clean, prose};
use crate::policy_folder::PolicyFolder;

/// The longest piece of a line that is shown, in characters.
const WIDEST: usize = 100;

/// Where a problem is, with the file that it came from.
pub(super) struct Found<'a> {
    path: String,
    /// In that file.
    line: u32,
    problem: &'a PolicyProblem,
    quoted: Option<&'a str>,
}

impl<'a> Found<'a> {
    /// Leads a problem back to its file. What is not in the folder is named by what it is.
    pub(super) fn of(problem: &'a PolicyProblem, folder: Option<&'a PolicyFolder>) -> Self {
        let text = folder.and_then(|folder| folder.text(problem.file));
        let (path, line) = match text.map(|text| text.place(problem.line)) {
            Some((path, line)) => (path.display().to_string(), line),
            None => (name(problem.file).to_owned(), problem.line),
        };
        let quoted = text.and_then(|text| text.whole().lines().nth((problem.line as usize).saturating_sub(1)));
        Self { path, line, problem, quoted }
    }

    /// A problem of a file that was read by itself.
    pub(super) fn alone(problem: &'a PolicyProblem, file: &Path, text: &'a str) -> Self {
        let quoted = text.lines().nth((problem.line as usize).saturating_sub(1));
        Self { path: file.display().to_string(), line: problem.line, problem, quoted }
    }

    /// As a program reads it: the problem, with its file and the line in it.
    pub(super) fn json(&self) -> Value {
        let Self { path, line, problem, quoted: _ } = self;
        let PolicyProblem { file, line: _, column, end_line, end_column, policy, message, help } = problem;
        let end_line = line + end_line.saturating_sub(problem.line);
        json!({
            "path": path, "file": file, "line": line, "column": column, "end_line": end_line, "end_column": end_column,
            "policy": policy, "message": message, "help": help,
        })
    }

    pub(super) fn text(&self) -> String {
        let PolicyProblem { column, message, help, .. } = self.problem;
        let mut text = format!("{}:{}:{column}: {}", prose(&self.path), self.line, prose(message));
        if let Some(quoted) = self.quoted.filter(|quoted| !quoted.trim().is_empty()) {
            let (piece, from) = piece(quoted, *column as usize);
            let number = self.line.to_string();
            let gap = " ".repeat(number.len());
            let end =
                if self.problem.end_line == self.problem.line { self.problem.end_column as usize } else { usize::MAX };
            let start = (*column as usize).saturating_sub(1);
            let (before, length) = (start - from.min(start), piece.chars().count());
            let marks = end.saturating_sub(1).saturating_sub(start).clamp(1, length.saturating_sub(before).max(1));
            // Writing into a text does not fail.
            let _ = write!(text, "\n  {number} | {piece}\n  {gap} | {}{}", " ".repeat(before), "^".repeat(marks));
        }
        if let Some(help) = help {
            let _ = write!(text, "\n  help: {}", prose(help));
        }
        text
    }
}

/// The part of a line around a column, and how many characters stand before it.
fn piece(line: &str, column: usize) -> (String, usize) {
    let from = column.saturating_sub(WIDEST / 2 + 1);
    let from = if line.chars().count() <= WIDEST { 0 } else { from };
    (clean(&line.chars().skip(from).take(WIDEST).collect::<String>()), from)
}

const fn name(file: SourceFile) -> &'static str {
    match file {
        SourceFile::Schema => "schema",
        SourceFile::Policies => "policies",
        SourceFile::Invariants => "invariants",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(column: u32, end_column: u32) -> PolicyProblem {
        let (file, line, message) = (SourceFile::Policies, 1, "it is wrong".to_owned());
        let help = Some("mend it".to_owned());
        PolicyProblem { file, line, column, end_line: 1, end_column, policy: None, message, help }
    }

    fn shown(line: &str, column: u32, end_column: u32) -> Vec<String> {
        let problem = problem(column, end_column);
        let found = Found { path: "a.cedar".into(), line: 12, problem: &problem, quoted: Some(line) };
        found.text().lines().map(str::to_owned).collect()
    }

    #[test]
    fn the_mark_stands_below_the_place() {
        assert_eq!(
            shown("\tpermit (\u{202e}who);", 10, 14),
            ["a.cedar:12:10: it is wrong", "  12 |  permit (·who);", "     |          ^^^^", "  help: mend it"]
        );
        let long = format!("{}who{}", "é".repeat(5000), "x".repeat(5000));
        let lines = shown(&long, 5001, 5004);
        let marked: String =
            lines[1].chars().zip(lines[2].chars()).filter(|(_, mark)| *mark == '^').map(|(c, _)| c).collect();
        assert!(marked == "who" && lines[1].chars().count() < 120, "{lines:?}");
        assert_eq!(shown("x", 9, 9).len(), 4, "beyond the end of the line");
        assert_eq!(shown("", 1, 1).len(), 2);
    }
}
