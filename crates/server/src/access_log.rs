//! One line and one span for each request, and its counts.
//!
//! The line holds what the route table and we ourselves wrote: method, template, status, time, request id, client,
//! principal, code. Never a path, a query, a header's value or a body: whatever a client sends stays out of the log.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use contract::{Code, Endpoint};
use control::Caller;
use tracing::Span;
use tracing::field::{Empty, display};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::address::ClientAddress;
use crate::app::App;
use crate::metrics::{Lasting, Metrics};
use crate::trace::TraceParent;

/// A request that is being answered.
pub(crate) struct Account {
    method: &'static str,
    route: &'static str,
    began: Instant,
    client: ClientAddress,
    who: Who,
    span: Span,
    metrics: Metrics,
    closed: bool,
    _in_flight: Lasting,
}

/// Of a request whose client hung up before it was answered. Nobody is told it; the use case may have gone on.
const HUNG_UP: u16 = 499;

/// Where the inside leaves word of who the caller is.
#[derive(Clone, Default)]
struct Who(Arc<OnceLock<String>>);

impl Account {
    /// Opens it, and leaves in the request where the caller is to be noted.
    pub(crate) fn open(app: &App, request: &mut Request, id: &str, client: ClientAddress) -> Self {
        let (method, route) = (method(request), route(request));
        let who = Who::default();
        request.extensions_mut().insert(who.clone());
        let name = format!("{method} {route}");
        let span = tracing::info_span!(
            "request",
            otel.name = name,
            otel.kind = "server",
            otel.status_code = Empty,
            request_id = id,
            trace_id = Empty,
            parent_span_id = Empty,
            http.request.method = method,
            http.route = route,
            http.response.status_code = Empty,
        );
        if let Some(parent) = TraceParent::of(request.headers()) {
            span.record("trace_id", display(&parent.trace)).record("parent_span_id", display(&parent.span));
            // Fails where traces are sent nowhere.
            drop(span.set_parent(parent.context()));
        }
        let metrics = app.metrics.clone();
        let in_flight = metrics.in_flight();
        Self { method, route, began: Instant::now(), client, who, span, metrics, closed: false, _in_flight: in_flight }
    }

    pub(crate) const fn span(&self) -> &Span {
        &self.span
    }

    /// Writes the line and counts.
    pub(crate) fn close(mut self, response: &Response, code: Option<Code>) {
        self.end(response.status().as_u16(), code);
    }

    fn end(&mut self, status: u16, code: Option<Code>) {
        self.closed = true;
        let took = self.began.elapsed();
        let principal = self.who.0.get().map(String::as_str);
        self.span.record("http.response.status_code", status);
        if status >= 500 {
            self.span.record("otel.status_code", "ERROR");
        }
        self.metrics.answered(self.route, self.method, status, took);
        match code {
            Some(code) if matches!(code.status(), 401 | 429) => self.metrics.authentication(code.text()),
            _ if principal.is_some() => self.metrics.authentication("accepted"),
            _ => {}
        }
        tracing::info!(
            parent: &self.span,
            method = self.method,
            route = self.route,
            status,
            ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            client = %self.client.0,
            principal,
            code = code.map(Code::text),
            "answered"
        );
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        if !self.closed {
            self.end(HUNG_UP, None);
        }
    }
}

/// Notes the caller that the guard has let in.
pub(crate) async fn note(request: Request, next: Next) -> Response {
    if let (Some(who), Some(caller)) = (request.extensions().get::<Who>(), request.extensions().get::<Caller>()) {
        // Noted once: nobody else does.
        drop(who.0.set(caller.principal.to_string()));
    }
    next.run(request).await
}

/// The template of the route table; a path that it does not know is not repeated.
fn route(request: &Request) -> &'static str {
    let matched = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let known = Endpoint::ALL.iter().find(|route| Some(route.path) == matched);
    known.map_or("none", |route| route.path)
}

/// The method, if it is one that the standard names (RFC 9110 §9.3).
fn method(request: &Request) -> &'static str {
    const KNOWN: &[&str] = &["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
    KNOWN.iter().find(|known| **known == request.method().as_str()).unwrap_or(&"other")
}
