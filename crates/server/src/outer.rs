//! What holds for every request before a handler sees it, and for every response: the client's address, a request id,
//! the right host, one reading of its length, a line in the log, safe headers.

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use contract::{Code, Problem};
use tracing::Instrument as _;

use crate::access_log::Account;
use crate::address::{self, ClientAddress, Peer, TwoVoices};
use crate::app::App;
use crate::front::Front;
use crate::orcheo;
use crate::problem::Refusal;
use crate::trace;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Where AuthZEN is spoken.
const AUTHZEN: &str = "/access/v1/";

/// What finds the request in the logs, for handlers that tell it themselves.
#[derive(Clone)]
pub(crate) struct RequestId(pub(crate) String);

/// Headers of every response.
const SAFE: &[(HeaderName, &str)] = &[
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Wraps the whole router.
pub(crate) async fn wrap(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let for_orcheo = orcheo::is_for(request.uri().path());
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    let believed = peer.filter(|peer| address::within(*peer, &app.front.proxies));
    let id = believed.and_then(|_| trace::request_id(request.headers())).unwrap_or_else(|| app.control.request_id());
    let nobody = ClientAddress::of(request.extensions());
    let client = peer.map_or(Ok(nobody), |peer| address::client_of(peer, request.headers(), &app.front.proxies));
    let near = peer.map_or(nobody, ClientAddress::canonical);
    request.extensions_mut().insert(client.unwrap_or(near));
    request.extensions_mut().insert(RequestId(id.clone()));
    let theirs = echoed(&request);
    let account = Account::open(&app, &mut request, &id, client.unwrap_or(near));
    let refused = refuse(&app.front, &request, client);
    let answer = async {
        match refused {
            Some(refusal) => refusal.into_response(),
            None => next.run(request).await,
        }
    };
    let response = answer.instrument(account.span().clone()).await;
    let code = response.extensions().get::<Problem>().map(|problem| problem.code);
    let mut response = finish(response, &id, &app.front, for_orcheo);
    if let Some(theirs) = theirs {
        response.headers_mut().insert(REQUEST_ID, theirs);
    }
    account.close(&response, code);
    response
}

/// What AuthZEN has the answer repeat (Authorization API 1.0 §10.1.3). The logs know the request by an id that nobody else
/// chose.
fn echoed(request: &Request) -> Option<HeaderValue> {
    const LONGEST: usize = 256;
    let asked = request.uri().path().starts_with(AUTHZEN);
    request.headers().get(REQUEST_ID).filter(|id| asked && (1..=LONGEST).contains(&id.len())).cloned()
}

fn refuse(front: &Front, request: &Request, client: Result<ClientAddress, TwoVoices>) -> Option<Refusal> {
    if let Err(error) = client {
        return Some(Refusal::new(Code::RequestMalformed, error.to_string()));
    }
    let most = front.http.max_target_bytes;
    if request.uri().path_and_query().is_some_and(|target| target.as_str().len() > most) {
        return Some(Refusal::new(Code::TargetTooLong, format!("path and query may have {most} bytes together")));
    }
    let headers = request.headers();
    let hosts: Vec<_> = headers.get_all(header::HOST).iter().filter_map(|host| host.to_str().ok()).collect();
    if hosts.len() != 1 || !hosts.iter().all(|host| front.is_host(host)) {
        return Some(Refusal::new(Code::Misdirected, "the Host header does not name this control plane"));
    }
    // hyper drops a Content-Length that comes beside it, so that the two cannot be told apart from one (RFC 9112 §6.1).
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return Some(Refusal::new(Code::RequestMalformed, "send the body with its Content-Length, not in chunks"));
    }
    // Nothing here unpacks a body: one that grows when it is unpacked is refused as it is.
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Some(Refusal::new(Code::MediaType, "send the body without a Content-Encoding"));
    }
    // A page of another site may make the browser send a request, but not one that changes something, nor open a socket,
    // which it could read (RFC 6455 §10.2).
    let mut origins = headers.get_all(header::ORIGIN).iter().map(|origin| origin.to_str().unwrap_or(""));
    let reads = request.method() == Method::GET && !headers.contains_key(header::UPGRADE);
    if !reads && origins.any(|origin| !front.is_origin(origin)) {
        return Some(Refusal::new(Code::ForeignOrigin, "the request comes from a page of another site"));
    }
    None
}

fn finish(mut response: Response, id: &str, front: &Front, for_orcheo: bool) -> Response {
    let problem = response.extensions_mut().remove::<Problem>();
    if let Some(mut problem) = problem.filter(|_| response.status() != StatusCode::SWITCHING_PROTOCOLS) {
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
    if let Some(value) = &front.hsts {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value.clone());
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
