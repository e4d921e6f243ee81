//! What a plugin said, read strictly: one JSON object, no field that is not known, no text without end.

use domain::outcome::Outcome;
use domain::strict_json;
use serde::{Deserialize, Serialize};

/// The longest reason, in characters.
const REASON: usize = 500;
/// The most approvers that may be required, as in policies.
const APPROVERS: u32 = 100;
/// The most groups.
const GROUPS: usize = 20;

/// What a plugin said; an empty object has nothing against it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Said {
    /// What may happen, if it has a say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) outcome: Option<Outcome>,
    /// Why, as one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// With `require_approval`: how many people at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) approvers: Option<u32>,
    /// With `require_approval`: the groups of which somebody must be among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) groups: Vec<String>,
}

impl Said {
    /// Reads what the program wrote.
    pub(super) fn read(output: &[u8]) -> Result<Self, String> {
        if output.iter().all(u8::is_ascii_whitespace) {
            return Err("it answered nothing; `{}` has nothing against it".to_owned());
        }
        let said: Self =
            strict_json::parse(output).map_err(|error| format!("it answered no JSON of the form: {error}"))?;
        let asks = said.outcome == Some(Outcome::RequireApproval);
        if !asks && (said.approvers.is_some() || !said.groups.is_empty()) {
            return Err("it named approvers without the outcome `require_approval`".to_owned());
        }
        if said.approvers.is_some_and(|approvers| !(1..=APPROVERS).contains(&approvers)) {
            return Err(format!("`approvers` must be 1 to {APPROVERS}"));
        }
        let plain = |group: &String| (1..=100).contains(&group.len()) && !group.chars().any(char::is_control);
        if said.groups.len() > GROUPS || !said.groups.iter().all(plain) {
            return Err(format!("`groups` must be at most {GROUPS} names of teams"));
        }
        Ok(Self { reason: said.reason.map(|reason| one_line(&reason)).filter(|reason| !reason.is_empty()), ..said })
    }
}

/// Text of a program for people: one line, without an end that nobody sees.
pub(super) fn one_line(text: &str) -> String {
    let plain = |c: char| {
        if c.is_control() || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            ' '
        } else {
            c
        }
    };
    text.trim().chars().take(REASON).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_says_is_read_strictly() {
        assert_eq!(Said::read(b"{}\n").unwrap(), Said::default());
        let asks =
            Said::read(br#"{"outcome":"require_approval","approvers":2,"groups":["sre"],"reason":"a\nb"}"#).unwrap();
        assert_eq!((asks.approvers, asks.groups.len(), asks.reason.as_deref()), (Some(2), 1, Some("a b")));
        for bad in [
            "",
            " \n",
            "allow",
            "[]",
            "{}{}",
            r#"{"outcome":"maybe"}"#,
            r#"{"outcome":"deny","outcome":"allow"}"#,
            r#"{"result":"deny"}"#,
            r#"{"outcome":"allow","approvers":2}"#,
            r#"{"outcome":"require_approval","approvers":0}"#,
            r#"{"outcome":"require_approval","groups":[""]}"#,
            "{\"reason\":\"\u{0}\"}",
        ] {
            assert!(Said::read(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_reason_is_one_line_of_bounded_length() {
        let long = format!(r#"{{"outcome":"deny","reason":"{}\u202e"}}"#, "x".repeat(2000));
        assert_eq!(Said::read(long.as_bytes()).unwrap().reason.unwrap().len(), REASON);
        assert_eq!(one_line("a\u{202e}b"), "a b");
    }
}
