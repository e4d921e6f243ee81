//! After-reviews: what ran as an emergency is looked at once it is over, by somebody who had no part in it.
//!
//! An after-review is a compact JWS over which ticket, which task, and what was found. It lets nothing happen and undoes
//! nothing; until it is there, the emergency stays on a list.

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, canonical};
use crate::id::{TaskId, TicketId, UserId};
use crate::jws;
use crate::key::{KeyId, ReviewKey};
use crate::review::{ReviewRefusal, Signed, verified};
use crate::roster::Roster;
use crate::time::Instant;

/// The type in the protected header.
pub const TYPE: &str = "countersign-after-review+jwt";
/// How long what was found may be, in characters.
pub const FOUND_MAX: usize = 4000;

/// Whether it was right to act as in an emergency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AfterFinding {
    /// It was an emergency, and what ran was right.
    Justified,
    /// It was none, or something else should have been done.
    Unjustified,
}

impl AfterFinding {
    /// The stable name: `justified`, `unjustified`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Justified => "justified",
            Self::Unjustified => "unjustified",
        }
    }
}

/// The signed content of an after-review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(deny_unknown_fields)]
pub struct AfterReview {
    /// Which ticket.
    pub ticket: TicketId,
    /// Which exact action.
    pub binding_digest: Digest,
    /// Which task came of it.
    pub task: TaskId,
    /// The answer.
    pub finding: AfterFinding,
    /// What was found, in 1 to 4000 characters.
    pub found: String,
    /// Who looked.
    pub reviewer: UserId,
    /// The roster version that the reviewer's console knew.
    pub roster_version: u32,
    /// When it was signed, in seconds (RFC 7519 §4.1.6).
    #[specta(type = f64)]
    pub iat: i64,
    /// Until when it can be handed in, in seconds (RFC 7519 §4.1.4).
    #[specta(type = f64)]
    pub exp: i64,
}

impl AfterReview {
    /// Signs it: a compact JWS.
    #[must_use]
    pub fn sign(&self, key: &ReviewKey) -> String {
        jws::sign(key, TYPE, &canonical(self))
    }
}

impl Signed for AfterReview {
    const TYPE: &'static str = TYPE;

    fn signer(&self) -> UserId {
        self.reviewer
    }

    fn time(&self) -> (Instant, Instant) {
        (Instant::from_seconds(self.iat), Instant::from_seconds(self.exp))
    }
}

/// An after-review whose signature was checked against a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedAfterReview {
    content: AfterReview,
    key: KeyId,
    jws: String,
}

impl VerifiedAfterReview {
    /// Checks a signed after-review: a key of `roster`, its owner the reviewer, its time not over.
    pub fn check(jws: &str, roster: &Roster, now: Instant) -> Result<Self, ReviewRefusal> {
        let (content, key) = verified::<AfterReview>(jws, roster, now)?;
        Ok(Self { content, key: key.key.id(), jws: jws.to_owned() })
    }

    /// What was signed.
    #[must_use]
    pub const fn content(&self) -> &AfterReview {
        &self.content
    }

    /// The key that signed.
    #[must_use]
    pub const fn key(&self) -> &KeyId {
        &self.key
    }

    /// The text that was signed.
    #[must_use]
    pub fn jws(&self) -> &str {
        &self.jws
    }
}

/// An after-review as its ticket keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignedAfterReview {
    /// Who looked.
    pub reviewer: UserId,
    /// Their name when they signed.
    pub name: String,
    /// The answer.
    pub finding: AfterFinding,
    /// What was found, word for word.
    pub found: String,
    /// When the control plane took it.
    pub at: Instant,
    /// The signed text.
    pub jws: String,
}

/// Why an after-review was not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum AfterReviewError {
    /// It was no emergency.
    #[error("only what ran as an emergency is reviewed afterwards, and this was asked for as an ordinary action")]
    NoEmergency,
    /// Nothing ran.
    #[error("only what ran is reviewed afterwards, and the ticket is {state}")]
    NotSpent {
        /// Where it stands.
        state: &'static str,
    },
    /// Somebody has.
    #[error("the after-review was signed by {by} already")]
    Done {
        /// Who, by name.
        by: String,
    },
    /// The requester, or somebody it stands for.
    #[error("nobody reviews their own emergency: you filed it, own its account, or made the credential it used")]
    OwnTicket,
    /// One who approved it.
    #[error("you answered this ticket before it ran; the after-review is for somebody who had no part in it")]
    Approver,
    /// The signature is about something else.
    #[error("the after-review was signed for something else: its `{field}` differs from the ticket's")]
    OtherTicket {
        /// The first field that differs.
        field: &'static str,
    },
    /// It says nothing, or too much.
    #[error("`found` says in 1 to {FOUND_MAX} characters what was found")]
    Words,
}
