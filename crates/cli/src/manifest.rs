//! Manifests: service accounts and pipelines as files. YAML is read here, for local files, and never crosses the wire.
//!
//! One document of at most 256 KiB and 10,000 nodes; no anchors, aliases, merge keys or tags; no key twice and none that
//! is not known. What is wrong is told with its line and column. Deliberately absent: a key in plain text.

pub(crate) mod edit;
pub(crate) mod sealed;

mod tags;

use domain::Instant;
use domain::account::AccountName;
use domain::network::Network;
use domain::pipeline::PipelineName;
use domain::scope::Scopes;
use serde::Deserialize;
use serde_saphyr::{DuplicateKeyPolicy, MergeKeyPolicy};

use crate::span::Span;

pub(crate) const API_VERSION: &str = "aether/v1";
const LARGEST: usize = 256 << 10;
const MOST_NODES: usize = 10_000;
const DEEPEST: usize = 16;

/// What a file asks for.
#[derive(Debug)]
pub(crate) enum Manifest {
    Account(AccountManifest),
    Pipeline(PipelineManifest),
}

/// `kind: ServiceAccount`. What it does not mention stays as it is.
#[derive(Debug)]
pub(crate) struct AccountManifest {
    pub(crate) name: AccountName,
    pub(crate) spec: AccountSpec,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AccountSpec {
    /// The account's key, sealed; or a placeholder like `$AES_ENCRYPTED_KEY`.
    pub(crate) api_key: Option<String>,
    pub(crate) scopes: Scopes,
    pub(crate) expiration: Option<Instant>,
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) team: Option<String>,
    pub(crate) workspaces: Option<Vec<String>>,
    pub(crate) networks: Option<Vec<Network>>,
    pub(crate) trusts: Option<Vec<AccountName>>,
}

/// `kind: Pipeline`, or a file with nothing but an `auth` block.
#[derive(Debug)]
pub(crate) struct PipelineManifest {
    pub(crate) name: PipelineName,
    pub(crate) auth: Auth,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Auth {
    pub(crate) allowed_accounts: Option<Vec<AccountName>>,
    pub(crate) max_duration: Option<String>,
    pub(crate) owner: Option<AccountName>,
    pub(crate) workspace: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    api_version: Option<String>,
    kind: Option<String>,
    metadata: Option<Metadata>,
    spec: Option<AccountSpec>,
    auth: Option<Auth>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    name: String,
}

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadManifest {
    #[error("it is larger than 256 KiB")]
    TooLarge,
    #[error("line {line}, column {column}: {problem}")]
    At { line: u64, column: u64, problem: String },
    #[error("{0}")]
    Whole(String),
}

/// Reads a manifest. `pipeline` is the name for a file with nothing but an `auth` block.
pub(crate) fn parse(text: &str, pipeline: Option<&str>) -> Result<Manifest, BadManifest> {
    if text.len() > LARGEST {
        return Err(BadManifest::TooLarge);
    }
    tags::refuse(text)?;
    let document: Document = serde_saphyr::from_str_with_options(text, strict()).map_err(told)?;
    let whole = |problem: &str| BadManifest::Whole(problem.to_owned());
    let named = match (&document.metadata, pipeline) {
        (Some(_), Some(_)) => {
            return Err(whole("`--pipeline` is for files that have no `metadata.name`; leave it out"));
        }
        (Some(metadata), None) => Some(metadata.name.clone()),
        (None, name) => name.map(str::to_owned),
    };
    let bare = document.kind.is_none() && document.api_version.is_none();
    if !bare && document.api_version.as_deref() != Some(API_VERSION) {
        return Err(whole("`apiVersion` must be `aether/v1`"));
    }
    let name = |hint: &str| named.clone().ok_or_else(|| whole(hint));
    match (document.kind.as_deref(), document.spec, document.auth) {
        (Some("ServiceAccount"), Some(spec), None) => {
            let name = name("`metadata.name` is missing")?;
            let name = name.parse().map_err(|error| BadManifest::Whole(format!("`metadata.name`: {error}")))?;
            refuse_plain(spec.api_key.as_deref())?;
            Ok(Manifest::Account(AccountManifest { name, spec }))
        }
        (Some("Pipeline") | None, None, Some(auth)) if bare == document.kind.is_none() => {
            let name = name("it names no pipeline; give `metadata.name`, or `--pipeline NAME`")?;
            let name = name.parse().map_err(|error| BadManifest::Whole(format!("{error}")))?;
            auth.seconds()?;
            Ok(Manifest::Pipeline(PipelineManifest { name, auth }))
        }
        (Some("ServiceAccount"), ..) => Err(whole("a `ServiceAccount` has a `spec`, and no `auth`")),
        (Some("Pipeline"), ..) => Err(whole("a `Pipeline` has `auth`, and no `spec`")),
        (Some(_), ..) => Err(whole("`kind` must be `ServiceAccount` or `Pipeline`")),
        (None, ..) => Err(whole("`kind` is missing: `ServiceAccount` or `Pipeline`")),
    }
}

/// A key in plain text is no manifest's: it would stand in every copy of the file. It is not repeated.
fn refuse_plain(key: Option<&str>) -> Result<(), BadManifest> {
    if key.is_none_or(|key| key.starts_with('$') || key.starts_with(sealed::PREFIX)) {
        return Ok(());
    }
    let problem = "`apiKey` is neither sealed nor a placeholder like `$AES_ENCRYPTED_KEY`; take it out, end that key if it \
                   is one, and let `--write-keys` make another";
    Err(BadManifest::Whole(problem.to_owned()))
}

impl Auth {
    /// How long it may run, in seconds.
    pub(crate) fn seconds(&self) -> Result<Option<u32>, BadManifest> {
        let span = self.max_duration.as_deref().map(str::parse::<Span>).transpose();
        Ok(span.map_err(|error| BadManifest::Whole(format!("`maxDuration`: {error}")))?.map(Span::seconds))
    }
}

fn strict() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 4 * MOST_NODES,
            max_nodes: MOST_NODES,
            max_depth: DEEPEST,
            flow_nesting_limit: DEEPEST,
            max_anchors: 0,
            max_aliases: 0,
            max_documents: 1,
            max_merge_keys: 0,
            max_total_scalar_bytes: LARGEST,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        reject_tagged_field_names: true,
        with_snippet: false,
    }
}

/// The parser's words, with the place, and the nearest known key for one that is not known. Values are not repeated.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` is given")]
fn told(error: serde_saphyr::Error) -> BadManifest {
    use serde_saphyr::Error as E;
    let error = error.without_snippet();
    let problem = match error {
        E::SerdeUnknownField { field, expected, .. } => {
            let field: String = field.chars().take(40).collect();
            match nearest(&field, expected) {
                Some(near) => format!("`{field}` is not a key here; did you mean `{near}`?"),
                None => format!("`{field}` is not a key here; there are {}", expected.join(", ")),
            }
        }
        E::SerdeMissingField { field, .. } => format!("`{field}` is missing"),
        E::DuplicateMappingKey { key, .. } => format!("`{}` stands twice", key.as_deref().unwrap_or("a key")),
        E::MultipleDocuments { .. } => "there is a second document; one file has one".to_owned(),
        E::Budget { breach, .. } => over(breach),
        error => error.to_string(),
    };
    match error.location().filter(|location| location.line() > 0) {
        Some(location) => BadManifest::At { line: location.line(), column: location.column(), problem },
        None => BadManifest::Whole(problem),
    }
}

fn over(breach: &serde_saphyr::budget::BudgetBreach) -> String {
    use serde_saphyr::budget::BudgetBreach as B;
    match breach {
        B::Anchors { .. } | B::Aliases { .. } => "anchors and aliases are not taken; write it out".to_owned(),
        B::MergeKeys { .. } => "merge keys are not taken; write it out".to_owned(),
        B::Documents { .. } => "there is a second document; one file has one".to_owned(),
        _ => "it is larger or deeper than any manifest".to_owned(),
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

#[cfg(test)]
mod tests;
