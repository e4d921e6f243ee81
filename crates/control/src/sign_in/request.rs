//! The authorization request, checked before anything is shown (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8252 §7.3).
//!
//! What is wrong with the client or its redirect address is told to the person and never redirected; what is wrong
//! with the rest goes back to the client.

use std::net::IpAddr;

use domain::scope::Scopes;

/// The one client there is: the console and the CLI.
const CLIENT_ID: &str = "countersign-console";

/// The query of an authorization request, as it came.
#[derive(Clone, Debug, Default)]
pub struct AuthorizationParameters {
    /// `code`.
    pub response_type: Option<String>,
    /// `countersign-console`.
    pub client_id: Option<String>,
    /// `http://127.0.0.1:PORT/PATH` or `http://[::1]:PORT/PATH`.
    pub redirect_uri: Option<String>,
    /// 43 characters.
    pub code_challenge: Option<String>,
    /// `S256`.
    pub code_challenge_method: Option<String>,
    /// Given back as it is.
    pub state: Option<String>,
    /// Space-separated.
    pub scope: Option<String>,
}

/// An authorization request that may be shown.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    /// The client.
    pub client_id: String,
    /// Where the code goes.
    pub redirect_uri: String,
    /// For the exchange.
    pub code_challenge: String,
    /// Given back as it is.
    pub state: String,
    /// What the tokens may reach, at most; all that the person may, if absent.
    pub scopes: Option<Scopes>,
}

/// Why it may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadRequest {
    /// Tell the person; do not redirect.
    Unsafe(String),
    /// Tell the client, by redirecting there.
    Redirect {
        /// Where.
        redirect_uri: String,
        /// What to give back.
        state: Option<String>,
        /// RFC 6749 §4.1.2.1.
        error: &'static str,
        /// For its log.
        description: String,
    },
}

impl AuthorizationRequest {
    /// Checks the parameters.
    pub fn check(parameters: AuthorizationParameters) -> Result<Self, BadRequest> {
        let client_id = parameters.client_id.filter(|id| id == CLIENT_ID);
        let client_id = client_id.ok_or_else(|| BadRequest::Unsafe("the client is not known here".into()))?;
        let redirect_uri = parameters.redirect_uri.filter(|uri| is_loopback(uri)).ok_or_else(|| {
            BadRequest::Unsafe("the address to return to is not a loopback address of this computer".into())
        })?;
        let state = parameters.state.filter(|state| (8..=512).contains(&state.len()));
        let refuse = |error, description: &str| BadRequest::Redirect {
            redirect_uri: redirect_uri.clone(),
            state: state.clone(),
            error,
            description: description.to_owned(),
        };
        if parameters.response_type.as_deref() != Some("code") {
            return Err(refuse("unsupported_response_type", "response_type must be `code`"));
        }
        if parameters.code_challenge_method.as_deref() != Some("S256") {
            return Err(refuse("invalid_request", "code_challenge_method must be `S256`"));
        }
        let challenge = parameters.code_challenge.filter(|text| text.len() == 43 && text.bytes().all(is_base64url));
        let code_challenge =
            challenge.ok_or_else(|| refuse("invalid_request", "code_challenge must be 43 characters of base64url"))?;
        let scopes = match parameters.scope.as_deref().unwrap_or("").trim() {
            "" => None,
            names => Scopes::parse(names.split(' ').filter(|name| !name.is_empty()))
                .map(Some)
                .map_err(|error| refuse("invalid_scope", &error.to_string()))?,
        };
        match &state {
            Some(known) => Ok(Self { client_id, state: known.clone(), code_challenge, scopes, redirect_uri }),
            None => Err(refuse("invalid_request", "state must be 8 to 512 characters")),
        }
    }
}

/// `http` to a loopback literal with a port, no user, query or fragment. A name like `localhost` can be made to point
/// elsewhere.
fn is_loopback(uri: &str) -> bool {
    let Some((authority, path)) = uri.strip_prefix("http://").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let plain_path = path.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_/".contains(&b));
    let Some((host, port)) = authority.rsplit_once(':') else { return false };
    let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    let loopback = host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback() && ip.to_string() == host);
    loopback && plain_path && port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port)
}

const fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> AuthorizationParameters {
        AuthorizationParameters {
            response_type: Some("code".into()),
            client_id: Some(CLIENT_ID.into()),
            redirect_uri: Some("http://127.0.0.1:4711/callback".into()),
            code_challenge: Some("a".repeat(43)),
            code_challenge_method: Some("S256".into()),
            state: Some("12345678".into()),
            scope: None,
        }
    }

    #[test]
    fn only_a_loopback_literal_is_redirected_to() {
        for uri in ["http://127.0.0.1:4711/callback", "http://[::1]:1/x"] {
            assert!(is_loopback(uri), "{uri}");
        }
        for uri in [
            "http://localhost:4711/callback",
            "https://127.0.0.1:4711/callback",
            "http://127.0.0.1/callback",
            "http://127.1:80/callback",
            "http://2130706433:80/callback",
            "http://127.0.0.1:4711@evil.example/callback",
            "http://evil.example:80/callback",
            "http://127.0.0.1:0/callback",
            "http://127.0.0.1:99999/callback",
            "http://127.0.0.1:4711/callback?x=http://evil.example",
            "javascript:alert(1)",
            "",
        ] {
            assert!(!is_loopback(uri), "{uri}");
            let bad = AuthorizationParameters { redirect_uri: Some(uri.into()), ..good() };
            assert!(matches!(AuthorizationRequest::check(bad), Err(BadRequest::Unsafe(_))), "{uri}");
        }
    }

    #[test]
    fn pkce_is_s256_or_nothing() {
        assert!(AuthorizationRequest::check(good()).is_ok());
        for bad in [
            AuthorizationParameters { code_challenge_method: Some("plain".into()), ..good() },
            AuthorizationParameters { code_challenge_method: None, ..good() },
            AuthorizationParameters { code_challenge: None, ..good() },
            AuthorizationParameters { code_challenge: Some("short".into()), ..good() },
            AuthorizationParameters { state: None, ..good() },
            AuthorizationParameters { scope: Some("*".into()), ..good() },
            AuthorizationParameters { response_type: Some("token".into()), ..good() },
        ] {
            assert!(matches!(AuthorizationRequest::check(bad), Err(BadRequest::Redirect { .. })));
        }
    }
}
