//! Why a use case did not do what was asked: a closed set, mapped to problems and exit codes in one place each.

use domain::after_review::AfterReviewError;
use domain::alert::AlertRefusal;
use domain::binding::BadResource;
use domain::credential::RotationRefusal;
use domain::id::CredentialId;
use domain::limit::Exhausted;
use domain::outcome::Reason;
use domain::policy::draft::{DraftError, TooMuch};
use domain::review::ReviewRefusal;
use domain::roster::ChainError;
use domain::ticket::{CancelError, ConsumeError, ReviewError, RevokeError};
use store::StoreError;

use crate::policies::publish::PublishError;

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not exist, or the caller may not see it.
    #[error("there is no {0} here")]
    NotFound(String),
    /// A value cannot be used. Names the field.
    #[error("{field}: {problem}")]
    Invalid {
        /// The field, as the request calls it.
        field: &'static str,
        /// What is wrong and what would help.
        problem: String,
    },
    /// Nobody gives what they do not hold.
    #[error("{field}: you do not hold `{scope}`, so you cannot give it")]
    NotHeld {
        /// The field that would give it.
        field: &'static str,
        /// What would be given.
        scope: String,
    },
    /// Policy cannot be asked this.
    #[error(transparent)]
    Question(#[from] policy::QuestionError),
    /// The texts of a policy set do not hold together.
    #[error("the policy set cannot be used: {}", first_of(.0))]
    Policies(#[from] policy::PolicyError),
    /// The draft is not changed.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// The draft is not published.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The credential was refused.
    #[error(transparent)]
    Authentication(#[from] AuthenticationError),
    /// A credential that is known was refused.
    #[error("{1}")]
    CredentialRefused(CredentialId, AuthenticationError),
    /// Too many attempts have failed.
    #[error("too many authentication attempts {whom}; try again in {} s", .exhausted.retry_after)]
    RateLimited {
        /// Whose budget is spent.
        whom: Whom,
        /// The limit and when it frees.
        exhausted: Exhausted,
    },
    /// The keys of the token's issuer cannot be had now.
    #[error("the signing keys of the token's issuer cannot be had now; try again later")]
    KeyUnavailable,
    /// The credential is for other workspaces.
    #[error("the credential gives no access to the workspace `{0}`")]
    WorkspaceForbidden(String),
    /// The alert is not changed.
    #[error(transparent)]
    Alert(#[from] AlertRefusal),
    /// The credential is not replaced.
    #[error(transparent)]
    Rotation(#[from] RotationRefusal),
    /// The credential does not reach this far.
    #[error("this needs the scope `{0}`, which the credential does not give")]
    MissingScope(&'static str),
    /// A fresh login is needed (RFC 9470).
    #[error("this needs a login that is at most {max_age} seconds old")]
    StepUp {
        /// Seconds.
        max_age: u32,
    },
    /// The sign-in was refused at the token endpoint.
    #[error("{0}")]
    InvalidGrant(&'static str),
    /// Policy says no.
    #[error("policy denies it: {}", sentences(.0))]
    PolicyDenied(Vec<Reason>),
    /// There is nothing to approve.
    #[error("policy allows this without approval; run it")]
    ApprovalNotNeeded,
    /// Policy changed its mind after the approval.
    #[error("policy no longer allows it: {}", sentences(.0))]
    PolicyChanged(Vec<Reason>),
    /// A digest that came with the request is not the one of its parts.
    #[error("`{0}` is not the hash of what was sent with it; leave it out, or send the hash of the same parts")]
    DigestMismatch(&'static str),
    /// Policy does not let this person review.
    #[error("you may not review this ticket: {0}")]
    NotEligible(String),
    /// The ticket does not take the review.
    #[error(transparent)]
    Review(#[from] ReviewError),
    /// The signed review does not hold.
    #[error("the signed review does not hold: {0}")]
    ReviewRefused(#[from] ReviewRefusal),
    /// The ticket is not spent.
    #[error(transparent)]
    Consume(#[from] ConsumeError),
    /// The ticket is not cancelled.
    #[error(transparent)]
    Cancel(#[from] CancelError),
    /// The approval is not withdrawn.
    #[error(transparent)]
    Revoke(#[from] RevokeError),
    /// The after-review is not taken.
    #[error(transparent)]
    AfterReview(#[from] AfterReviewError),
    /// The roster does not hold.
    #[error(transparent)]
    Roster(#[from] ChainError),
    /// The same key came with another request.
    #[error("this idempotency key was used for another request; use a new one")]
    IdempotencyReused,
    /// The same key came with the same request again, and the first answer had a secret in it.
    #[error("this was done already and made `{id}`, whose secret was shown once and cannot be shown again: {remedy}")]
    AlreadyDone {
        /// What was made.
        id: String,
        /// What to do if the secret never arrived.
        remedy: &'static str,
    },
    /// It is not as it was when the client read it.
    #[error("it was changed since you read it; read it again, and decide again")]
    Stale,
    /// Something like it is there already.
    #[error("{0}")]
    Conflict(String),
    /// Too much of this waits already.
    #[error("as many {0} as can be served at once; try again in a moment")]
    Busy(&'static str),
    /// The store did not take or give it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A defect: what should hold does not.
    #[error("{0}")]
    Internal(String),
}

/// Whose budget of failed attempts is spent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Whom {
    /// An address's, or the IPv6 network's that it is in.
    #[error("from {0}")]
    Address(String),
    /// An identity's.
    #[error("for this identity")]
    Identity,
}

/// Why nobody was authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticationError {
    /// Nothing was presented.
    #[error("send a credential: `Authorization: Bearer …`")]
    Missing,
    /// Not a credential of ours, or one that is not known.
    #[error("the credential is not valid")]
    Unknown,
    /// Mistyped or cut.
    #[error("the credential is damaged: its checksum does not fit; copy it again")]
    Damaged,
    /// Its time is over.
    #[error("the credential has expired")]
    Expired,
    /// The time of the token from the environment is over.
    #[error("the bootstrap token has expired; set a later expiry, or better, use a persistent token")]
    BootstrapExpired,
    /// It was replaced.
    #[error("the credential was rotated and its overlap is over; use the one that replaced it")]
    Rotated,
    /// It was ended.
    #[error("the credential was revoked")]
    Revoked,
    /// Its owner is disabled.
    #[error("the account is disabled")]
    Disabled,
    /// It is a credential, but not one for this.
    #[error("this kind of credential is not taken here; the scheme `Bearer` takes each kind")]
    WrongKind,
    /// The scheme is not known.
    #[error("the Authorization header must use the scheme `Bearer` or `ServiceAccount` and one credential")]
    Scheme,
    /// Two credentials came, and one decides.
    #[error("two credentials came with the request; send one")]
    Two,
    /// Not the password of that person.
    #[error("e-mail address and password do not fit")]
    Password,
    /// Its algorithm is not one that its issuer signs with.
    #[error("the token is signed with an algorithm that its issuer is not configured for")]
    Algorithm,
    /// It was made for someone else.
    #[error("the token has an invalid audience; ask its issuer for one that is made for this control plane")]
    Audience,
    /// Its issuer is not one that is trusted here.
    #[error("the token has an invalid issuer; the operator configures which issuers are trusted")]
    Issuer,
    /// Its subject, or its list of scopes, cannot be used as it is.
    #[error("the token's subject must be 1 to 255 visible ASCII characters, and its scopes at most 100")]
    Subject,
    /// A ticket for one connection to the event stream came again.
    #[error("the ticket was used; each opens one connection, so ask for another")]
    Spent,
    /// It came from elsewhere than it may be used.
    #[error("the credential may not be used from this address")]
    Network,
    /// There is no workspace left that it is for.
    #[error("the account no longer has a workspace that the credential is for")]
    Workspaces,
    /// Nobody needs to authenticate here yet, but this needs somebody.
    #[error("authentication is required for this; configure a credential and send it")]
    Required,
}

impl Error {
    pub(crate) fn invalid(field: &'static str, problem: impl std::fmt::Display) -> Self {
        Self::Invalid { field, problem: format!("{problem}") }
    }

    pub(crate) fn not_found(what: impl std::fmt::Display) -> Self {
        Self::NotFound(format!("{what}"))
    }
}

impl From<TooMuch> for Error {
    fn from(error: TooMuch) -> Self {
        Self::invalid(error.field(), error)
    }
}

impl From<BadResource> for Error {
    fn from(error: BadResource) -> Self {
        Self::invalid("resources", error)
    }
}

/// The first problems; a check of the texts tells them all.
fn first_of(error: &policy::PolicyError) -> String {
    const TOLD: usize = 3;
    let mut told: Vec<_> = error.problems.iter().take(TOLD).map(ToString::to_string).collect();
    if let Some(more) = error.problems.len().checked_sub(TOLD).filter(|more| *more > 0) {
        told.push(format!("and {more} more, which `POST /api/v1/policies/check` tells"));
    }
    told.join("; ")
}

fn sentences(reasons: &[Reason]) -> String {
    if reasons.is_empty() {
        return "no policy permits it".to_owned();
    }
    reasons.iter().map(|reason| reason.sentence.as_str()).collect::<Vec<_>>().join("; ")
}
