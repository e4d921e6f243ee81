//! The policies in force, to be read.

use serde::{Deserialize, Serialize};

/// A policy in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Policy {
    /// Its `@id`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// One sentence.
    pub description: String,
    /// `permit`, `forbid` or `guard`.
    pub effect: String,
    /// How many approvers lift it, if it is a guard.
    pub quorum: Option<u32>,
    /// The text.
    pub text: String,
}

/// `GET /api/v1/policies`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Policies {
    /// Which version is in force.
    pub version: u32,
    /// Its digest.
    pub digest: domain::Digest,
    /// Whether it came with the samples.
    pub sample: bool,
    /// The policies.
    pub policies: Vec<Policy>,
}
