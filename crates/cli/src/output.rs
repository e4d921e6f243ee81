//! What is printed and where: results on stdout (text, or JSON with `--json`), everything else on stderr.
//!
//! Invariant: text that came from elsewhere cannot move the cursor, reorder a line or hide in it. What a requester
//! wants to run is shown with look-alikes marked; what people wrote is shown as it is but for invisible characters.

use std::io::{self, Write as _};

use serde::Serialize;

use crate::exit::{Exit, Failure};

/// How results are printed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    pub(crate) json: bool,
}

impl Output {
    /// Prints a result: as JSON, or as `text` has it.
    pub(crate) fn result<T: Serialize>(self, value: &T, text: impl FnOnce(&T) -> String) -> Result<(), Failure> {
        if !self.json {
            return self.line(&text(value));
        }
        let json = serde_json::to_string_pretty(value);
        self.line(&json.map_err(|error| Failure::new(Exit::Internal, format!("no JSON can be made of it: {error}")))?)
    }

    /// Prints one of many results on a line of its own, as JSON (JSON Lines).
    pub(crate) fn row<T: Serialize>(self, value: &T) -> Result<(), Failure> {
        let json = serde_json::to_string(value);
        self.line(&json.map_err(|error| Failure::new(Exit::Internal, format!("no JSON can be made of it: {error}")))?)
    }

    #[expect(clippy::unused_self, reason = "whoever prints has been told how")]
    fn line(self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()).map_err(|error| {
            match error.kind() {
                io::ErrorKind::BrokenPipe => Failure::NobodyReads,
                _ => Failure::new(Exit::Storage, format!("standard output cannot be written: {error}")),
            }
        })
    }

    /// Prints what goes beside a result that is for a program.
    #[expect(clippy::unused_self, reason = "whoever prints has been told how")]
    pub(crate) fn aside(self, text: &str) {
        // If stderr is closed there is nobody to tell.
        drop(writeln!(io::stderr(), "{text}"));
    }

    /// Tells how things go.
    #[expect(clippy::unused_self, reason = "whoever prints has been told how")]
    pub(crate) fn note(self, text: &str) {
        // If stderr is closed there is nobody to tell.
        drop(writeln!(io::stderr(), "countersign: {text}"));
    }
}

/// How many columns the reader of standard output has: as `COLUMNS` says, or the terminal. A file has any number.
pub(crate) fn width() -> Option<usize> {
    let said = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).filter(|width| *width > 0);
    said.or_else(|| terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0.into()))
}

/// Tells why it was not done.
pub(crate) fn tell(failure: &Failure) {
    if let Failure::Told { sentence, hint, .. } = failure {
        drop(writeln!(io::stderr(), "countersign: {}", prose(sentence)));
        if let Some(hint) = hint {
            drop(writeln!(io::stderr(), "  hint: {}", prose(hint)));
        }
    }
}

/// What people wrote, with invisible and reordering characters written out. Line breaks stay, indented.
pub(crate) fn prose(text: &str) -> String {
    let show = |c| match c {
        '\n' => "\n    ".to_owned(),
        c if hides(c) => format!("‹U+{:04X}›", u32::from(c)),
        c => c.to_string(),
    };
    text.chars().map(show).collect()
}

/// A piece of one line, character for character: what cannot be seen becomes a dot, a tab one space.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c == '\t' {
                ' '
            } else if hides(c) {
                '·'
            } else {
                c
            }
        })
        .collect()
}

const fn hides(c: char) -> bool {
    matches!(
        c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Labels and values, one below the other. Further lines of a value stand below its first.
pub(crate) fn fields(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
    let next = format!("\n{:width$}  ", "");
    let line = |(label, value): &(&str, String)| format!("{label:width$}  {}", value.replace('\n', &next));
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Columns with their heads. Says `empty` if there is no row.
pub(crate) fn table<const N: usize>(heads: [&str; N], rows: &[[String; N]], empty: &str) -> String {
    if rows.is_empty() {
        return empty.to_owned();
    }
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([heads[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |cells: [&str; N]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect::<Vec<_>>();
        format!("{}\n", padded.join("  ").trim_end())
    };
    let body = rows.iter().map(|row| line(row.each_ref().map(String::as_str)));
    std::iter::once(line(heads)).chain(body).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_from_elsewhere_cannot_steer_the_terminal() {
        assert_eq!(prose("a\u{1b}[2Jb\u{202e}c\rd"), "a‹U+001B›[2Jb‹U+202E›c‹U+000D›d");
        assert_eq!(prose("nicht am Freitag – später\nАда"), "nicht am Freitag – später\n    Ада");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["a".into(), "x".into()], ["äöü".into(), "y".into()]];
        assert_eq!(table(["id", "it"], &rows, "none"), "id   it\na    x\näöü  y\n");
        assert_eq!(table::<1>(["id"], &[], "none"), "none");
        assert_eq!(fields(&[("a", "1".into()), ("long", "2\n3".into())]), "a     1\nlong  2\n      3");
    }
}
