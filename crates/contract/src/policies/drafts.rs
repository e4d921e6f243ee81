//! Policy sets that are being edited, and bringing one into force.

use domain::id::TicketId;
use domain::outcome::{Reason, Requirement};
use domain::policy::{Case, DraftState};
use domain::principal::Principal;
use domain::{Digest, Instant};
use serde::{Deserialize, Serialize};

use super::PolicyTexts;

/// A row of `GET /api/v1/policies/drafts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct PolicyDraftSummary {
    /// Its id, `drf_…`.
    pub id: String,
    /// What it is for.
    pub title: String,
    /// The digest of its texts.
    pub digest: Digest,
    /// The version that it was made from.
    pub base_version: u32,
    /// Whether another version came into force since.
    pub stale: bool,
    /// The version that it brings back, if that is what it is for.
    pub restores: Option<u32>,
    /// Who made it.
    pub created_by: Principal,
    /// When.
    pub created_at: Instant,
    /// When it was last changed.
    pub changed_at: Instant,
    /// What became of it.
    pub state: DraftState,
    /// A ticket that waits for its publication, if one was opened for its digest as it is now; the one under which it was
    /// published, once it was.
    pub ticket: Option<TicketId>,
}

/// `GET /api/v1/policies/drafts/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct PolicyDraft {
    /// What the list says of it.
    #[serde(flatten)]
    pub summary: PolicyDraftSummary,
    /// Its texts.
    pub texts: PolicyTexts,
    /// Its cases.
    pub cases: Vec<Case>,
}

/// The query of `GET /api/v1/policies/drafts`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DraftsFilter {
    /// Where the page begins, as an earlier page said.
    pub cursor: Option<String>,
}

/// `POST /api/v1/policies/drafts`: what is not said is as in the set in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CreateDraft {
    /// What it is for.
    pub title: String,
    /// The texts.
    pub texts: Option<PolicyTexts>,
    /// The cases.
    pub cases: Option<Vec<Case>>,
    /// Instead of both: those of this version, to bring it back.
    pub restores: Option<u32>,
}

/// `PUT /api/v1/policies/drafts/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceDraft {
    /// What it is for.
    pub title: String,
    /// The texts.
    pub texts: PolicyTexts,
    /// The cases.
    #[serde(default)]
    pub cases: Vec<Case>,
    /// The version that it is to be held against from now on; what it was before, if absent. Whoever says a newer one has
    /// looked at what changed meanwhile.
    #[serde(default)]
    pub base_version: Option<u32>,
}

/// `POST /api/v1/policies/drafts/{id}/publish`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishDraft {
    /// The digest of what is to be published: if the draft is another by now, nothing is.
    pub digest: Digest,
    /// The approved ticket, once there is one.
    #[serde(default)]
    pub ticket: Option<TicketId>,
    /// That invariants which no solver could prove are taken on trust; the entry says so.
    #[serde(default)]
    pub accept_unproved: bool,
}

/// What became of a publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Publication {
    /// It is in force.
    Published {
        /// As this version.
        version: u32,
        /// Whose digest is this.
        digest: Digest,
    },
    /// It waits for an approval: repeat the request with the ticket once it is approved.
    ApprovalRequired {
        /// The ticket that was opened.
        ticket: TicketId,
        /// What it takes.
        requirement: Requirement,
        /// Why.
        reasons: Vec<Reason>,
    },
}
