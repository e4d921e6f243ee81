//! YAML in files that people write: manifests and policy tests. It is read here, for local files, and never crosses the wire.
//!
//! One document within its limits; no anchors, aliases, merge keys or tags; no key twice and none that is not known. What
//! is wrong is told with its line and column, and values are not repeated.

mod tags;

use serde::de::DeserializeOwned;
use serde_saphyr::{DuplicateKeyPolicy, MergeKeyPolicy};

const DEEPEST: usize = 16;

/// How large a document may be.
pub(crate) struct Limits {
    pub(crate) kibibytes: usize,
    pub(crate) nodes: usize,
    /// What is never larger, like `any manifest`.
    pub(crate) what: &'static str,
}

/// Why a document cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Mistake {
    #[error("it is larger than {0} KiB")]
    TooLarge(usize),
    #[error("line {line}, column {column}: {problem}")]
    At { line: u64, column: u64, problem: String },
    #[error("{0}")]
    Whole(String),
}

/// Reads one document.
pub(crate) fn read<T: DeserializeOwned>(text: &str, limits: &Limits) -> Result<T, Mistake> {
    if text.len() > limits.kibibytes << 10 {
        return Err(Mistake::TooLarge(limits.kibibytes));
    }
    tags::refuse(text)?;
    serde_saphyr::from_str_with_options(text, strict(limits)).map_err(|error| told(&error, limits))
}

fn strict(limits: &Limits) -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 4 * limits.nodes,
            max_nodes: limits.nodes,
            max_depth: DEEPEST,
            flow_nesting_limit: DEEPEST,
            max_anchors: 0,
            max_aliases: 0,
            max_documents: 1,
            max_merge_keys: 0,
            max_total_scalar_bytes: limits.kibibytes << 10,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        reject_tagged_field_names: true,
        with_snippet: false,
    }
}

/// The parser's words, with the place, and the nearest known key for one that is not known.
fn told(error: &serde_saphyr::Error, limits: &Limits) -> Mistake {
    use serde_saphyr::Error as E;
    let error = error.without_snippet();
    let problem = match error {
        E::SerdeUnknownField { field, expected, .. } => unknown_key(field, expected),
        E::SerdeMissingField { field, .. } => format!("`{field}` is missing"),
        E::DuplicateMappingKey { key, .. } => format!("`{}` stands twice", key.as_deref().unwrap_or("a key")),
        E::MultipleDocuments { .. } => "there is a second document; one file has one".to_owned(),
        E::Budget { breach, .. } => over(breach, limits),
        error => error.to_string(),
    };
    match error.location().filter(|location| location.line() > 0) {
        Some(location) => Mistake::At { line: location.line(), column: location.column(), problem },
        None => Mistake::Whole(problem),
    }
}

/// That a key is not one of those that there are, with the one that was meant, if it is close.
fn unknown_key(field: &str, known: &[&str]) -> String {
    let field: String = field.chars().take(40).collect();
    match nearest(&field, known) {
        Some(near) => format!("`{field}` is not a key here; did you mean `{near}`?"),
        None => format!("`{field}` is not a key here; there are {}", known.join(", ")),
    }
}

fn over(breach: &serde_saphyr::budget::BudgetBreach, limits: &Limits) -> String {
    use serde_saphyr::budget::BudgetBreach as B;
    match breach {
        B::Anchors { .. } | B::Aliases { .. } => "anchors and aliases are not taken; write it out".to_owned(),
        B::MergeKeys { .. } => "merge keys are not taken; write it out".to_owned(),
        B::Documents { .. } => "there is a second document; one file has one".to_owned(),
        _ => format!("it is larger or deeper than {}", limits.what),
    }
}

/// The known key that takes the fewest edits, if they are few.
fn nearest<'a>(wrong: &str, known: &[&'a str]) -> Option<&'a str> {
    let close = known.iter().map(|key| (edits(&wrong.to_lowercase(), &key.to_lowercase()), *key)).min()?;
    (close.0 <= 3 && close.0 < close.1.len()).then_some(close.1)
}

/// The Levenshtein distance.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
