//! The policies room: a draft to be changed, and how far a long work is.

use contract::policies::{PolicyDraft, PolicyTexts};
use domain::id::DraftId;
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

/// What would come into force under a ticket, or came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub(crate) struct ToPublish {
    /// The draft.
    pub draft: DraftId,
    /// The version that it is held against.
    pub base: u32,
    /// Whether the draft is what the ticket binds, and the version what it was to follow, by digests that were computed
    /// here. If not, the rest is of no use.
    pub is_bound: bool,
    /// The texts of that version.
    pub before: PolicyTexts,
    /// Those of the draft.
    pub after: PolicyTexts,
    /// The policies that it adds, by `@id`.
    pub added: Vec<String>,
    /// Changes.
    pub changed: Vec<String>,
    /// Takes away.
    pub removed: Vec<String>,
    /// How many tests it has.
    pub tests: u32,
    /// The names of those that the version does not have in the same form.
    pub tests_added: Vec<String>,
    /// The names of those that only the version has in that form.
    pub tests_dropped: Vec<String>,
}
