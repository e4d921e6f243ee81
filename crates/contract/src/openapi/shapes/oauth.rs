//! `/.well-known/oauth-authorization-server` and `/api/v1/oauth/…`.

use serde_json::{Value, json};

use super::sample::{AT, LATER, SESSION, USER};
use crate::access::WhoAmI;
use crate::oauth::{AuthorizeRequest, Metadata, RevokeRequest, TokenError, TokenRequest, TokenResponse};
use crate::openapi::shape::Shape;

const HTML: &str = "text/html";
const PAGE: &str = "<!DOCTYPE html>";
const BACK: &str = "To the client, with the code or the error.";
const STOP: &str = "The request is not safe to send back to its client, or cannot be read.";

pub(super) fn metadata() -> Shape {
    Shape::json::<Metadata>(json!({
        "issuer": "https://countersign.example",
        "authorization_endpoint": "https://countersign.example/api/v1/oauth/authorize",
        "token_endpoint": "https://countersign.example/api/v1/oauth/token",
        "revocation_endpoint": "https://countersign.example/api/v1/oauth/revoke",
        "userinfo_endpoint": "https://countersign.example/api/v1/oauth/userinfo",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "scopes_supported": ["approvals:read"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

pub(super) fn authorize() -> Shape {
    Shape::text(HTML, PAGE)
        .query::<AuthorizeRequest>()
        .or_empty(303)
        .meaning("To the client, with an error.")
        .header("Location", BACK)
        .or_text(400, HTML, PAGE)
        .meaning(STOP)
}

pub(super) fn sign_in() -> Shape {
    Shape::empty()
        .meaning("To the client, with the code or an error.")
        .header("Location", BACK)
        .form::<AuthorizeRequest>(json!({
            "response_type": "code",
            "client_id": "countersign-console",
            "redirect_uri": "http://127.0.0.1:49152/callback",
            "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "code_challenge_method": "S256",
            "state": "af0ifjsldkj",
            "email": "ada@example.com",
            "password": "correct horse battery staple",
        }))
        .or_text(400, HTML, PAGE)
        .meaning(STOP)
        .or_text(401, HTML, PAGE)
        .meaning("E-mail address and password do not fit: the page again.")
        .or_text(429, HTML, PAGE)
        .meaning("Too many sign-ins have failed: the page again.")
        .header("Retry-After", "Seconds to wait.")
}

pub(super) fn token() -> Shape {
    Shape::json::<TokenResponse>(json!({
        "access_token": "cs_acc_example",
        "token_type": "Bearer",
        "expires_in": 900,
        "refresh_token": "cs_ref_example",
        "scope": "approvals:read approvals:review",
    }))
    .form::<TokenRequest>(json!({
        "grant_type": "refresh_token",
        "refresh_token": "cs_ref_example",
        "client_id": "countersign-console",
    }))
    .or_json::<TokenError>(400, refusal("invalid_grant", "the refresh token is not valid; sign in again"))
    .meaning("Refused (RFC 6749 §5.2), or the form cannot be read.")
    .or_json::<TokenError>(401, refusal("invalid_client", "the client is not known here"))
    .meaning("The client is not known.")
}

fn refusal(error: &str, description: &str) -> Value {
    json!({ "error": error, "error_description": description })
}

pub(super) fn revoke() -> Shape {
    Shape::empty()
        .meaning("The token does not work, whether or not it did (RFC 7009 §2.2).")
        .form::<RevokeRequest>(json!({ "token": "cs_ref_example" }))
}

pub(super) fn userinfo() -> Shape {
    Shape::json::<WhoAmI>(json!({
        "principal": format!("user:{USER}"),
        "name": "Ada",
        "email": "ada@example.com",
        "teams": ["security"],
        "scopes": ["approvals:read", "approvals:review"],
        "authenticated_at": AT,
        "session": SESSION,
        "credential": null,
        "workspaces": [],
        "expires_at": LATER,
    }))
}
