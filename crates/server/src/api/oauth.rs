//! `/.well-known/oauth-authorization-server` and `/api/v1/oauth/…`.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use contract::access::WhoAmI;
use contract::oauth::{
    AuthorizeRequest, CONSOLE_CLIENT_ID, Metadata, RevokeRequest, TokenError, TokenRequest, TokenResponse,
};
use control::password::Password;
use control::sign_in::{ACCESS_TTL, AuthorizationParameters, AuthorizationRequest, BadRequest, Tokens};
use control::{Error, Proof};
use domain::scope::CATALOGUE;

use crate::app::{App, Authenticated, Client};
use crate::body::{StrictForm, StrictQuery};
use crate::pages;
use crate::problem::Refusal;

pub(crate) async fn metadata(State(app): State<App>) -> Json<Metadata> {
    let issuer = &app.control.config().issuer;
    let at = |path: &str| format!("{issuer}/api/v1/oauth/{path}");
    let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
    Json(Metadata {
        issuer: issuer.clone(),
        authorization_endpoint: at("authorize"),
        token_endpoint: at("token"),
        revocation_endpoint: at("revoke"),
        userinfo_endpoint: at("userinfo"),
        response_types_supported: list(&["code"]),
        grant_types_supported: list(&["authorization_code", "refresh_token"]),
        code_challenge_methods_supported: list(&["S256"]),
        token_endpoint_auth_methods_supported: list(&["none"]),
        scopes_supported: CATALOGUE.iter().map(|scope| scope.name.to_owned()).collect(),
        authorization_response_iss_parameter_supported: true,
    })
}

fn check(asked: &AuthorizeRequest) -> Result<AuthorizationRequest, BadRequest> {
    AuthorizationRequest::check(AuthorizationParameters {
        response_type: asked.response_type.clone(),
        client_id: asked.client_id.clone(),
        redirect_uri: asked.redirect_uri.clone(),
        code_challenge: asked.code_challenge.clone(),
        code_challenge_method: asked.code_challenge_method.clone(),
        state: asked.state.clone(),
        scope: asked.scope.clone(),
    })
}

pub(crate) async fn authorize(State(app): State<App>, StrictQuery(query): StrictQuery<AuthorizeRequest>) -> Response {
    match check(&query) {
        Ok(request) => pages::login(&request, query.scope.as_deref(), "", None).into_response(),
        Err(bad) => refuse(&app, bad),
    }
}

pub(crate) async fn sign_in(
    State(app): State<App>,
    Client(from): Client,
    StrictForm(form): StrictForm<AuthorizeRequest>,
) -> Result<Response, Refusal> {
    let request = match check(&form) {
        Ok(request) => request,
        Err(bad) => return Ok(refuse(&app, bad)),
    };
    if form.cancel.is_some() {
        return Ok(back(&app, &request.redirect_uri, &[("error", "access_denied"), ("state", &request.state)]));
    }
    let (email, password) = (form.email.unwrap_or_default(), Password::new(form.password.unwrap_or_default()));
    let (asked, from) = ((request.clone(), email.clone()), from);
    let answer = app.run(move |control| match control.sign_in(&asked.0, &asked.1, &password, from) {
        Err(error @ Error::RateLimited { .. }) => Ok(Err(error)),
        answer => answer.map(Ok),
    });
    let again = |problem: &str| pages::login(&request, form.scope.as_deref(), &email, Some(problem));
    Ok(match answer.await? {
        Ok(Some(code)) => back(&app, &request.redirect_uri, &[("code", code.reveal()), ("state", &request.state)]),
        Ok(None) => (StatusCode::UNAUTHORIZED, again("E-mail address and password do not fit.")).into_response(),
        // Whoever reads this is a person with a browser, who can do nothing with a problem document.
        Err(error) => {
            let wait = match &error {
                Error::RateLimited { exhausted, .. } => exhausted.retry_after,
                _ => 1,
            };
            let problem = format!("Too many sign-ins have failed. Try again in {wait} seconds.");
            let headers = [(header::RETRY_AFTER, wait.to_string())];
            (StatusCode::TOO_MANY_REQUESTS, headers, again(&problem)).into_response()
        }
    })
}

/// Sends the browser back to the client, with the issuer's name (RFC 9207).
fn back(app: &App, redirect_uri: &str, parameters: &[(&str, &str)]) -> Response {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .append_pair("iss", &app.control.config().issuer)
        .finish();
    match HeaderValue::from_str(&format!("{redirect_uri}?{query}")) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => pages::stop("The address to return to cannot be used.").into_response(),
    }
}

fn refuse(app: &App, bad: BadRequest) -> Response {
    match bad {
        BadRequest::Unsafe(why) => {
            (StatusCode::BAD_REQUEST, pages::stop(&format!("This sign-in cannot go on: {why}."))).into_response()
        }
        BadRequest::Redirect { redirect_uri, state, error, description } => {
            let mut parameters = vec![("error", error), ("error_description", description.as_str())];
            parameters.extend(state.as_deref().map(|state| ("state", state)));
            back(app, &redirect_uri, &parameters)
        }
    }
}

pub(crate) async fn token(
    State(app): State<App>,
    StrictForm(form): StrictForm<TokenRequest>,
) -> Result<Response, Refusal> {
    let client_id = form.client_id.unwrap_or_default();
    if client_id != CONSOLE_CLIENT_ID {
        return Ok(token_error(StatusCode::UNAUTHORIZED, "invalid_client", "the client is not known here"));
    }
    let tokens = match form.grant_type.as_deref() {
        Some("authorization_code") => {
            let (code, verifier) = (form.code.unwrap_or_default(), form.code_verifier.unwrap_or_default());
            let redirect_uri = form.redirect_uri.unwrap_or_default();
            app.grant(move |control| control.exchange_code(&code, &verifier, &client_id, &redirect_uri)).await?
        }
        Some("refresh_token") => {
            let token = form.refresh_token.unwrap_or_default();
            app.grant(move |control| control.refresh(&token, &client_id)).await?
        }
        _ => {
            let there = "there are `authorization_code` and `refresh_token`";
            return Ok(token_error(StatusCode::BAD_REQUEST, "unsupported_grant_type", there));
        }
    };
    Ok(match tokens {
        Ok(tokens) => Json(response(&tokens)).into_response(),
        Err(why) => token_error(StatusCode::BAD_REQUEST, "invalid_grant", why),
    })
}

impl App {
    /// A use case of the token endpoint, whose refusals have a form of their own (RFC 6749 §5.2).
    async fn grant(
        &self,
        work: impl FnOnce(&control::Control) -> Result<Tokens, Error> + Send + 'static,
    ) -> Result<Result<Tokens, &'static str>, Refusal> {
        self.run(move |control| match work(control) {
            Ok(tokens) => Ok(Ok(tokens)),
            Err(Error::InvalidGrant(why)) => Ok(Err(why)),
            Err(error) => Err(error),
        })
        .await
    }
}

fn response(tokens: &Tokens) -> TokenResponse {
    TokenResponse {
        access_token: tokens.access.reveal().to_owned(),
        token_type: "Bearer".into(),
        expires_in: ACCESS_TTL,
        refresh_token: tokens.refresh.reveal().to_owned(),
        scope: tokens.scopes.iter().collect::<Vec<_>>().join(" "),
    }
}

fn token_error(status: StatusCode, error: &str, description: &str) -> Response {
    (status, Json(TokenError { error: error.into(), error_description: description.into() })).into_response()
}

pub(crate) async fn revoke(
    State(app): State<App>,
    StrictForm(form): StrictForm<RevokeRequest>,
) -> Result<StatusCode, Refusal> {
    app.run(move |control| control.revoke_token(&form.token)).await?;
    Ok(StatusCode::OK)
}

pub(crate) async fn userinfo(Authenticated(caller): Authenticated) -> Json<WhoAmI> {
    let (session, authenticated_at, credential) = match caller.proof {
        Proof::Session { id, authenticated_at, .. } => (Some(id), Some(authenticated_at), None),
        Proof::Credential(id) => (None, None, Some(id)),
        Proof::Federated(_) | Proof::Bootstrap | Proof::Nothing => (None, None, None),
    };
    Json(WhoAmI {
        principal: caller.principal,
        name: caller.name,
        email: caller.email,
        teams: caller.teams,
        scopes: caller.scopes,
        authenticated_at,
        session,
        credential,
        workspaces: caller.workspaces,
        expires_at: caller.expires_at,
    })
}
