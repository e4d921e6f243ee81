//! Use cases' refusals as problems (RFC 9457): the one place that maps a kind to a code, and a code to headers.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use contract::{Code, Details, Problem};
use control::Error;
use control::error::{AuthenticationError, Whom};
use control::policies::publish::PublishError;
use domain::after_review::AfterReviewError;
use domain::alert::AlertRefusal;
use domain::limit::Exhausted;
use domain::ticket::{CancelError, ConsumeError, ReviewError, RevokeError};
use store::{Reason, StoreError};

use crate::orcheo::Words;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// A refusal on its way out.
#[derive(Debug)]
pub(crate) struct Refusal {
    problem: Box<Problem>,
    challenge: Option<String>,
    headers: Vec<(HeaderName, String)>,
    /// For those who ask in Orcheo's form.
    words: Option<Words>,
}

impl Refusal {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        let challenge = match code {
            Code::MissingToken | Code::AuthenticationRequired | Code::InvalidScheme | Code::InvalidCredentials => {
                Some("Bearer".to_owned())
            }
            Code::InvalidToken
            | Code::TokenExpired
            | Code::TokenRevoked
            | Code::UnsupportedAlgorithm
            | Code::InvalidAudience
            | Code::InvalidIssuer => Some("Bearer error=\"invalid_token\"".to_owned()),
            Code::TwoCredentials | Code::TokenInUrl => Some("Bearer error=\"invalid_request\"".to_owned()),
            _ => None,
        };
        Self { problem: Box::new(Problem::new(code, detail)), challenge, headers: Vec::new(), words: None }
    }

    /// Too many failed attempts: the true remaining time, and the limit in the fields of
    /// draft-ietf-httpapi-ratelimit-headers.
    fn limited(whom: &Whom, exhausted: Exhausted, text: String) -> Self {
        let (code, policy) = match whom {
            Whom::Address(_) => (Code::RateLimitedAddress, "authentication-by-address"),
            Whom::Identity => (Code::RateLimitedIdentity, "authentication-by-identity"),
        };
        let Exhausted { limit, retry_after } = exhausted;
        let details = Details {
            limit: Some(limit.failures),
            remaining: Some(0),
            retry_after: Some(retry_after),
            violated_policies: vec![policy.to_owned()],
            ..Details::default()
        };
        let mut refusal = Self::new(code, text).with(details);
        refusal.challenge = Some("Bearer".to_owned());
        refusal.headers.extend([
            (header::RETRY_AFTER, retry_after.to_string()),
            (RATE_LIMIT_POLICY, format!("\"{policy}\";q={};w={}", limit.failures, limit.interval)),
            (RATE_LIMIT, format!("\"{policy}\";r=0;t={retry_after}")),
        ]);
        refusal
    }

    /// A value that cannot be used; names the field.
    pub(crate) fn of_field(field: &'static str, problem: &impl std::fmt::Display) -> Self {
        Self::new(Code::Unprocessable, format!("{field}: {problem}")).with(Details::of_field(field))
    }

    pub(crate) fn code(&self) -> Code {
        self.problem.code
    }

    /// The text for people.
    pub(crate) fn detail(&self) -> &str {
        &self.problem.detail
    }

    /// What is refused, for whoever answers in another form.
    pub(crate) fn into_problem(self) -> Problem {
        *self.problem
    }

    fn with(mut self, details: Details) -> Self {
        self.problem.error.details = details;
        self
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let words = Words::of(&error);
        Self { words, ..Self::in_our_words(error) }
    }
}

impl Refusal {
    fn in_our_words(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::NotFound(_) | Error::Cancel(CancelError::NotRequester) => Self::new(Code::NotFound, text),
            Error::Invalid { field, .. } => Self::new(Code::Unprocessable, text).with(Details::of_field(field)),
            Error::NotHeld { field, scope } => {
                Self::new(Code::Unprocessable, text).with(Details { scope: Some(scope), ..Details::of_field(field) })
            }
            Error::Question(wrong) => Self::new(Code::Unprocessable, text).with(Details::of_field(wrong.field())),
            Error::Policies(wrong) => Self::new(Code::Unprocessable, text)
                .with(Details { problems: wrong.problems, ..Details::of_field("texts") }),
            Error::Draft(_) => Self::new(Code::DraftSettled, text),
            Error::Publish(refusal) => Self::unpublished(refusal, text),
            Error::Authentication(refusal) | Error::CredentialRefused(_, refusal) => {
                Self::new(authentication(refusal), text)
            }
            Error::RateLimited { whom, exhausted } => Self::limited(&whom, exhausted, text),
            Error::WorkspaceForbidden(workspace) => Self::new(Code::WorkspaceForbidden, text)
                .with(Details { workspace: Some(workspace), ..Details::default() }),
            Error::Alert(AlertRefusal::Note) => Self::new(Code::Unprocessable, text).with(Details::of_field("note")),
            Error::KeyUnavailable => Self::new(Code::KeyUnavailable, text),
            Error::Rotation(_) => Self::new(Code::NotRotatable, text),
            Error::MissingScope(scope) => {
                let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
                let details = Details { scope: Some(scope.to_string()), ..Details::default() };
                Self { challenge: Some(challenge), ..Self::new(Code::MissingScope, text).with(details) }
            }
            Error::StepUp { max_age } => {
                let details = Details { max_age: Some(max_age), ..Details::default() };
                let mut refusal = Self::new(Code::StepUp, text).with(details);
                let acr = contract::oauth::ACR_PASSWORD;
                refusal.challenge = Some(format!(
                    "Bearer error=\"insufficient_user_authentication\", \
                     error_description=\"A fresh login is needed\", acr_values=\"{acr}\", max_age=\"{max_age}\""
                ));
                refusal
            }
            Error::InvalidGrant(_) => Self::new(Code::RequestMalformed, text),
            Error::PolicyDenied(_) => Self::new(Code::PolicyDenied, text),
            Error::ApprovalNotNeeded => Self::new(Code::ApprovalNotNeeded, text),
            Error::PolicyChanged(_) => Self::new(Code::PolicyChanged, text),
            Error::DigestMismatch(field) => Self::new(Code::DigestMismatch, text).with(Details::of_field(field)),
            Error::NotEligible(_) => Self::new(Code::NotEligible, text),
            Error::Review(refusal) => Self::new(review(&refusal), text),
            Error::ReviewRefused(_) => Self::new(Code::ReviewInvalid, text),
            Error::Consume(ConsumeError::Mismatch { field }) => {
                Self::new(Code::BindingMismatch, text).with(Details::of_field(field))
            }
            Error::Consume(refusal) => Self::new(consume(&refusal), text),
            Error::Cancel(CancelError::Settled { .. }) | Error::Revoke(RevokeError::Settled { .. }) => {
                Self::new(Code::Settled, text)
            }
            Error::Revoke(RevokeError::Pending) => Self::new(Code::NotApproved, text),
            Error::Revoke(RevokeError::NoReason) => {
                Self::new(Code::Unprocessable, text).with(Details::of_field("reason"))
            }
            Error::AfterReview(refusal) => Self::new(after_review(&refusal), text),
            Error::Roster(_) => Self::new(Code::RosterInvalid, text),
            Error::AlreadyDone { id, .. } => {
                Self::new(Code::AlreadyDone, text).with(Details { id: Some(id), ..Details::default() })
            }
            Error::IdempotencyReused => Self::new(Code::IdempotencyReused, text),
            Error::Alert(_) | Error::Conflict(_) | Error::Store(StoreError::Conflict { .. }) => {
                Self::new(Code::Conflict, text)
            }
            Error::Stale => Self::new(Code::Stale, text),
            Error::Busy(_) => Self::new(Code::Unavailable, text),
            Error::Store(StoreError::Unavailable { reason: Reason::OutcomeUnknown, detail }) => {
                tracing::error!(%detail, "the connection to the database broke during a commit");
                let help = "the connection to the database broke while this was being recorded, so it may or may not \
                            have happened; send it again with the same Idempotency-Key, or look";
                Self::new(Code::OutcomeUnknown, help)
            }
            Error::Store(StoreError::Unavailable { reason: Reason::ReadOnly, detail }) => {
                tracing::error!(%detail, "the database takes no writes");
                let help = "the database takes no writes now (it is a standby, or its disk is read-only), so nothing \
                            was changed; what is there can be read, and writing goes on by itself";
                Self::new(Code::Unavailable, help)
            }
            Error::Store(error @ StoreError::Misuse { .. }) => Self::in_our_words(Error::Internal(error.to_string())),
            Error::Store(error) => {
                tracing::error!(%error, "the store refused");
                Self::new(Code::Unavailable, "this cannot be recorded now, so nothing was changed; try again")
            }
            Error::Internal(problem) => {
                tracing::error!(%problem, "a defect");
                Self::new(Code::Internal, "something went wrong on our side; the request id finds it in the logs")
            }
        }
    }
}

impl Refusal {
    fn unpublished(refusal: PublishError, text: String) -> Self {
        match refusal {
            PublishError::Changed { .. } => Self::new(Code::Stale, text).with(Details::of_field("digest")),
            PublishError::Stale { .. } => Self::new(Code::PolicyStale, text).with(Details::of_field("base_version")),
            PublishError::TestsFail(cases) => {
                Self::new(Code::TestsFailed, text).with(Details { cases, ..Details::default() })
            }
            PublishError::InvariantBroken(invariants) => {
                Self::new(Code::InvariantBroken, text).with(Details { invariants, ..Details::default() })
            }
            PublishError::Unproved { results, .. } => {
                Self::new(Code::Unproved, text).with(Details { invariants: results, ..Details::default() })
            }
            PublishError::Grave(findings) => {
                Self::new(Code::GraveFinding, text).with(Details { findings, ..Details::default() })
            }
            PublishError::InvariantsUnfit(wrong) => Self::new(Code::InvariantBroken, text)
                .with(Details { problems: wrong.problems, ..Details::of_field("texts") }),
            PublishError::LockedOut(_) => Self::new(Code::LockedOut, text),
        }
    }
}

const fn authentication(refusal: AuthenticationError) -> Code {
    match refusal {
        AuthenticationError::Missing => Code::MissingToken,
        AuthenticationError::Required => Code::AuthenticationRequired,
        AuthenticationError::Scheme => Code::InvalidScheme,
        AuthenticationError::Two => Code::TwoCredentials,
        AuthenticationError::Expired | AuthenticationError::BootstrapExpired | AuthenticationError::Rotated => {
            Code::TokenExpired
        }
        AuthenticationError::Revoked | AuthenticationError::Disabled => Code::TokenRevoked,
        AuthenticationError::Unknown
        | AuthenticationError::Damaged
        | AuthenticationError::WrongKind
        | AuthenticationError::Spent
        | AuthenticationError::Subject => Code::InvalidToken,
        AuthenticationError::Algorithm => Code::UnsupportedAlgorithm,
        AuthenticationError::Audience => Code::InvalidAudience,
        AuthenticationError::Issuer => Code::InvalidIssuer,
        AuthenticationError::Password => Code::InvalidCredentials,
        AuthenticationError::Network => Code::NetworkForbidden,
        AuthenticationError::Workspaces => Code::WorkspaceForbidden,
    }
}

const fn review(refusal: &ReviewError) -> Code {
    match refusal {
        ReviewError::Settled { .. } => Code::Settled,
        ReviewError::OwnTicket => Code::OwnTicket,
        ReviewError::Again => Code::AlreadyReviewed,
        ReviewError::OtherTicket { .. } | ReviewError::NoReason => Code::ReviewInvalid,
    }
}

const fn after_review(refusal: &AfterReviewError) -> Code {
    match refusal {
        AfterReviewError::NoEmergency | AfterReviewError::NotSpent { .. } => Code::NoAfterReview,
        AfterReviewError::Done { .. } => Code::Settled,
        AfterReviewError::OwnTicket => Code::OwnTicket,
        AfterReviewError::Approver => Code::NotEligible,
        AfterReviewError::OtherTicket { .. } | AfterReviewError::Words => Code::ReviewInvalid,
    }
}

const fn consume(refusal: &ConsumeError) -> Code {
    match refusal {
        ConsumeError::NotApproved { .. } => Code::NotApproved,
        ConsumeError::AlreadyConsumed { .. } => Code::Consumed,
        ConsumeError::Mismatch { .. } => Code::BindingMismatch,
        ConsumeError::ApproversFell { .. } => Code::ApproverIneligible,
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&self.problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(challenge) = self.challenge.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        if self.problem.code == Code::Timeout {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if self.problem.status == 503 {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response.extensions_mut().insert(*self.problem);
        if let Some(words) = self.words {
            response.extensions_mut().insert(words);
        }
        response
    }
}
