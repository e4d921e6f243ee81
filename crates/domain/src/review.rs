//! One approver's signed answer to a ticket.
//!
//! A review is a compact JWS over what the approver saw: the ticket, its binding digest, the verdict, and what the
//! control plane said is required. A [`VerifiedReview`] can only be made by checking that signature against a roster,
//! so no rule can count a review that nobody signed.

use serde::{Deserialize, Serialize};

use crate::binding::Nonce;
use crate::digest::{Digest, canonical};
use crate::id::{TicketId, UserId};
use crate::jws::{self, JwsError, Unverified};
use crate::key::{KeyId, ReviewKey};
use crate::roster::{Roster, RosterKey};
use crate::time::Instant;

/// The type in the protected header.
pub const TYPE: &str = "countersign-review+jwt";

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It may run.
    Approve,
    /// It may not; this settles the ticket.
    Deny,
}

/// The signed content of a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Which ticket.
    pub ticket: TicketId,
    /// Which exact action.
    pub binding_digest: Digest,
    /// The answer.
    pub verdict: Verdict,
    /// Who answers.
    pub approver: UserId,
    /// The roster version that the approver's console knew.
    pub roster_version: u32,
    /// The policy set that the ticket was opened under.
    pub policy_set: Digest,
    /// How many people the approver was told are needed.
    pub quorum: u32,
    /// Which groups the approver was told must be met, sorted.
    pub groups: Vec<String>,
    /// Why; required for a denial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The ticket's nonce.
    pub nonce: Nonce,
    /// When it was signed, in seconds (RFC 7519 §4.1.6).
    #[specta(type = f64)]
    pub iat: i64,
    /// Until when it counts, in seconds (RFC 7519 §4.1.4).
    #[specta(type = f64)]
    pub exp: i64,
}

impl Review {
    /// Signs it: a compact JWS.
    #[must_use]
    pub fn sign(&self, key: &ReviewKey) -> String {
        jws::sign(key, TYPE, &canonical(self))
    }
}

/// A review whose signature was checked against a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedReview {
    review: Review,
    key: KeyId,
    groups: Vec<String>,
    jws: String,
}

/// Why a signed review does not count.
#[derive(Debug, thiserror::Error)]
pub enum ReviewRefusal {
    /// The text or its signature is wrong.
    #[error(transparent)]
    Signature(#[from] JwsError),
    /// Signed with somebody else's key.
    #[error("the review names `{named}`, but its key belongs to `{owner}`")]
    ForeignKey {
        /// Whom the content names.
        named: UserId,
        /// Whose key it is.
        owner: UserId,
    },
    /// Its time is over, or it was signed in the future.
    #[error("the review counts from {from} until {until}, and it is {now}")]
    OutOfTime {
        /// When it was signed.
        from: Instant,
        /// Its end.
        until: Instant,
        /// The instant of the check.
        now: Instant,
    },
}

/// How far two clocks may be apart, in seconds.
pub const CLOCK_SKEW_SECONDS: u32 = 60;

/// What people sign with their keys on the roster.
pub(crate) trait Signed: serde::de::DeserializeOwned {
    /// The type in the protected header.
    const TYPE: &'static str;

    /// Whom the content names as the one who signed.
    fn signer(&self) -> UserId;

    /// From when until when it counts.
    fn time(&self) -> (Instant, Instant);
}

impl Signed for Review {
    const TYPE: &'static str = TYPE;

    fn signer(&self) -> UserId {
        self.approver
    }

    fn time(&self) -> (Instant, Instant) {
        (Instant::from_seconds(self.iat), Instant::from_seconds(self.exp))
    }
}

/// The content of a signed text, if it was signed with a key of `roster` by whom it names, and its time is not over.
pub(crate) fn verified<'a, T: Signed>(
    jws: &str,
    roster: &'a Roster,
    now: Instant,
) -> Result<(T, &'a RosterKey), ReviewRefusal> {
    let unverified = Unverified::parse(jws, T::TYPE)?;
    let key = roster.key(unverified.kid()).ok_or_else(|| JwsError::UnknownKey(unverified.kid().clone()))?;
    let content: T = unverified.verify(&key.key)?;
    if content.signer() != key.owner {
        return Err(ReviewRefusal::ForeignKey { named: content.signer(), owner: key.owner });
    }
    let (from, until) = content.time();
    if !now.is_before(until) || now.plus(CLOCK_SKEW_SECONDS).is_before(from) {
        return Err(ReviewRefusal::OutOfTime { from, until, now });
    }
    Ok((content, key))
}

impl VerifiedReview {
    /// Checks a signed review: a key of `roster`, its owner the approver, its time not over.
    pub fn check(jws: &str, roster: &Roster, now: Instant) -> Result<Self, ReviewRefusal> {
        let (review, key) = verified::<Review>(jws, roster, now)?;
        Ok(Self { review, key: key.key.id(), groups: key.groups.clone(), jws: jws.to_owned() })
    }

    /// What was signed.
    #[must_use]
    pub const fn review(&self) -> &Review {
        &self.review
    }

    /// The key that signed.
    #[must_use]
    pub const fn key(&self) -> &KeyId {
        &self.key
    }

    /// The groups of the key's owner, from the roster.
    #[must_use]
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// The text that was signed.
    #[must_use]
    pub fn jws(&self) -> &str {
        &self.jws
    }
}
