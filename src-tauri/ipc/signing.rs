//! What is asked to be signed, what the signing window shows, how it ended.

use domain::after_review::AfterFinding;
use domain::id::TicketId;
use domain::key::KeyId;
use domain::review::Verdict;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::ipc::approvals::{Exact, Says};

/// What the main window asks to be signed.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignReview {
    /// Which ticket.
    pub ticket: TicketId,
    /// Which answer.
    pub verdict: Verdict,
    /// Why; required for a denial.
    pub reason: Option<String>,
}

/// What the main window asks to be signed of an emergency that is over.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignAfterReview {
    /// Which ticket.
    pub ticket: TicketId,
    /// Whether it was right.
    pub finding: AfterFinding,
    /// What was found.
    pub found: String,
}

/// How a signing ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum SigningOutcome {
    /// Signed and taken by the control plane.
    Signed,
    /// The person closed the window.
    Cancelled,
    /// Somebody else settled it meanwhile.
    DecidedMeanwhile {
        /// How, in a sentence.
        sentence: String,
    },
}

/// What the signing window shows. Made in Rust from what will be signed; the main window has no part in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub(crate) struct SigningSubject {
    /// `Approve`, `Deny`, `Enrol`, `Found the roster`.
    pub verb: String,
    /// Whether confirming lets something happen in production (`approve`), refuses (`deny`), or changes the roster.
    pub tone: Tone,
    /// One sentence that says what confirming does.
    pub sentence: String,
    /// The whole payload.
    pub exact: Exact,
    /// The requester's own words, for a review.
    pub says: Option<Says>,
    /// What the control plane found of it, for a review; not checked here.
    pub found: Vec<String>,
    /// Whose key signs.
    pub signer: String,
    /// The key's id.
    pub key_id: KeyId,
}

/// What a signature does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Tone {
    /// Lets it happen.
    Approve,
    /// Refuses it.
    Deny,
    /// Changes who may approve.
    Roster,
}
