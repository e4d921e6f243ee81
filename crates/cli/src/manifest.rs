//! Manifests: service accounts and pipelines as files. YAML is read here, for local files, and never crosses the wire.
//!
//! One document of at most 256 KiB and 10,000 nodes; no anchors, aliases, merge keys or tags; no key twice and none that
//! is not known. What is wrong is told with its line and column. Deliberately absent: a key in plain text.

pub(crate) mod edit;
pub(crate) mod sealed;

use domain::Instant;
use domain::account::AccountName;
use domain::network::Network;
use domain::pipeline::PipelineName;
use domain::scope::Scopes;
use serde::Deserialize;

use crate::span::Span;
use crate::yaml::{self, Limits, Mistake};

pub(crate) const API_VERSION: &str = "aether/v1";
const LIMITS: Limits = Limits { kibibytes: 256, nodes: 10_000, what: "any manifest" };

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

/// Reads a manifest. `pipeline` is the name for a file with nothing but an `auth` block.
pub(crate) fn parse(text: &str, pipeline: Option<&str>) -> Result<Manifest, Mistake> {
    let document: Document = yaml::read(text, &LIMITS)?;
    let whole = |problem: &str| Mistake::Whole(problem.to_owned());
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
            let name = name.parse().map_err(|error| Mistake::Whole(format!("`metadata.name`: {error}")))?;
            refuse_plain(spec.api_key.as_deref())?;
            Ok(Manifest::Account(AccountManifest { name, spec }))
        }
        (Some("Pipeline") | None, None, Some(auth)) if bare == document.kind.is_none() => {
            let name = name("it names no pipeline; give `metadata.name`, or `--pipeline NAME`")?;
            let name = name.parse().map_err(|error| Mistake::Whole(format!("{error}")))?;
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
fn refuse_plain(key: Option<&str>) -> Result<(), Mistake> {
    if key.is_none_or(|key| key.starts_with('$') || key.starts_with(sealed::PREFIX)) {
        return Ok(());
    }
    let problem = "`apiKey` is neither sealed nor a placeholder like `$AES_ENCRYPTED_KEY`; take it out, end that key if it \
                   is one, and let `--write-keys` make another";
    Err(Mistake::Whole(problem.to_owned()))
}

impl Auth {
    /// How long it may run, in seconds.
    pub(crate) fn seconds(&self) -> Result<Option<u32>, Mistake> {
        let span = self.max_duration.as_deref().map(str::parse::<Span>).transpose();
        Ok(span.map_err(|error| Mistake::Whole(format!("`maxDuration`: {error}")))?.map(Span::seconds))
    }
}

#[cfg(test)]
mod tests;
