//! Handlers, one file per path. Each extracts, calls one use case, converts.

pub(crate) mod admin;
pub(crate) mod alerts;
pub(crate) mod approvals;
pub(crate) mod audit;
pub(crate) mod auth;
pub(crate) mod authzen;
pub(crate) mod decisions;
pub(crate) mod events;
pub(crate) mod oauth;
pub(crate) mod openapi;
pub(crate) mod pipelines;
pub(crate) mod policies;
pub(crate) mod roster;
pub(crate) mod scopes;
pub(crate) mod socket;
pub(crate) mod status;
pub(crate) mod tasks;
pub(crate) mod users;
pub(crate) mod webhooks;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use contract::Code;

use crate::problem::Refusal;

/// An id in the path. One that cannot be an id names nothing.
pub(crate) struct PathId<T>(pub(crate) T);

impl<T: std::str::FromStr, S: Send + Sync> FromRequestParts<S> for PathId<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let nothing = || Refusal::new(Code::NotFound, "the id in the path names nothing here");
        let axum::extract::Path(text) =
            axum::extract::Path::<String>::from_request_parts(parts, state).await.map_err(|_| nothing())?;
        text.parse().map(Self).map_err(|_| nothing())
    }
}

/// A name in the path, as it came.
pub(crate) struct PathText(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for PathText {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let nothing = || Refusal::new(Code::NotFound, "the name in the path names nothing here");
        let axum::extract::Path(text) =
            axum::extract::Path::<String>::from_request_parts(parts, state).await.map_err(|_| nothing())?;
        // No text here has this character, and not every database takes it.
        if text.contains('\0') { Err(nothing()) } else { Ok(Self(text)) }
    }
}

/// How many rows a page has.
pub(crate) const PAGE: u32 = 50;

/// Reads a cursor that an earlier page gave.
pub(crate) fn cursor<T: std::str::FromStr>(text: Option<&str>) -> Result<Option<T>, Refusal> {
    let bad = || Refusal::new(Code::RequestMalformed, "the cursor is not one that a page gave");
    text.map(|text| text.parse().map_err(|_| bad())).transpose()
}
