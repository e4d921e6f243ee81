//! The limits on text before it is parsed: size, nesting, and length of one expression.
//!
//! The parser and the evaluator recurse, so that a few hundred brackets or a thousand `&&` in one policy would
//! exhaust a thread's stack and end the process. Text beyond these limits is refused unparsed.

use std::ops::Range;

use crate::problem::Text;
use crate::{Problem, SourceFile};

const BYTES: usize = 1 << 20;
const NESTING: usize = 32;
const LINKS: usize = 1_000;
const COMMENT: &str = "//";

/// Checks one text and gives the place of each of its statements: from the first token to the `;` that ends it.
pub(crate) fn statements(text: Text<'_>) -> Result<Vec<Range<usize>>, Vec<Problem>> {
    if text.text.len() > BYTES {
        let message = format!("the text has {} bytes, more than the {BYTES} that are read", text.text.len());
        return Err(vec![text.problem(0, message, "split it, or remove what is not used")]);
    }
    let mut statements = vec![];
    let mut problems = vec![];
    let mut current = Statement::default();
    for (at, token) in tokens(text.text).filter(|(_, token)| !token.starts_with(COMMENT)) {
        let start = *current.start.get_or_insert(at);
        match token {
            ";" => {
                problems.extend(current.problem(text));
                statements.push(start..at + 1);
                current = Statement::default();
            }
            "(" => current.open(at, ")"),
            "[" => current.open(at, "]"),
            "{" => current.open(at, "}"),
            "<" if text.file == SourceFile::Schema => current.open(at, ">"),
            ")" | "]" | "}" | ">" => current.close(token),
            "&" | "|" | "+" | "-" | "*" | "." | "!" | "else" => current.links += 1,
            _ => {}
        }
    }
    problems.extend(current.problem(text));
    if problems.is_empty() { Ok(statements) } else { Err(problems) }
}

#[derive(Default)]
struct Statement {
    start: Option<usize>,
    /// The brackets that would close those that are open.
    open: Vec<&'static str>,
    too_deep_at: Option<usize>,
    links: usize,
}

impl Statement {
    fn open(&mut self, at: usize, closed_by: &'static str) {
        self.open.push(closed_by);
        if self.open.len() > NESTING {
            self.too_deep_at.get_or_insert(at);
        }
    }

    /// A bracket that closes nothing makes nothing shallower: the parser may skip it and go on.
    fn close(&mut self, bracket: &str) {
        if self.open.last() == Some(&bracket) {
            self.open.pop();
        }
    }

    fn problem(&self, text: Text<'_>) -> Option<Problem> {
        if let Some(at) = self.too_deep_at {
            let message = format!("brackets are nested more than {NESTING} deep");
            return Some(text.problem(at, message, "write it flatter, or as several policies"));
        }
        let message = format!("one statement has more than {LINKS} operators and dots");
        let long = self.start.filter(|_| self.links > LINKS);
        long.map(|start| {
            text.problem(start, message, "write it as several policies, or compare with a set by `in` or `contains`")
        })
    }
}

/// The comments of a text, in their order, without the space around them.
pub(crate) fn comments(text: &str) -> Vec<&str> {
    tokens(text).filter(|(_, token)| token.starts_with(COMMENT)).map(|(_, token)| token.trim()).collect()
}

/// Words, comments, and all other characters one by one, without white space and the inside of strings.
fn tokens(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at;
            let byte = *bytes.get(at)?;
            at += 1;
            match byte {
                b'/' if bytes.get(at) == Some(&b'/') => {
                    at = text[at..].find(['\n', '\r']).map_or(bytes.len(), |line| at + line);
                    return Some((start, &text[start..at]));
                }
                b'"' => {
                    while bytes.get(at).is_some_and(|byte| *byte != b'"') {
                        at += if bytes[at] == b'\\' { 2 } else { 1 };
                    }
                    at = (at + 1).min(bytes.len());
                    return Some((start, "\""));
                }
                byte if byte.is_ascii_whitespace() => {}
                byte if byte.is_ascii_alphanumeric() || byte == b'_' => {
                    while bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
                        at += 1;
                    }
                    return Some((start, &text[start..at]));
                }
                _ => {
                    while !text.is_char_boundary(at) {
                        at += 1;
                    }
                    return Some((start, &text[start..at]));
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policies(text: &str) -> Result<Vec<&str>, String> {
        let ranges = statements(Text { file: SourceFile::Policies, text });
        let ranges = ranges.map_err(|problems| problems[0].to_string())?;
        Ok(ranges.into_iter().map(|range| &text[range]).collect())
    }

    #[test]
    fn statements_end_at_semicolons_outside_strings_and_comments() {
        let text = "// a; b\n@id(\"x;\\\";\") permit ; // c\n é; open";
        assert_eq!(policies(text).unwrap(), ["@id(\"x;\\\";\") permit ;", "é;"]);
        assert_eq!(policies("\"never closed; \\").unwrap(), Vec::<&str>::new());
        assert_eq!(policies("// a; \r b; // c;\n").unwrap(), ["b;"], "a carriage return ends a comment");
    }

    #[test]
    fn what_would_exhaust_the_stack_is_refused_with_its_place() {
        let nested = format!("ok;\n {}", "(".repeat(33));
        assert!(policies(&nested).unwrap_err().starts_with("policies:2:34: brackets are nested more than 32 deep"));
        assert!(policies(&"( ] ".repeat(33)).is_err(), "what closes nothing makes nothing shallower");
        assert!(policies(&"() [] {} ".repeat(100)).is_ok());
        let long = format!("ok; {};", vec!["a"; 1002].join("+"));
        assert!(policies(&long).unwrap_err().starts_with("policies:1:5: one statement has more than 1000 operators"));
        let big = "x".repeat(10 << 20);
        assert!(policies(&big).unwrap_err().contains("10485760 bytes"));
        let flat = vec!["[(a)+1];"; 1000].join("");
        assert_eq!(policies(&flat).unwrap().len(), 1000, "limits are per statement");
    }
}
