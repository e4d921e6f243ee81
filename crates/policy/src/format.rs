//! Policies laid out as Cedar lays them out.
//!
//! Invariant: what comes out has the same policies in the same order, annotation by annotation and condition by condition,
//! and every comment; otherwise nothing comes out.

use std::str::FromStr;

use cedar_policy::{PolicyId, PolicySet, pst};
use cedar_policy_formatter::{Config, policies_str_to_pretty};

use crate::engine::with_room;
use crate::problem::{PolicyError, Text};
use crate::shape;
use crate::{Problem, SourceFile};

const WIDTH: usize = 120;
const INDENT: isize = 2;

/// Lays out the text of policies. They need not fit any schema, but they must parse.
pub fn format(text: &str) -> Result<String, PolicyError> {
    let given = Text { file: SourceFile::Policies, text };
    let formatted = with_room(|| pretty(given)).unwrap_or_else(|| Err(vec![failed(given, "the formatter failed")]));
    formatted.map_err(PolicyError::new)
}

fn pretty(given: Text<'_>) -> Result<String, Vec<Problem>> {
    shape::statements(given)?;
    let before = policies(given)?;
    if before.is_empty() {
        // Comments are as somebody wrote them.
        return Ok(given.text.to_owned());
    }
    let config = Config { line_width: WIDTH, indent_width: INDENT };
    let formatted =
        policies_str_to_pretty(given.text, &config).map_err(|error| vec![failed(given, &error.to_string())])?;
    let after = policies(Text { file: SourceFile::Policies, text: &formatted })?;
    if before != after {
        return Err(vec![failed(given, "laid out, the policies would no longer be the same")]);
    }
    if shape::comments(given.text) != shape::comments(&formatted) {
        return Err(vec![failed(given, "laid out, a comment would be lost or stand elsewhere")]);
    }
    Ok(formatted)
}

fn policies(text: Text<'_>) -> Result<Vec<pst::Policy>, Vec<Problem>> {
    let parsed = PolicySet::from_str(text.text);
    let parsed =
        parsed.map_err(|errors| errors.iter().map(|error| text.reported(error.into(), 0..0)).collect::<Vec<_>>())?;
    if parsed.num_of_templates() > 0 {
        let message = "a policy has a slot, which makes it a template";
        return Err(vec![text.problem(0, message, "write out what stands for the slot")]);
    }
    let numbered = (0..parsed.num_of_policies()).map(|number| PolicyId::new(format!("policy{number}")));
    let read = numbered.filter_map(|id| parsed.policy(&id)).map(cedar_policy::Policy::to_pst);
    read.collect::<Result<_, _>>().map_err(|error| vec![failed(text, &error.to_string())])
}

fn failed(text: Text<'_>, message: &str) -> Problem {
    text.problem(0, message, "leave the layout as it is, or change what stands there and try again")
}
