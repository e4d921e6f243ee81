//! One HTTP client for everything: no redirects, bounded time, bounded answers.

use std::time::Duration;

use contract::Problem;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde::de::DeserializeOwned;

use crate::ClientError;

/// The largest answer that is read, in bytes.
const LIMIT: usize = 32 << 20;
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// A client that follows no redirect: a credential goes where it was meant to.
pub(crate) fn client() -> Result<Client, ClientError> {
    Client::builder()
        .redirect(Policy::none())
        .connect_timeout(CONNECT)
        .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| ClientError::Unexpected { address: "this computer".into(), why: error.to_string() })
}

/// The network's innermost word, without the URL: a query may hold what a log must not.
pub(crate) fn unreachable(address: &str, error: reqwest::Error) -> ClientError {
    let error = error.without_url();
    let mut innermost: &dyn std::error::Error = &error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    ClientError::Unreachable { address: address.to_owned(), why: innermost.to_string() }
}

/// Reads the body up to the limit.
pub(crate) async fn body(address: &str, mut response: Response) -> Result<Vec<u8>, ClientError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(address, error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LIMIT {
            return Err(ClientError::Unexpected { address: address.to_owned(), why: "the answer does not end".into() });
        }
    }
    Ok(bytes)
}

/// Reads an answer: the value, or the problem.
pub(crate) async fn read<T: DeserializeOwned>(address: &str, response: Response) -> Result<T, ClientError> {
    let status = response.status();
    let bytes = body(address, response).await?;
    let unexpected = |why: String| ClientError::Unexpected { address: address.to_owned(), why };
    if status.is_success() {
        return serde_json::from_slice(&bytes).map_err(|error| unexpected(format!("{status}: {error}")));
    }
    match serde_json::from_slice::<Problem>(&bytes) {
        Ok(problem) => Err(ClientError::Refused(Box::new(problem))),
        Err(_) => Err(unexpected(format!("{status} without a problem document"))),
    }
}
