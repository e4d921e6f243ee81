//! Text as it really is: everything that a screen would hide, reorder or disguise is written out.
//!
//! Invariant: revealing is injective. Two different texts never look the same, because the brackets of the escape are
//! escaped themselves. What is signed is the raw text; what is shown is this, made from the same bytes.

use serde::{Deserialize, Serialize};
use unicode_security::confusable_detection::skeleton;

/// What a piece of revealed text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Shown as it is.
    Plain,
    /// Invisible or reordering; shown as its code point.
    Hidden,
    /// Looks like another character; shown with its code point.
    LookAlike,
}

/// A piece of revealed text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// What it is.
    pub mark: Mark,
    /// What to show.
    pub text: String,
}

/// Reveals a text, piece by piece. The pieces' texts joined are the escaped form.
#[must_use]
pub fn reveal(text: &str) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for c in text.chars() {
        let mark = mark(c);
        let shown = match mark {
            Mark::Plain => c.to_string(),
            Mark::Hidden => format!("‹U+{:04X}›", u32::from(c)),
            Mark::LookAlike => format!("{c}‹U+{:04X}›", u32::from(c)),
        };
        match spans.last_mut() {
            Some(last) if last.mark == mark => last.text.push_str(&shown),
            _ => spans.push(Span { mark, text: shown }),
        }
    }
    spans
}

/// The escaped form as one text.
#[must_use]
pub fn reveal_text(text: &str) -> String {
    reveal(text).into_iter().map(|span| span.text).collect()
}

fn mark(c: char) -> Mark {
    if c == ' ' || c.is_ascii_graphic() {
        return Mark::Plain;
    }
    let visible = c.is_alphanumeric() || matches!(c, '\u{20AC}' | '§' | '°' | '·' | '–' | '—' | '…' | '“' | '”' | '„');
    if !visible {
        return Mark::Hidden;
    }
    let text = c.to_string();
    let imitates_ascii = skeleton(&text).all(|s| s.is_ascii() || s == '\u{0131}') && !c.is_ascii();
    if imitates_ascii { Mark::LookAlike } else { Mark::Plain }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn control_bidi_and_zero_width_characters_are_written_out() {
        assert_eq!(
            reveal_text("rm \u{202e}txt\u{200b}\u{1b}[2J\n\t\u{a0}"),
            "rm ‹U+202E›txt‹U+200B›‹U+001B›[2J‹U+000A›‹U+0009›‹U+00A0›"
        );
    }

    #[test]
    fn look_alikes_keep_their_shape_and_show_their_number() {
        assert_eq!(reveal_text("pаypal"), "pа‹U+0430›ypal");
        assert_eq!(reveal_text("Zürich"), "Zürich");
    }

    fn unreveal(shown: &str) -> String {
        let mut text = String::new();
        let mut rest = shown;
        while let Some(start) = rest.find('‹') {
            let end = rest.find('›').unwrap();
            let c = u32::from_str_radix(&rest[start + "‹U+".len()..end], 16).ok().and_then(char::from_u32).unwrap();
            let before = rest[..start].strip_suffix(c).unwrap_or(&rest[..start]);
            text.push_str(before);
            text.push(c);
            rest = &rest[end + '›'.len_utf8()..];
        }
        text + rest
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_turned_back_into_what_was_meant(text in any::<String>()) {
            let shown = reveal_text(&text);
            prop_assert_eq!(unreveal(&shown), text);
            prop_assert!(shown.chars().all(|c| !c.is_control()));
        }

        #[test]
        fn brackets_cannot_forge_an_escape(text in "[‹›U+0-9A-Fab ]{0,12}") {
            prop_assert_eq!(unreveal(&reveal_text(&text)), text);
        }
    }
}
