//! What is wrong with a policy set, and where.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One thing that is wrong, at one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct PolicyProblem {
    /// In which text.
    pub file: SourceFile,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// Where it ends, exclusive; the same place as the beginning if only a point is known.
    pub end_line: u32,
    /// From 1, in characters.
    pub end_column: u32,
    /// The `@id` of the policy, where it is one policy that is wrong.
    pub policy: Option<String>,
    /// What is wrong, as one sentence.
    pub message: String,
    /// What would help.
    pub help: Option<String>,
}

/// The texts of a policy set.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, specta::Type, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SourceFile {
    /// The schema.
    Schema,
    /// The policies.
    Policies,
    /// What every published set must keep.
    Invariants,
}

impl fmt::Display for PolicyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = match self.file {
            SourceFile::Schema => "schema",
            SourceFile::Policies => "policies",
            SourceFile::Invariants => "invariants",
        };
        write!(f, "{file}:{}:{}: {}", self.line, self.column, self.message)?;
        self.help.iter().try_for_each(|help| write!(f, "; {help}"))
    }
}
