//! The guard of a route: whoever may not call it never reaches its handler.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use contract::{Access, Route};
use control::error::AuthenticationError;
use control::{Caller, Proof};

use crate::address::ClientAddress;
use crate::app::App;
use crate::problem::Refusal;
use crate::{orcheo, presented};

/// Authenticates and authorises as the route table says, then hands on with the caller.
pub(crate) async fn check(State((app, route)): State<(App, Route)>, mut request: Request, next: Next) -> Response {
    let scope = match route.access {
        Access::Public => return next.run(request).await,
        Access::Authenticated => None,
        Access::Scope(scope) => Some(scope),
    };
    match admit(&app, &route, scope, &request).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(refusal) => orcheo::socket::refuse(route.endpoint, request, refusal).await,
    }
}

fn admit(
    app: &App,
    route: &Route,
    scope: Option<&'static str>,
    request: &Request,
) -> impl Future<Output = Result<Caller, Refusal>> + use<> {
    let presented = presented::of(route.endpoint, request, app.front.http.query_tokens);
    let (app, from) = (app.clone(), ClientAddress::of(request.extensions()).known());
    async move {
        let presented = presented?;
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
        known.await
    }
}
