//! Reading bodies and queries strictly: the right type, within the limit, no key twice, no unknown field.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::header;
use axum::http::request::Parts;
use contract::{Code, Endpoint};
use domain::strict_json::{self, JsonError};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::problem::Refusal;
use crate::settings::Http;

/// What a body may take, put into the request by its route.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    /// In bytes.
    pub(crate) bytes: usize,
    /// From the end of the header to the end of the body.
    pub(crate) within: Duration,
}

/// What a whole policy set with its cases may take: 1 MiB of text and 1 MiB of cases, and what JSON adds to them.
const POLICY_BODY: usize = 4 << 20;

impl Allowance {
    /// Of an endpoint. Signed documents, whole commands and policies may be larger than the rest.
    pub(crate) fn of(endpoint: Endpoint, http: &Http) -> Self {
        use Endpoint as E;
        let bytes = match endpoint {
            E::Decide
            | E::DecideBatch
            | E::OpenTicket
            | E::CastReview
            | E::Consume
            | E::StartTask
            | E::PublishRoster
            | E::Enrol => http.max_large_body_bytes,
            E::CreateDraft
            | E::ReplaceDraft
            | E::CheckPolicies
            | E::TestPolicies
            | E::ComparePolicies
            | E::ReplayPolicies
            | E::Simulate
            | E::AskAccess
            | E::AskVocabulary => http.max_large_body_bytes.max(POLICY_BODY),
            _ => http.max_body_bytes,
        };
        Self { bytes, within: http.body_timeout.duration() }
    }
}

/// A JSON body.
pub(crate) struct StrictJson<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for StrictJson<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refusal> {
        expect_type(&request, "application/json")?;
        let bytes = read(request).await?;
        if has_nul(&bytes) {
            return Err(nul(Code::Unprocessable, "body"));
        }
        strict_json::parse(&bytes).map(Self).map_err(|error| match error {
            JsonError::Syntax(error) => Refusal::new(Code::RequestMalformed, format!("the body is not JSON: {error}")),
            JsonError::Shape(error) => {
                Refusal::new(Code::Unprocessable, format!("the body does not fit: {}", unquoted(&error.to_string())))
            }
        })
    }
}

/// A form body (RFC 6749 appendix B).
pub(crate) struct StrictForm<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for StrictForm<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refusal> {
        expect_type(&request, "application/x-www-form-urlencoded")?;
        let bytes = read(request).await?;
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
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(nul(Code::RequestMalformed, "query"));
        }
        let Query(query) = Query::from_request_parts(parts, state).await.map_err(|error| bad(error.body_text()))?;
        Ok(Self(query))
    }
}

/// Unknown names are passed over, as RFC 6749 §3.2 asks; a name that comes twice is refused, as it asks too.
fn from_pairs<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, Refusal> {
    let mut fields = serde_json::Map::new();
    for (name, value) in pairs {
        if value.contains('\0') {
            return Err(nul(Code::RequestMalformed, "form"));
        }
        if fields.insert(name.clone(), value.into()).is_some() {
            let name: String = name.chars().take(40).collect();
            return Err(Refusal::new(Code::RequestMalformed, format!("`{name}` stands twice in the form; leave one")));
        }
    }
    serde_json::from_value(fields.into()).map_err(|error| {
        Refusal::new(Code::RequestMalformed, format!("the form does not fit: {}", unquoted(&error.to_string())))
    })
}

/// What does not fit, without what came: it may be a secret in the wrong place.
pub(crate) fn unquoted(message: &str) -> String {
    const STRING: &str = "string \"";
    let Some((before, rest)) = message.split_once(STRING) else { return message.to_owned() };
    let after = rest.rfind("\", ").map_or("", |end| &rest[end + 1..]);
    format!("{before}a string{after}")
}

/// Whether a string of the JSON text has the character U+0000, which it can only have as an escape.
fn has_nul(json: &[u8]) -> bool {
    let escapes = |at: usize| json[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0;
    json.windows(6).enumerate().any(|(at, six)| six == b"\\u0000" && escapes(at))
}

/// No text here has this character, and not every database takes it.
fn nul(code: Code, part: &str) -> Refusal {
    Refusal::new(code, format!("the {part} has the character U+0000; leave it out"))
}

fn expect_type(request: &Request, wanted: &str) -> Result<(), Refusal> {
    let sent = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = sent.split(';').next().unwrap_or("").trim();
    if essence.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(Refusal::new(Code::MediaType, format!("send the body as `{wanted}`")))
}

async fn read(request: Request) -> Result<Bytes, Refusal> {
    let allowance = request.extensions().get::<Allowance>().copied();
    let Some(Allowance { bytes, within }) = allowance else {
        return Err(control::Error::Internal("a route without an allowance asked for its body".into()).into());
    };
    let body = Limited::new(request.into_body(), bytes).collect();
    match tokio::time::timeout(within, body).await {
        Err(_) => Err(Refusal::new(Code::Timeout, "the body did not come in time")),
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(Refusal::new(Code::TooLarge, format!("a body may have {bytes} bytes here")))
        }
        Ok(Err(_)) => Err(Refusal::new(Code::RequestMalformed, "the body broke off")),
    }
}

#[cfg(test)]
mod tests {
    use Endpoint as E;

    use super::*;

    #[test]
    fn what_came_is_not_repeated() {
        let refused = serde_json::from_str::<u32>("\"hunter2\\\", x\"").unwrap_err();
        let told = unquoted(&refused.to_string());
        assert!(told.contains("a string, expected u32") && !told.contains("hunter2"), "{told}");
        assert_eq!(unquoted("missing field `name`"), "missing field `name`");
    }

    #[test]
    fn only_an_escape_is_the_character_itself() {
        for (json, has) in
            [(r#""a\u0000""#, true), (r#""a\\\u0000""#, true), (r#""a\\u0000""#, false), ("\"u0000\"", false)]
        {
            assert_eq!(has_nul(json.as_bytes()), has, "{json}");
        }
    }

    #[test]
    fn x_01_only_signed_documents_and_commands_may_be_large() {
        let http = Http::default();
        let large = |endpoint: &Endpoint| Allowance::of(*endpoint, &http).bytes == http.max_large_body_bytes;
        let found: Vec<_> = Endpoint::ALL.iter().map(|route| route.endpoint).filter(large).collect();
        let policies = |endpoint: &Endpoint| Allowance::of(*endpoint, &http).bytes == POLICY_BODY;
        let sets: Vec<_> = Endpoint::ALL.iter().map(|route| route.endpoint).filter(policies).collect();
        let drafts =
            [E::CreateDraft, E::ReplaceDraft, E::CheckPolicies, E::TestPolicies, E::ComparePolicies, E::ReplayPolicies];
        let sets_wanted = [drafts.as_slice(), &[E::Simulate, E::AskAccess, E::AskVocabulary]].concat();
        assert_eq!(sets, sets_wanted);
        let wanted = [
            E::Decide,
            E::DecideBatch,
            E::OpenTicket,
            E::CastReview,
            E::Consume,
            E::StartTask,
            E::PublishRoster,
            E::Enrol,
        ];
        assert_eq!(found, wanted);
        assert_eq!(Allowance::of(E::Token, &http).bytes, 64 << 10);
    }
}
