//! Problems: what a client is told when a request is refused (RFC 9457).
//!
//! The code is stable and dotted; the status follows from it in one place. The text is for people and never holds a
//! secret, SQL, a path or a stack.

use domain::policy::{CaseResult, Finding, InvariantResult, PolicyProblem};
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $title:literal;)*) => {
        /// Why a request was refused. Names are added, never changed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
        pub enum Code { $($(#[$doc])* #[serde(rename = $code)] $name,)* }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable text.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status),* }
            }

            /// A short summary that is the same each time.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }
        }
    };
}

codes! {
    /// The body, query or path cannot be read.
    RequestMalformed = "request.malformed", 400, "The request cannot be read";
    /// Another site asked in the user's name.
    ForeignOrigin = "request.foreign_origin", 403, "The request comes from another origin";
    /// There is no such thing, or it may not be seen.
    NotFound = "request.not_found", 404, "There is nothing here";
    /// The path is known, the method is not.
    MethodNotAllowed = "request.method_not_allowed", 405, "The method is not offered here";
    /// The body did not come in time.
    Timeout = "request.timeout", 408, "The request took too long to arrive";
    /// The path with its query is longer than is read.
    TargetTooLong = "request.target_too_long", 414, "The path or query is too long";
    /// The body is larger than this route takes.
    TooLarge = "request.too_large", 413, "The request is too large";
    /// The body is not JSON.
    MediaType = "request.media_type", 415, "The body has another type than expected";
    /// The host in the request is not this control plane's.
    Misdirected = "request.misdirected", 421, "The request was meant for another host";
    /// It can be read, but a value in it cannot be.
    Unprocessable = "request.unprocessable", 422, "A value cannot be used";
    /// The same idempotency key came with another request.
    IdempotencyReused = "request.idempotency_key_reused", 422, "The idempotency key was used for another request";
    /// The same idempotency key with the same request, whose answer had a secret that is not shown twice.
    AlreadyDone = "request.already_done", 409, "It was done already";
    /// Somebody else changed it meanwhile.
    Conflict = "request.conflict", 409, "It was changed meanwhile";
    /// It is not as it was when the client read it (RFC 9110 §13.1.1).
    Stale = "request.precondition_failed", 412, "It was changed since it was read";
    /// No credential came with the request.
    MissingToken = "auth.missing_token", 401, "Authentication is required";
    /// The credential is not known, damaged or of another kind.
    InvalidToken = "auth.invalid_token", 401, "The credential is not valid";
    /// E-mail address and password do not fit.
    InvalidCredentials = "auth.invalid_credentials", 401, "E-mail address and password do not fit";
    /// The token is signed with an algorithm that its issuer is not configured for.
    UnsupportedAlgorithm = "auth.unsupported_algorithm", 401, "The token's algorithm is not taken";
    /// The token was made for someone else.
    InvalidAudience = "auth.invalid_audience", 401, "The token was made for someone else";
    /// The token's issuer is not trusted.
    InvalidIssuer = "auth.invalid_issuer", 401, "The token's issuer is not trusted";
    /// The keys of the token's issuer cannot be had now.
    KeyUnavailable = "auth.key_unavailable", 503, "The keys of the token's issuer are out of reach";
    /// The credential's time is over.
    TokenExpired = "auth.token_expired", 401, "The credential has expired";
    /// The credential was ended.
    TokenRevoked = "auth.token_revoked", 401, "The credential was revoked";
    /// A fresh login is needed (RFC 9470).
    StepUp = "auth.insufficient_user_authentication", 401, "A fresh login is needed";
    /// The credential does not reach this far.
    MissingScope = "auth.missing_scope", 403, "A scope is missing";
    /// Two credentials came with the request (RFC 6750 §3.1 `invalid_request`).
    TwoCredentials = "auth.two_credentials", 400, "One credential decides";
    /// A credential stands in the address, where it would be logged.
    TokenInUrl = "auth.token_in_url", 400, "A credential stands in the address";
    /// The scheme is not offered.
    InvalidScheme = "auth.invalid_scheme", 401, "The authorization scheme is not known";
    /// Nobody is authenticated, and this needs somebody.
    AuthenticationRequired = "auth.authentication_required", 401, "Authentication is required for this";
    /// The credential may not be used from this address.
    NetworkForbidden = "auth.network_forbidden", 403, "The credential may not be used from here";
    /// The credential is for other workspaces.
    WorkspaceForbidden = "auth.workspace_forbidden", 403, "The workspace is out of reach";
    /// Too many failed attempts from an address.
    RateLimitedAddress = "auth.rate_limited.ip", 429, "Too many failed attempts from this address";
    /// Too many failed attempts for an identity.
    RateLimitedIdentity = "auth.rate_limited.identity", 429, "Too many failed attempts for this identity";
    /// The credential was replaced, revoked, or has expired, so it is not replaced (again).
    NotRotatable = "token.not_rotatable", 409, "The credential cannot be rotated";
    /// Policy says no.
    PolicyDenied = "decision.denied", 403, "Policy denies the action";
    /// The action runs without approval, so there is nothing to open a ticket for.
    ApprovalNotNeeded = "approval.not_needed", 409, "No approval is needed";
    /// A digest that the client sent is not the one of the parts it sent.
    DigestMismatch = "approval.digest_mismatch", 422, "A digest does not fit its parts";
    /// Nobody countersigns their own ticket.
    OwnTicket = "approval.own_ticket", 403, "Nobody countersigns their own ticket";
    /// Policy does not let this person review.
    NotEligible = "approval.not_eligible", 403, "You are not eligible for this";
    /// This person has answered already.
    AlreadyReviewed = "approval.already_reviewed", 409, "You have reviewed it already";
    /// The ticket is no longer pending.
    Settled = "approval.settled", 409, "The ticket is settled";
    /// The signed review does not hold.
    ReviewInvalid = "approval.review_invalid", 422, "The signed review does not hold";
    /// The ticket is not approved (yet, or any more).
    NotApproved = "approval.not_approved", 409, "The ticket is not approved";
    /// There is no after-review of this: it was no emergency, or nothing ran.
    NoAfterReview = "approval.no_after_review", 409, "There is nothing to review afterwards";
    /// The ticket was spent.
    Consumed = "approval.ticket_consumed", 409, "The ticket was consumed";
    /// Something else is to run than what was approved.
    BindingMismatch = "approval.binding_mismatch", 403, "It is not what was approved";
    /// Policy changed its mind between approval and consumption.
    PolicyChanged = "approval.policy_changed", 403, "Policy no longer allows it";
    /// Approvers lost their standing between approval and consumption.
    ApproverIneligible = "approval.approver_ineligible", 403, "Approvers no longer stand";
    /// The draft was given up or published.
    DraftSettled = "policy.draft_settled", 409, "The draft is settled";
    /// Another version came into force since the draft was made.
    PolicyStale = "policy.stale", 409, "Another policy set came into force meanwhile";
    /// Cases that are stored with the draft do not come out as expected.
    TestsFailed = "policy.tests_failed", 409, "Tests of the policy set fail";
    /// The policies allow what an invariant forbids.
    InvariantBroken = "policy.invariant_broken", 409, "The policy set breaks an invariant";
    /// No solver could prove that the policies keep an invariant.
    Unproved = "policy.unproved", 409, "An invariant is not proved";
    /// A policy that the draft brings cannot always be evaluated, or is not lifted by what it asks for.
    GraveFinding = "policy.grave_finding", 409, "A policy does not do what it says";
    /// Nobody could publish another set after this one.
    LockedOut = "policy.locked_out", 409, "Nobody could publish again";
    /// The roster version does not follow from the one in force.
    RosterInvalid = "roster.invalid", 422, "The roster version does not hold";
    /// It works later.
    Unavailable = "service.unavailable", 503, "The control plane cannot record this now";
    /// The connection to the database broke while it was being recorded.
    OutcomeUnknown = "service.outcome_unknown", 503, "It may or may not have been recorded";
    /// A defect.
    Internal = "service.internal", 500, "Something went wrong on our side";
}

/// What the seeds' clients look for inside `error`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct ErrorBody {
    /// The same code.
    pub code: Code,
    /// The same text as `detail`.
    pub message: String,
    /// More, where there is more.
    #[specta(skip)]
    #[serde(default)]
    pub details: Details,
}

/// What a program needs to know of a problem, beside its code; each member is there only where it applies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Details {
    /// The field or parameter that cannot be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The scope that is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The workspace that the credential is not for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// What was made when this was asked before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// How old the login may be, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u32>,
    /// How many failed attempts the limit allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// How many of them are left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining: Option<u32>,
    /// When the next attempt is free, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// The names of the limits that are reached (draft-ietf-httpapi-ratelimit-headers).
    #[serde(default, rename = "violated-policies", skip_serializing_if = "Vec::is_empty")]
    pub violated_policies: Vec<String>,
    /// What is wrong with the texts of a policy set, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<PolicyProblem>,
    /// The cases that do not come out as expected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<CaseResult>,
    /// The invariants that are broken or not proved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invariants: Vec<InvariantResult>,
    /// What was proved of single policies and keeps the set from coming into force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

impl Details {
    /// About one field.
    #[must_use]
    pub fn of_field(field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::default() }
    }
}

/// A problem, `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Problem {
    /// Where the code is described.
    pub r#type: String,
    /// The code's summary.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong here, and what would help.
    pub detail: String,
    /// The stable code.
    pub code: Code,
    /// To find the request in the logs.
    pub request_id: Option<String>,
    /// The same text as `detail`.
    pub message: String,
    /// The same again, nested.
    pub error: ErrorBody,
}

impl Problem {
    /// A problem of a code, with the text for people.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self {
            r#type: format!("urn:countersign:problem:{}", code.text()),
            title: code.title().to_owned(),
            status: code.status(),
            code,
            request_id: None,
            message: detail.clone(),
            error: ErrorBody { code, message: detail.clone(), details: Details::default() },
            detail,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_their_statuses_are_errors() {
        let texts: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.text()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        assert!(Code::ALL.iter().all(|code| (400..600).contains(&code.status())));
    }
}
