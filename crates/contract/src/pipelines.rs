//! What restricts pipelines.

use domain::Instant;
use domain::account::AccountName;
use domain::pipeline::PipelineName;
use serde::{Deserialize, Serialize};

/// What restricts a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Pipeline {
    /// Its name, as resources have it after `pipeline:`.
    pub name: PipelineName,
    /// The service accounts that may run it; none, if the list is empty; any that otherwise may, if there is no list.
    pub allowed_accounts: Option<Vec<AccountName>>,
    /// How long it may run, in seconds.
    pub max_duration_seconds: Option<u32>,
    /// The account that it belongs to.
    pub owner: Option<AccountName>,
    /// The workspace that it is in.
    pub workspace: Option<String>,
    /// Since when it is restricted.
    pub created_at: Instant,
}

impl From<domain::pipeline::Pipeline> for Pipeline {
    fn from(known: domain::pipeline::Pipeline) -> Self {
        Self {
            name: known.name,
            allowed_accounts: known.allowed_accounts,
            max_duration_seconds: known.max_duration_seconds,
            owner: known.owner,
            workspace: known.workspace,
            created_at: known.created_at,
        }
    }
}

/// `PUT /api/v1/pipelines/{name}`: all that restricts it from now on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RestrictPipeline {
    /// The service accounts that may run it; none, if the list is empty; any that otherwise may, if there is no list.
    #[serde(alias = "allowedAccounts")]
    pub allowed_accounts: Option<Vec<String>>,
    /// How long it may run, in seconds.
    pub max_duration_seconds: Option<u32>,
    /// The account that it belongs to.
    pub owner: Option<String>,
    /// The workspace that it is in.
    pub workspace: Option<String>,
}
