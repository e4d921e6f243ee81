//! The guard of a route: whoever may not call it never reaches its handler.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use contract::{Access, Problem, Route};
use control::error::AuthenticationError;
use control::{Caller, Proof};

use crate::address::ClientAddress;
use crate::app::App;
use crate::problem::Refusal;
use crate::{orcheo, presented};

/// Authenticates and authorises as the route table says, then hands on with the caller. Whatever a caller is refused for
/// want of a right is recorded here, wherever it was found out.
pub(crate) async fn check(State((app, route)): State<(App, Route)>, mut request: Request, next: Next) -> Response {
    let scope = match route.access {
        Access::Public => return next.run(request).await,
        Access::Authenticated => None,
        Access::Scope(scope) => Some(scope),
    };
    match admit(&app, &route, scope, &request).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller.clone());
            let response = next.run(request).await;
            record(&app, caller, response).await
        }
        Err(refusal) => orcheo::socket::refuse(route.endpoint, request, refusal).await,
    }
}

/// Records that the caller was refused, if that is what the response says. What cannot be recorded is not answered.
async fn record(app: &App, caller: Caller, response: Response) -> Response {
    let details = response.extensions().get::<Problem>().map(|problem| &problem.error.details);
    let missing = details.map(|details| (details.scope.clone(), details.workspace.clone()));
    let Some((scope, workspace)) = missing.filter(|(scope, workspace)| scope.is_some() || workspace.is_some()) else {
        return response;
    };
    let recorded = app.run(move |control| control.record_violation(&caller, scope.as_deref(), workspace.as_deref()));
    recorded.await.map_or_else(IntoResponse::into_response, |()| response)
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
        let presented = match presented {
            Ok(presented) => presented,
            Err(refusal) => {
                let reason = refusal.detail().to_owned();
                app.run(move |control| control.turn_back(&reason, from)).await?;
                return Err(refusal);
            }
        };
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
