//! The guard of a route: whoever may not call it never reaches its handler.

use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use contract::Access;
use control::Error;
use control::error::AuthenticationError;

use crate::app::App;

/// Authenticates and authorises as the route table says, then hands on with the caller.
pub(crate) async fn check(State((app, access)): State<(App, Access)>, mut request: Request, next: Next) -> Response {
    let scope = match access {
        Access::Public => return next.run(request).await,
        Access::Authenticated => None,
        Access::Scope(scope) => Some(scope),
    };
    let token = match bearer(&request) {
        Ok(token) => token,
        Err(error) => return crate::problem::Refusal::from(error).into_response(),
    };
    let known = app.run(move |control| {
        let caller = control.authenticate(&token)?;
        if let Some(scope) = scope {
            control.require_scope(&caller, scope)?;
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

/// The one credential of the request (RFC 6750 §2.1). A token in the query is not looked at.
fn bearer(request: &Request) -> Result<String, Error> {
    let mut values = request.headers().get_all(header::AUTHORIZATION).iter();
    let value = values.next().ok_or(AuthenticationError::Missing)?;
    let text = value.to_str().map_err(|_| AuthenticationError::Unknown)?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && values.next().is_none() => {
            Ok(token.trim().to_owned())
        }
        _ => Err(AuthenticationError::Unknown.into()),
    }
}
