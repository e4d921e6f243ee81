//! `[ledger]`: the key that signs it, where it is not the state folder's.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// `[ledger]`. Either both or neither.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ledger {
    /// The name of the ledger, the text of `ledger.origin`.
    pub origin: Option<String>,
    /// The file of its key: 32 bytes, as `ledger.key` has them.
    pub key_file: Option<PathBuf>,
}
