//! Why a draft does not come into force, and what would help.

use domain::policy::CaseResult;
use domain::{Digest, Instant};

/// Why it is not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The draft has other texts, or other cases, than the caller has looked at.
    #[error("the draft is `{found}` by now and not what was to be published; read it again, and decide again")]
    Changed {
        /// Its digest.
        found: Digest,
    },
    /// Another version came into force since.
    #[error(
        "the draft was made from version {base}, and version {live} came into force at {at}: look at what it changed, \
         then send the draft again with `base_version` {live}"
    )]
    Stale {
        /// What the draft is held against.
        base: u32,
        /// What is in force.
        live: u32,
        /// Since when.
        at: Instant,
    },
    /// Cases that are stored with it do not come out as expected.
    #[error("{} of the draft's tests fail: {}", .0.len(), failing(.0))]
    TestsFail(Vec<CaseResult>),
    /// It could never be followed by another.
    #[error("nobody could publish again under this set: {0}")]
    LockedOut(String),
}

/// The first of them, in words.
fn failing(results: &[CaseResult]) -> String {
    const TOLD: usize = 3;
    let told = results.iter().take(TOLD);
    let mut told: Vec<_> = told.map(|result| format!("`{}`: {}", result.name, result.complaints.join("; "))).collect();
    if let Some(more) = results.len().checked_sub(TOLD).filter(|more| *more > 0) {
        told.push(format!("and {more} more"));
    }
    told.join("; ")
}
