//! Reading bodies and queries strictly: the right type, within the limit, no key twice, no unknown field.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::header;
use axum::http::request::Parts;
use contract::Code;
use domain::strict_json::{self, JsonError};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::problem::Refusal;

/// The largest body that is read, in bytes.
pub(crate) const LIMIT: usize = 1 << 20;

/// A JSON body.
pub(crate) struct StrictJson<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for StrictJson<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refusal> {
        expect_type(&request, "application/json")?;
        let bytes = read(request.into_body()).await?;
        strict_json::parse(&bytes).map(Self).map_err(|error| match error {
            JsonError::Syntax(error) => Refusal::new(Code::RequestMalformed, format!("the body is not JSON: {error}")),
            JsonError::Shape(error) => Refusal::new(Code::Unprocessable, format!("the body does not fit: {error}")),
        })
    }
}

/// A form body (RFC 6749 appendix B).
pub(crate) struct StrictForm<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for StrictForm<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refusal> {
        expect_type(&request, "application/x-www-form-urlencoded")?;
        let bytes = read(request.into_body()).await?;
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(&bytes).into_owned().collect();
        from_pairs(pairs).map(Self)
    }
}

/// A query.
pub(crate) struct StrictQuery<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for StrictQuery<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let bad = |error: String| Refusal::new(Code::RequestMalformed, format!("the query cannot be read: {error}"));
        let Query(query) = Query::from_request_parts(parts, state).await.map_err(|error| bad(error.body_text()))?;
        Ok(Self(query))
    }
}

/// Unknown names are passed over, as RFC 6749 §3.2 asks; a name that comes twice is refused, as it asks too.
fn from_pairs<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, Refusal> {
    let mut fields = serde_json::Map::new();
    for (name, value) in pairs {
        if fields.insert(name.clone(), value.into()).is_some() {
            let name: String = name.chars().take(40).collect();
            return Err(Refusal::new(Code::RequestMalformed, format!("`{name}` stands twice in the form; leave one")));
        }
    }
    serde_json::from_value(fields.into())
        .map_err(|error| Refusal::new(Code::RequestMalformed, format!("the form does not fit: {error}")))
}

fn expect_type(request: &Request, wanted: &str) -> Result<(), Refusal> {
    let sent = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = sent.split(';').next().unwrap_or("").trim();
    if essence.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(Refusal::new(Code::MediaType, format!("send the body as `{wanted}`")))
}

async fn read(body: Body) -> Result<Bytes, Refusal> {
    match Limited::new(body, LIMIT).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(Refusal::new(Code::TooLarge, format!("a body may have {LIMIT} bytes")))
        }
        Err(_) => Err(Refusal::new(Code::RequestMalformed, "the body broke off")),
    }
}
