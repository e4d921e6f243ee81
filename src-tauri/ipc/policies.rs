//! The policies room: a draft to be changed, and how far a long work is.

use contract::policies::PolicyDraft;
use domain::policy::Progress;
use serde::Serialize;
use specta::Type;

/// A draft with the tag of its revision, to change it by.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
pub(crate) struct TaggedDraft {
    /// The draft.
    pub draft: PolicyDraft,
    /// Its `ETag`.
    pub tag: String,
}

/// How far a long work is: the payload of `policy-progress`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub(crate) struct PolicyProgress {
    /// The name that the work was begun under.
    pub work: String,
    /// How far.
    pub progress: Progress,
}
