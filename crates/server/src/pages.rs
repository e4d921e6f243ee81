//! The pages that a browser sees: sign-in, and the reason why it cannot go on. They work without script.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{Html, IntoResponse};
use control::sign_in::AuthorizationRequest;
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("pages/style.css");
/// SHA-256 of [`STYLE`], base64: the only style that the page's policy lets in. A test keeps it current.
const STYLE_HASH: &str = include_str!("pages/style.sha256");

/// The sign-in form. The request travels along in hidden fields and is checked again when it comes back.
pub(crate) fn login(
    request: &AuthorizationRequest,
    scope: Option<&str>,
    email: &str,
    problem: Option<&str>,
) -> impl IntoResponse + use<> {
    let port = request.redirect_uri.split('/').nth(2).unwrap_or("").to_owned();
    let hidden = [
        ("response_type", "code"),
        ("client_id", &request.client_id),
        ("redirect_uri", &request.redirect_uri),
        ("code_challenge", &request.code_challenge),
        ("code_challenge_method", "S256"),
        ("state", &request.state),
        ("scope", scope.unwrap_or("")),
    ];
    let body = html! {
        h1 { "Sign in to Countersign" }
        p { "The Countersign console on this computer asks you to sign in. Go on only if you have just started this yourself." }
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        form method="post" action="/api/v1/oauth/authorize" {
            @for (name, value) in hidden { input type="hidden" name=(name) value=(value); }
            label for="email" { "E-mail address" }
            input #email name="email" type="email" autocomplete="username" required autofocus[email.is_empty()] value=(email);
            label for="password" { "Password" }
            input #password name="password" type="password" autocomplete="current-password" required autofocus[!email.is_empty()];
            div.actions {
                button.primary type="submit" { "Sign in" }
                button type="submit" name="cancel" value="1" formnovalidate { "Cancel" }
            }
        }
        p.small { "You will be taken back to " code { (port) } " on this computer." }
    };
    // The browser follows the redirect after the form, so the form's targets are this page and the console's listener.
    page("Sign in · Countersign", &body, &format!("'self' http://{port}"))
}

/// A page that says why it cannot go on.
pub(crate) fn stop(why: &str) -> impl IntoResponse + use<> {
    page(
        "Countersign",
        &html! { h1 { "This cannot go on" } p.problem { (why) } p { "Close this page and start again from the console." } },
        "'none'",
    )
}

fn page(title: &str, body: &Markup, form_action: &str) -> ([(HeaderName, HeaderValue); 2], Html<String>) {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { (body) } }
        }
    };
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; form-action {form_action}; frame-ancestors 'none'; base-uri 'none'",
        STYLE_HASH.trim()
    );
    let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    // With `no-referrer` a browser sends the form with `Origin: null`, which is refused.
    let referrer = HeaderValue::from_static("same-origin");
    ([(header::CONTENT_SECURITY_POLICY, policy), (header::REFERRER_POLICY, referrer)], Html(markup.into_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_policy_lets_in_this_style_and_no_other() {
        use base64::Engine as _;
        let digest = domain::Digest::of_content(STYLE.as_bytes());
        assert_eq!(base64::engine::general_purpose::STANDARD.encode(digest.as_bytes()), STYLE_HASH.trim());
    }
}
