//! `[proof]`: the solver that proves things of policy sets, and how long it may take.

use std::path::PathBuf;

use control::ProofConfig;
use serde::{Deserialize, Serialize};

use crate::settings::Period;

/// `[proof]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Proof {
    /// The program; `cvc5` on `PATH`, if absent. Without one nothing is proved, and what is not proved is told as unknown.
    pub solver: Option<PathBuf>,
    /// How long one query may take.
    pub query_timeout: Period,
    /// How long all queries of one comparison, or of one publication, may take together.
    pub total_timeout: Period,
}

impl Default for Proof {
    fn default() -> Self {
        Self { solver: None, query_timeout: Period::seconds(5), total_timeout: Period::seconds(60) }
    }
}

impl Proof {
    /// What the use cases are told.
    pub(crate) fn config(self) -> ProofConfig {
        let Self { solver, query_timeout, total_timeout } = self;
        ProofConfig { solver, query: query_timeout.duration(), total: total_timeout.duration() }
    }
}
