//! Revisions as HTTP has them: an `ETag` on what is read, an `If-Match` on what is changed (RFC 9110 §8.8.3, §13.1.1).

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, header};

use crate::problem::Refusal;

/// The revisions that a change is for; absent if it is for any.
pub(crate) struct IfMatch(pub(crate) Option<Vec<i64>>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        let given: Vec<_> = parts.headers.get_all(header::IF_MATCH).iter().collect();
        if given.is_empty() || given.iter().any(|value| value.as_bytes() == b"*") {
            return Ok(Self(None));
        }
        // A tag that is not ours, or a weak one, matches nothing.
        let tags = given.iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
        Ok(Self(Some(tags.filter_map(revision).collect())))
    }
}

/// The header that tells a revision.
pub(crate) fn tag(revision: i64) -> [(HeaderName, String); 1] {
    [(header::ETAG, format!("\"{revision}\""))]
}

fn revision(tag: &str) -> Option<i64> {
    tag.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_reads_back_and_a_weak_one_does_not() {
        let [(_, text)] = tag(7);
        assert_eq!(revision(&text), Some(7));
        for bad in ["7", "W/\"7\"", "\"x\"", "\""] {
            assert_eq!(revision(bad), None, "{bad}");
        }
    }
}
