//! What restricts pipelines.

use serde::{Deserialize, Serialize};

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
