//! `/api/openapi.json`: the description of the API, built once from the route table.

use std::sync::LazyLock;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Digest;

static DOCUMENT: LazyLock<(String, String)> = LazyLock::new(|| {
    let text = contract::openapi::document().to_string();
    let tag = format!("\"{}\"", Digest::of_content(text.as_bytes()).hex());
    (text, tag)
});

/// The document, or nothing if the caller has it already (RFC 9110 §13.1.2).
pub(crate) async fn document(headers: HeaderMap) -> Response {
    let (text, tag) = &*DOCUMENT;
    // It tells nothing that is not public, so a cache may keep it as long as it asks whether it still holds.
    let kept = [(header::ETAG, tag.as_str()), (header::CACHE_CONTROL, "no-cache")];
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut known = known.flat_map(|list| list.split(',')).map(|one| one.trim().trim_start_matches("W/"));
    if known.any(|one| one == tag || one == "*") {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    (kept, [(header::CONTENT_TYPE, "application/json")], text.as_str()).into_response()
}
