//! Refusals as Orcheo's clients expect them on a socket: it opens and closes at once, with a code that they know.
//!
//! For those who offer its sub-protocol or ask on its path; everyone else is refused before the socket opens. Its texts
//! are kept where they say the same.

use axum::extract::{FromRequestParts as _, Request, WebSocketUpgrade};
use axum::response::{IntoResponse as _, Response};
use contract::{Code, Endpoint};

use crate::accept::Seat;
use crate::dialogue::{self, Farewell};
use crate::presented;
use crate::problem::Refusal;

/// Authentication failed, or holds no more.
const UNAUTHENTICATED: u16 = 4401;
/// Authenticated, but not allowed.
const FORBIDDEN: u16 = 4403;

/// Refuses a request, on its socket if that is what the client understands.
pub(crate) async fn refuse(endpoint: Endpoint, request: Request, refusal: Refusal) -> Response {
    let orcheo = matches!(endpoint, Endpoint::WorkflowSocket | Endpoint::OneWorkflowSocket)
        || (presented::is_socket(endpoint) && presented::offered(request.headers()).any(|name| name == "orcheo-auth"));
    let Some(farewell) = farewell(&refusal).filter(|_| orcheo) else { return refusal.into_response() };
    let (mut parts, _) = request.into_parts();
    let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut parts, &()).await else {
        return refusal.into_response();
    };
    let seat = parts.extensions.get::<Seat>().cloned();
    let mut response = dialogue::bounded(upgrade).on_upgrade(async move |socket| {
        dialogue::close(socket, farewell).await;
        drop(seat);
    });
    // For the log and the counts.
    response.extensions_mut().insert(refusal.into_problem());
    response
}

/// How a socket is closed for a refusal; `None` if the refusal is not about who is there.
pub(crate) fn farewell(refusal: &Refusal) -> Option<Farewell> {
    let code = match refusal.code().status() {
        401 | 429 => UNAUTHENTICATED,
        403 => FORBIDDEN,
        _ => return None,
    };
    let reason = match refusal.code() {
        Code::MissingToken => "Missing bearer token".to_owned(),
        Code::InvalidScheme => "Authorization header must use the Bearer scheme".to_owned(),
        Code::InvalidToken => "Invalid bearer token".to_owned(),
        Code::TokenExpired => "Bearer token has expired".to_owned(),
        Code::AuthenticationRequired => "Authentication required".to_owned(),
        _ => {
            let mut text = refusal.detail().chars();
            text.next().map(|first| first.to_ascii_uppercase().to_string() + text.as_str()).unwrap_or_default()
        }
    };
    Some(Farewell::new(code, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_the_caller_has_a_code_of_its_own_and_others_have_none() {
        let of =
            |code| farewell(&Refusal::new(code, "too many attempts")).map(|farewell| (farewell.code, farewell.reason));
        assert_eq!(of(Code::MissingToken), Some((4401, "Missing bearer token".into())));
        assert_eq!(of(Code::RateLimitedAddress), Some((4401, "Too many attempts".into())));
        assert_eq!(of(Code::MissingScope).unwrap().0, 4403);
        assert_eq!(of(Code::TokenInUrl), None);
        assert_eq!(of(Code::Unavailable), None);
    }
}
