//! One HTTP client for everything: no redirects, bounded time, bounded answers.

use std::time::Duration;

use contract::Problem;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::ClientError;
use crate::roots::Roots;

/// The largest answer that is read, in bytes.
const LIMIT: usize = 32 << 20;
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest text that is told of a problem that is not known, in characters.
const TOLD: usize = 400;

/// A client that follows no redirect: a credential goes where it was meant to.
pub(crate) fn client(roots: Option<&Roots>) -> Result<Client, ClientError> {
    build(roots).map_err(|error| ClientError::Unexpected {
        address: "this computer".into(),
        status: None,
        why: error.to_string(),
        retry_after: None,
    })
}

pub(crate) fn build(roots: Option<&Roots>) -> reqwest::Result<Client> {
    let extra = roots.map(Roots::certificates).unwrap_or_default();
    Client::builder()
        .redirect(Policy::none())
        .connect_timeout(CONNECT)
        .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
        .tls_certs_merge(extra.iter().cloned())
        .build()
}

/// The network's innermost word, without the URL: a query may hold what a log must not.
pub(crate) fn unreachable(address: &str, error: reqwest::Error) -> ClientError {
    ClientError::Unreachable { address: address.to_owned(), why: innermost(&error.without_url()) }
}

/// What an error is about in the end.
pub(crate) fn innermost(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// Reads the body up to the limit.
pub(crate) async fn body(address: &str, mut response: Response) -> Result<Vec<u8>, ClientError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(address, error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LIMIT {
            return Err(ClientError::Unexpected {
                address: address.to_owned(),
                status: Some(response.status().as_u16()),
                why: "the answer does not end".into(),
                retry_after: None,
            });
        }
    }
    Ok(bytes)
}

/// Reads an answer: the value, or the problem. How long to wait is in the problem, wherever the answer said it.
pub(crate) async fn read<T: DeserializeOwned>(address: &str, response: Response) -> Result<T, ClientError> {
    let (status, retry_after) = (response.status(), seconds(response.headers()));
    let bytes = body(address, response).await?;
    let unexpected = |why: String| ClientError::Unexpected {
        address: address.to_owned(),
        status: Some(status.as_u16()),
        why,
        retry_after,
    };
    if status.is_success() {
        return serde_json::from_slice(&bytes).map_err(|error| unexpected(format!("{status}: {error}")));
    }
    match serde_json::from_slice::<Problem>(&bytes) {
        Ok(mut problem) => {
            let details = &mut problem.error.details;
            details.retry_after = details.retry_after.or(retry_after);
            Err(ClientError::Refused(Box::new(problem)))
        }
        Err(_) => Err(unexpected(unknown(status, &bytes))),
    }
}

/// `Retry-After` where it is a number (RFC 9110 §10.2.3).
fn seconds(headers: &HeaderMap) -> Option<u32> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

/// A problem with a code that a newer control plane has.
#[derive(Deserialize)]
struct OtherProblem {
    code: String,
    detail: String,
}

fn unknown(status: StatusCode, bytes: &[u8]) -> String {
    match serde_json::from_slice::<OtherProblem>(bytes) {
        Ok(OtherProblem { code, detail }) => {
            let told = format!("{status}, `{code}`, which this version does not know: {detail}");
            told.chars().take(TOLD).collect()
        }
        Err(_) => format!("{status} without a problem document"),
    }
}

#[cfg(test)]
mod tests {
    use contract::Code;

    use super::*;

    async fn answered(status: u16, headers: &[(&str, &str)], body: &str) -> ClientError {
        let mut response = http::Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        let response = Response::from(response.body(body.to_owned()).unwrap());
        read::<serde_json::Value>("https://cs.example.com", response).await.unwrap_err()
    }

    #[tokio::test]
    async fn a_refusal_that_is_not_known_is_told_and_keeps_its_status() {
        let newer = r#"{"code": "approval.too_many", "detail": "there are ten already", "status": 409}"#;
        for (status, body, words) in [
            (409, newer, "409 Conflict, `approval.too_many`, which this version does not know: there are ten already"),
            (403, "<html>no</html>", "403 Forbidden without a problem document"),
            (502, "<html>no</html>", "502 Bad Gateway without a problem document"),
        ] {
            let error = answered(status, &[], body).await;
            assert!(error.to_string().contains(words), "{error}");
            assert!(matches!(&error, ClientError::Unexpected { status: Some(kept), .. } if *kept == status));
            assert_eq!(error.is_silence(), status == 502, "{error}");
        }
        assert!(answered(200, &[], "<html>").await.is_silence());
    }

    #[tokio::test]
    async fn how_long_to_wait_is_kept_whoever_says_it() {
        let mut problem = Problem::new(Code::Unavailable, "x");
        let body = |problem: &Problem| serde_json::to_string(problem).unwrap();
        let wait = [("retry-after", "7")];
        assert_eq!(answered(503, &wait, &body(&problem)).await.retry_after(), Some(7));
        assert_eq!(answered(503, &wait, "<html>").await.retry_after(), Some(7));
        problem.error.details.retry_after = Some(37);
        assert_eq!(answered(503, &wait, &body(&problem)).await.retry_after(), Some(37));
        for other in ["soon", "-1", "Wed, 21 Oct 2026 07:28:00 GMT"] {
            assert_eq!(answered(503, &[("retry-after", other)], "").await.retry_after(), None, "{other}");
        }
    }
}
