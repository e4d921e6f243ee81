//! What holds for every request before a route is chosen, and for every response: a request id, the right host, one
//! reading of its length, safe headers.

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use contract::{Code, Problem};

use crate::app::App;
use crate::orcheo;
use crate::problem::Refusal;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Headers of every response.
const SAFE: &[(HeaderName, &str)] = &[
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Wraps the whole router.
pub(crate) async fn wrap(State(app): State<App>, request: Request, next: Next) -> Response {
    let id = app.control.request_id();
    let for_orcheo = orcheo::is_for(request.uri().path());
    let response = match refuse(&app, &request) {
        Some(refusal) => refusal.into_response(),
        None => next.run(request).await,
    };
    finish(response, &id, for_orcheo)
}

fn refuse(app: &App, request: &Request) -> Option<Refusal> {
    let headers = request.headers();
    let hosts: Vec<_> = headers.get_all(header::HOST).iter().filter_map(|host| host.to_str().ok()).collect();
    let known = |host: &&str| app.hosts.iter().any(|known| known.eq_ignore_ascii_case(host));
    if hosts.len() != 1 || !hosts.iter().all(known) {
        return Some(Refusal::new(Code::Misdirected, "the Host header does not name this control plane"));
    }
    // hyper drops a Content-Length that comes beside it, so that the two cannot be told apart from one (RFC 9112 §6.1).
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return Some(Refusal::new(Code::RequestMalformed, "send the body with its Content-Length, not in chunks"));
    }
    // A page of another site may make the browser send a request, but not one that changes something.
    let origin = headers.get(header::ORIGIN).map(|origin| origin.to_str().unwrap_or(""));
    let ours =
        |origin: &str| app.hosts.iter().any(|host| origin.split_once("://").is_some_and(|(_, rest)| rest == host));
    if request.method() != Method::GET && origin.is_some_and(|origin| !ours(origin)) {
        return Some(Refusal::new(Code::ForeignOrigin, "the request comes from a page of another site"));
    }
    None
}

fn finish(mut response: Response, id: &str, for_orcheo: bool) -> Response {
    if let Some(mut problem) = response.extensions_mut().remove::<Problem>() {
        problem.request_id = Some(id.to_owned());
        *response.body_mut() = Json(&problem).into_response().into_body();
        response.headers_mut().remove(header::CONTENT_LENGTH);
        if for_orcheo {
            let words = response.extensions_mut().remove();
            orcheo::put(&problem, words, &mut response);
        }
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, value);
    }
    for (name, value) in SAFE {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}

/// There is no such path.
pub(crate) async fn not_found() -> Refusal {
    Refusal::new(Code::NotFound, "there is no such path; `GET /api/v1/system/info` tells what this is")
}

/// The path is there, the method is not.
pub(crate) async fn method_not_allowed() -> Refusal {
    Refusal::new(Code::MethodNotAllowed, "this path is not called with that method")
}

/// A handler panicked: the client is told no more than that.
pub(crate) fn panicked(_panic: Box<dyn std::any::Any + Send>) -> http::Response<Body> {
    tracing::error!("a handler panicked");
    Refusal::new(Code::Internal, "something went wrong on our side; the request id finds it in the logs")
        .into_response()
}
