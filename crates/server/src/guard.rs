//! The guard of a route: whoever may not call it never reaches its handler.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use contract::{Access, Code};
use control::error::AuthenticationError;
use control::{Error, Presented, Proof, Scheme};

use crate::address::ClientAddress;
use crate::app::App;
use crate::problem::Refusal;

/// Authenticates and authorises as the route table says, then hands on with the caller.
pub(crate) async fn check(State((app, access)): State<(App, Access)>, mut request: Request, next: Next) -> Response {
    let scope = match access {
        Access::Public => return next.run(request).await,
        Access::Authenticated => None,
        Access::Scope(scope) => Some(scope),
    };
    if let Some(refusal) = token_in_url(&request) {
        return refusal.into_response();
    }
    let presented = match presented(request.headers()) {
        Ok(presented) => presented,
        Err(refusal) => return Refusal::from(Error::from(refusal)).into_response(),
    };
    let from = ClientAddress::of(request.extensions()).known();
    let known = app.run(move |control| {
        let caller = control.admit(presented.as_ref(), from)?;
        match scope {
            Some(scope) => control.require_scope(&caller, scope)?,
            None if caller.proof == Proof::Nothing && caller.scopes.is_empty() => {
                return Err(AuthenticationError::Required.into());
            }
            None => {}
        }
        Ok(caller)
    });
    match known.await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// The one credential of a request (RFC 6750 §2.1). None is not an error here; two are.
pub(crate) fn presented(headers: &HeaderMap) -> Result<Option<Presented>, AuthenticationError> {
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

/// A credential in an address ends up in logs and histories, so a request that has one is not served (RFC 9700 §2.4).
fn token_in_url(request: &Request) -> Option<Refusal> {
    let query = request.uri().query()?;
    let names = ["access_token", "token", "api_key"];
    let found = url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| names.contains(&name.as_ref()));
    found.then(|| Refusal::new(Code::TokenInUrl, "send the credential in the Authorization header, not in the address"))
}
