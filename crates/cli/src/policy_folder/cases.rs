//! Test cases in files: a list in each, as YAML or JSON.
//!
//! A mistake names the file, the line, the case that it is in, and the field.

use std::fmt;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use domain::policy::Case;
use domain::strict_json;
use serde::Deserialize;
use serde_json::Value;
use serde_saphyr::Spanned;

use super::read::{Allowance, has_ending, listed};
use crate::exit::Failure;
use crate::yaml::{self, Limits, Mistake};

/// How many cases a set may have.
const MOST: usize = 1_000;
const LIMITS: Limits = Limits { kibibytes: 1024, nodes: 100_000, what: "any list of cases" };
const HINT: &str = "a file of cases is a list; each has `name`, `principal`, `action`, `resources`, `env` and `expect`, \
                    whose `outcome` is `allow`, `deny` or `require_approval`";

/// Where a case stands.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    file: PathBuf,
    /// From 1, where it is known.
    line: Option<u64>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        self.line.iter().try_for_each(|line| write!(f, ":{line}"))
    }
}

pub(super) fn folder(folder: &Path) -> Result<Vec<(Place, Case)>, Failure> {
    let (mut all, mut allowance) = (Vec::new(), Allowance::new("a folder of cases"));
    for file in listed(folder)? {
        let text = |allowance: &mut Allowance| allowance.read(&file);
        if has_ending(&file, "yaml") || has_ending(&file, "yml") {
            all.extend(of_yaml(&file, &text(&mut allowance)?)?);
        } else if has_ending(&file, "json") {
            all.extend(of_json(&file, &text(&mut allowance)?)?);
        }
        if all.len() > MOST {
            return Err(Failure::usage(format!("`{}` has more than {MOST} cases", folder.display()))
                .hint("a set has as many as a person can keep in view"));
        }
    }
    Ok(all)
}

fn of_yaml(file: &Path, text: &str) -> Result<Vec<(Place, Case)>, Failure> {
    let cases: Vec<Spanned<Case>> = yaml::read(text, &LIMITS).map_err(|mistake| refused(file, text, &mistake))?;
    let placed = |case: Spanned<Case>| {
        let line = Some(case.referenced.line()).filter(|line| *line > 0);
        (Place { file: file.to_owned(), line }, case.value)
    };
    Ok(cases.into_iter().map(placed).collect())
}

fn of_json(file: &Path, text: &str) -> Result<Vec<(Place, Case)>, Failure> {
    // First as JSON, because that finds a key that stands twice.
    let wrong = |error: &dyn fmt::Display| Failure::usage(format!("`{}`: {error}", file.display())).hint(HINT);
    strict_json::parse::<Value>(text.as_bytes()).map_err(|error| wrong(&error))?;
    let cases: Vec<Case> = serde_json::from_str(text).map_err(|error| wrong(&error))?;
    Ok(cases.into_iter().map(|case| (Place { file: file.to_owned(), line: None }, case)).collect())
}

fn refused(file: &Path, text: &str, mistake: &Mistake) -> Failure {
    let shown = file.display();
    let Mistake::At { line, column, problem } = mistake else {
        return Failure::usage(format!("`{shown}`: {mistake}")).hint(HINT);
    };
    let within = case_at(text, *line).map(|name| format!(" (in the case `{name}`)")).unwrap_or_default();
    Failure::usage(format!("{shown}:{line}:{column}: {problem}{within}")).hint(HINT)
}

/// A case of which only the name is looked at.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    name: Option<Value>,
}

/// The name of the case that a line is in, as far as the text can be read.
fn case_at(text: &str, line: u64) -> Option<String> {
    let cases: Vec<Spanned<Named>> = yaml::read(text, &LIMITS).ok()?;
    let (index, case) = cases.iter().enumerate().rev().find(|(_, case)| case.referenced.line() <= line)?;
    let name = case.value.name.as_ref().and_then(Value::as_str);
    Some(name.map_or_else(|| format!("number {}", index + 1), |name| name.chars().take(80).collect()))
}

/// Cases as YAML that `tests/*.yaml` takes.
pub(crate) fn yaml(cases: &[Case]) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    for case in cases {
        let value = serde_json::to_value(case)?;
        let mut dash = "-";
        for (key, value) in ORDER.iter().filter_map(|key| Some((key, value.get(*key)?))) {
            // JSON's texts and lists are YAML's too, whatever is in them.
            let value = printable(&value.to_string());
            // Writing into a text does not fail.
            let _ = writeln!(text, "{dash} {key}: {value}");
            dash = " ";
        }
    }
    Ok(text)
}

/// The fields of a case as people read them.
const ORDER: &[&str] = &[
    "name",
    "principal",
    "teams",
    "scopes",
    "workspaces",
    "owner",
    "action",
    "resources",
    "env",
    "context",
    "known",
    "ticket",
    "now",
    "approval",
    "expect",
];

/// JSON leaves characters as they are that YAML does not take, and that nobody sees.
fn printable(json: &str) -> String {
    let escaped = |c: char| match c {
        '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
            format!("\\u{:04x}", u32::from(c))
        }
        c => c.to_string(),
    };
    json.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests;
