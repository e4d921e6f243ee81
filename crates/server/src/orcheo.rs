//! Refusals as the Orcheo CLI reads them: the one place that puts ours into its form and, where it has some, its words.
//!
//! Statuses and headers stay as they are. Deliberately absent: Orcheo's statuses where they are defects (403 for a
//! credential that does not hold, 500 for a missing scope); docs/ORCHEO.md lists them.

pub(crate) mod socket;

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use contract::Problem;
use contract::orcheo::{Invalid, Misfit, NOT_FOUND, PREFIX, Reason, Refusal};
use control::Error;
use control::error::{AuthenticationError as E, Whom};

/// What Orcheo says where this control plane says something else.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    message: String,
    code: Option<&'static str>,
    field: Option<&'static str>,
}

impl Words {
    /// Orcheo's words for a refusal of a use case, if it has some.
    pub(crate) fn of(error: &Error) -> Option<Self> {
        let say = |message: String| Some(Self { message, code: None, field: None });
        match error {
            Error::Authentication(refusal) | Error::CredentialRefused(_, refusal) => {
                authentication(*refusal).and_then(|text| say(text.to_owned()))
            }
            Error::KeyUnavailable => say("Unable to resolve signing key for bearer token".to_owned()),
            Error::MissingScope(scope) => say(format!("Missing required scopes: {scope}")),
            Error::WorkspaceForbidden(workspace) => say(format!("Workspace access denied for: {workspace}")),
            Error::RateLimited { whom: Whom::Address(address), .. } => {
                say(format!("Too many authentication attempts from IP {address}"))
            }
            Error::RateLimited { whom: Whom::Identity, .. } => {
                say("Too many authentication attempts for this identity".to_owned())
            }
            Error::NotFound(what) => {
                let name = what.strip_prefix("service token `")?.strip_suffix('`')?;
                let message = format!("Service token '{name}' not found");
                Some(Self { message, code: Some(NOT_FOUND), field: None })
            }
            Error::Invalid { field, problem } => {
                let field = if *field == "workspaces" { "workspace_ids" } else { field };
                Some(Self { message: problem.clone(), code: None, field: Some(field) })
            }
            Error::NotHeld { field, scope } => {
                let message = format!("you do not hold `{scope}`, so you cannot give it");
                Some(Self { message, code: None, field: Some(field) })
            }
            _ => None,
        }
    }
}

const fn authentication(refusal: E) -> Option<&'static str> {
    match refusal {
        E::Missing => Some("Missing bearer token"),
        E::Unknown | E::WrongKind => Some("Invalid bearer token"),
        E::Damaged => Some("Invalid bearer token: its checksum does not fit, so it is cut or mistyped; copy it again"),
        E::Expired => Some("Bearer token has expired"),
        E::BootstrapExpired => Some("Bootstrap service token has expired"),
        E::Rotated => Some("Bearer token has expired: it was rotated; use the one that replaced it"),
        E::Revoked => Some("Service token has been revoked"),
        E::Scheme => Some("Authorization header must use the Bearer scheme"),
        E::Required => Some("Authentication required"),
        E::Workspaces => Some("Workspace access denied"),
        E::Algorithm => Some("Bearer token is signed with an unsupported algorithm"),
        E::Audience => Some("Bearer token has an invalid audience"),
        E::Issuer => Some("Bearer token has an invalid issuer"),
        E::Disabled | E::Two | E::Subject | E::Network | E::Password | E::Spent => None,
    }
}

/// Whether whoever asks for this path reads Orcheo's form.
pub(crate) fn is_for(path: &str) -> bool {
    path.starts_with(PREFIX)
}

/// Puts a problem into Orcheo's form.
pub(crate) fn put(problem: &Problem, words: Option<Words>, response: &mut Response) {
    let Words { message, code, field } =
        words.unwrap_or_else(|| Words { message: problem.detail.clone(), code: None, field: None });
    let code = code.unwrap_or(problem.code.text()).to_owned();
    let body = if problem.status == 422 {
        let loc = ["body"].into_iter().chain(field).map(str::to_owned).collect();
        let sentence = field.map_or_else(|| message.clone(), |field| format!("{field}: {message}"));
        let misfit = Misfit { r#type: code, loc, msg: message, input: () };
        Json(Invalid { detail: vec![misfit], message: sentence }).into_response()
    } else {
        Json(Refusal { detail: Reason { message, code } }).into_response()
    };
    *response.body_mut() = body.into_body();
    json(response.headers_mut());
}

fn json(headers: &mut HeaderMap) {
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use serde_json::{Value, json};

    use super::*;

    async fn put_into_form(error: Error) -> Value {
        let words = Words::of(&error);
        let mut response = crate::problem::Refusal::from(error).into_response();
        let problem = response.extensions_mut().remove::<Problem>().unwrap();
        put(&problem, words, &mut response);
        assert_eq!(response.headers()["content-type"], "application/json");
        serde_json::from_slice(&to_bytes(response.into_body(), 1 << 16).await.unwrap()).unwrap()
    }

    #[tokio::test]
    async fn a_refusal_has_orcheos_words_and_code() {
        for (error, message, code) in [
            (E::Missing.into(), "Missing bearer token", "auth.missing_token"),
            (E::Unknown.into(), "Invalid bearer token", "auth.invalid_token"),
            (E::Expired.into(), "Bearer token has expired", "auth.token_expired"),
            (E::BootstrapExpired.into(), "Bootstrap service token has expired", "auth.token_expired"),
            (E::Revoked.into(), "Service token has been revoked", "auth.token_revoked"),
            (E::Required.into(), "Authentication required", "auth.authentication_required"),
            (Error::MissingScope("vault:read"), "Missing required scopes: vault:read", "auth.missing_scope"),
            (Error::NotFound("service token `a`".into()), "Service token 'a' not found", "token.not_found"),
            (Error::Conflict("taken".into()), "taken", "request.conflict"),
        ] {
            assert_eq!(put_into_form(error).await, json!({ "detail": { "message": message, "code": code } }));
        }
    }

    #[tokio::test]
    async fn a_value_that_cannot_be_used_is_named_by_its_field() {
        let body = put_into_form(Error::Invalid { field: "workspaces", problem: "too many".into() }).await;
        let misfit = json!({
            "type": "request.unprocessable", "loc": ["body", "workspace_ids"], "msg": "too many", "input": null,
        });
        assert_eq!(body, json!({ "detail": [misfit], "message": "workspace_ids: too many" }));
    }
}
