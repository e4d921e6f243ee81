//! Why a draft does not come into force, and what would help.

use domain::policy::{CaseResult, Finding, InvariantResult};
use domain::{Digest, Instant};
use policy::PolicyError;

/// How many are told in the text; a program is told all.
const TOLD: usize = 3;

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
    /// Its policies allow what an invariant forbids.
    #[error("the policies break {}: {}", count(.0.len(), "invariant"), told(.0))]
    InvariantBroken(Vec<InvariantResult>),
    /// Nobody knows whether its policies keep an invariant.
    #[error(
        "{} could not be proved: {}{}; or send `accept_unproved`, and the entry says so",
        count(.results.len(), "invariant"),
        told(.results),
        .why.as_ref().map(|why| format!(": {why}")).unwrap_or_default()
    )]
    Unproved {
        /// Why there is no solver, and how to get one.
        why: Option<String>,
        /// What is not known.
        results: Vec<InvariantResult>,
    },
    /// The invariants in force speak of what its schema does not have.
    #[error("the invariants in force cannot be asked of the draft: {0}; keep what they name in the schema")]
    InvariantsUnfit(PolicyError),
    /// It was proved of policies that the draft brings that they do not do what they say.
    #[error("{}", grave(.0))]
    Grave(Vec<Finding>),
    /// It could never be followed by another.
    #[error("nobody could publish again under this set: {0}")]
    LockedOut(String),
}

/// The first sentences.
fn told(results: &[InvariantResult]) -> String {
    let told = results.iter().take(TOLD).map(|result| format!("`{}`: {}", result.id, result.sentence));
    told.collect::<Vec<_>>().join("; ")
}

fn grave(findings: &[Finding]) -> String {
    let told = findings.iter().take(TOLD).map(|finding| finding.sentence.as_str());
    told.collect::<Vec<_>>().join("; ")
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("an {noun}") } else { format!("{number} {noun}s") }
}

/// The first of them, in words.
fn failing(results: &[CaseResult]) -> String {
    let told = results.iter().take(TOLD);
    let mut told: Vec<_> = told.map(|result| format!("`{}`: {}", result.name, result.complaints.join("; "))).collect();
    if let Some(more) = results.len().checked_sub(TOLD).filter(|more| *more > 0) {
        told.push(format!("and {more} more"));
    }
    told.join("; ")
}
