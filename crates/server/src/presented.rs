//! Where a request may carry its credential, and that it carries one only.
//!
//! In a header everywhere. A browser cannot set one when it opens an event stream: there it may offer the credential as
//! a sub-protocol, or show a one-time ticket in the address. A lasting credential in an address ends up in logs and
//! histories (RFC 9700 §2.4), so a request that has one is not served unless the settings say so for sockets.

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use contract::{Code, Endpoint};
use control::error::AuthenticationError;
use control::{Error, Presented, Scheme};

use crate::problem::Refusal;

/// Sub-protocols that a socket can have, the first that is offered.
pub(crate) const PROTOCOLS: [&str; 2] = ["countersign", "orcheo-auth"];
/// A sub-protocol that begins so carries a credential.
const BEARER: &str = "bearer.";

/// The one credential of a request. None is not an error here; two are, and so is one that came as it may not.
pub(crate) fn of(endpoint: Endpoint, request: &Request, query_tokens: bool) -> Result<Option<Presented>, Refusal> {
    let headers = request.headers();
    let socket = is_socket(endpoint);
    let mut found = Vec::new();
    for (name, value) in url::form_urlencoded::parse(request.uri().query().unwrap_or("").as_bytes()) {
        let scheme = match &*name {
            "ticket" if socket || endpoint == Endpoint::Events => Scheme::StreamTicket,
            "token" | "access_token" if socket && query_tokens => Scheme::Bearer,
            "token" | "access_token" | "api_key" => {
                let text = "send the credential in the Authorization header, not in the address";
                return Err(Refusal::new(Code::TokenInUrl, text));
            }
            _ => continue,
        };
        found.push(Presented { scheme, token: value.into_owned().into() });
    }
    if socket {
        let tokens = offered(headers).filter_map(|name| name.strip_prefix(BEARER));
        let before = found.len();
        found.extend(tokens.map(Presented::bearer));
        if found.len() > before && !offered(headers).any(|name| PROTOCOLS.contains(&name)) {
            let text = "offer the sub-protocol `countersign` or `orcheo-auth` as well, for the answer to name";
            return Err(Refusal::new(Code::RequestMalformed, text));
        }
    }
    let in_header = headers.contains_key(header::AUTHORIZATION) || headers.contains_key("x-api-key");
    let presented = match (in_header, found.len()) {
        (_, 0) => in_headers(headers),
        (false, 1) => Ok(found.pop()),
        _ => Err(AuthenticationError::Two),
    };
    presented.map_err(|refusal| Refusal::from(Error::from(refusal)))
}

/// Whether an endpoint is a WebSocket.
pub(crate) const fn is_socket(endpoint: Endpoint) -> bool {
    matches!(endpoint, Endpoint::Socket | Endpoint::WorkflowSocket | Endpoint::OneWorkflowSocket)
}

/// The sub-protocols that a client offers (RFC 6455 §4.1).
pub(crate) fn offered(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

/// The one credential in the headers (RFC 6750 §2.1).
fn in_headers(headers: &HeaderMap) -> Result<Option<Presented>, AuthenticationError> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter().map(|value| {
        let text = value.to_str().map_err(|_| AuthenticationError::Scheme)?;
        match text.trim().split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok((Scheme::Bearer, token)),
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("serviceaccount") => {
                Ok((Scheme::ServiceAccount, token))
            }
            _ => Err(AuthenticationError::Scheme),
        }
    });
    let mut keys = headers
        .get_all("x-api-key")
        .iter()
        .map(|value| value.to_str().map(|key| (Scheme::ApiKey, key)).map_err(|_| AuthenticationError::Unknown));
    let Some(first) = all.next().or_else(|| keys.next()) else { return Ok(None) };
    if all.next().or_else(|| keys.next()).is_some() {
        return Err(AuthenticationError::Two);
    }
    let (scheme, token) = first?;
    match token.trim() {
        token if token.is_empty() || token.contains(' ') => Err(AuthenticationError::Scheme),
        token => Ok(Some(Presented { scheme, token: token.to_owned().into() })),
    }
}
