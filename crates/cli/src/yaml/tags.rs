//! Tags are refused before a text is parsed, because the parser passes over those that it knows.
//!
//! Only as much of YAML is followed as it takes to know where a value may begin: quotes, comments, lists and mappings. In
//! doubt a `!` is a tag; no value of ours begins with one outside of quotes.

use crate::yaml::Mistake;

/// Refuses the first tag, with its place.
pub(super) fn refuse(text: &str) -> Result<(), Mistake> {
    match first(text) {
        None => Ok(()),
        Some((line, column)) => Err(Mistake::At { line, column, problem: "tags are not taken".into() }),
    }
}

/// What has been read of a text.
#[derive(Default)]
struct Reader {
    /// The quote that is open; it may go over lines.
    quote: Option<char>,
    /// How many `[` and `{` are open.
    depth: usize,
    /// Whether a value may begin here.
    begins: bool,
    /// Whether a quote has just ended: in `{"a":1}` the colon needs no space.
    quoted: bool,
}

/// The line and column of the first tag, counted from 1.
fn first(text: &str) -> Option<(u64, u64)> {
    let mut reader = Reader::default();
    for (line, content) in (1..).zip(text.lines()) {
        if let Some(column) = reader.tag_in(content) {
            return Some((line, column));
        }
    }
    None
}

impl Reader {
    fn tag_in(&mut self, line: &str) -> Option<u64> {
        self.begins = true;
        let mut before = ' ';
        let mut rest = (1..).zip(line.chars()).peekable();
        while let Some((column, c)) = rest.next() {
            let next = rest.peek().map(|(_, next)| *next);
            if let Some(quote) = self.quote {
                // The quote itself, written out: `\"` or `''`.
                let written = (quote == '"' && c == '\\') || (quote == '\'' && c == quote && next == Some(quote));
                if written {
                    rest.next();
                } else if c == quote {
                    (self.quote, self.quoted) = (None, true);
                }
            } else if c == '#' && before.is_whitespace() {
                break;
            } else if c == '!' && self.begins {
                return Some(column);
            } else if !c.is_whitespace() {
                self.take(c, next.is_none_or(char::is_whitespace));
            }
            before = c;
        }
        None
    }

    /// A character that is neither quoted nor part of a comment. `alone` if no other one follows it directly.
    fn take(&mut self, c: char, alone: bool) {
        let (inside, quoted) = (self.depth > 0, std::mem::take(&mut self.quoted));
        let began = std::mem::take(&mut self.begins);
        match c {
            '"' | '\'' if began => self.quote = Some(c),
            '[' | '{' if began || inside => {
                self.depth += 1;
                self.begins = true;
            }
            ']' | '}' => self.depth = self.depth.saturating_sub(1),
            ',' => self.begins = inside,
            ':' => self.begins = alone || (inside && quoted),
            '-' | '?' => self.begins = began && alone,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_wherever_a_value_may_begin() {
        for (text, place) in [
            ("!x a: b", (1, 1)),
            ("a: !!str b", (1, 4)),
            ("a:\n  - !x b", (2, 5)),
            ("a:\n  !x\n  b: c", (2, 3)),
            ("? !!str a\n: b", (1, 3)),
            ("a: [b, !x c]", (1, 8)),
            ("a: [!x c]", (1, 5)),
            ("a: {\"b\":!x c}", (1, 9)),
            ("a: \"b\"\nc: !x d", (2, 4)),
            ("a: 'it''s' # don't\nb: !x c", (2, 4)),
            ("a: \"\\\"\"\nb: !x c", (2, 4)),
            ("a: it's\nb: !x c", (2, 4)),
            ("a: b\"\nb: !x c", (2, 4)),
        ] {
            assert_eq!(first(text), Some(place), "{text}");
        }
    }

    #[test]
    fn a_mark_within_a_text_is_none() {
        for text in [
            "description: \"careful: !prod\"",
            "description: 'careful: !prod'",
            "description: \"say \\\"no\\\": !\"",
            "description: \"over lines\n  !and more\"",
            "description: it runs! nightly !",
            "description: a - !b",
            "description: hello, !you",
            "a: b # - !x",
            "# !x",
            "trusts: [\"!a\", 'b: !c']",
            "{\"a\":\"!b\"}",
        ] {
            assert_eq!(first(text), None, "{text}");
        }
    }
}
