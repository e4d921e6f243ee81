//! Long answers: JSON Lines (`application/x-ndjson`), one `Step` a line, the last of which is the report or why there is none.
//!
//! Invariant: an answer that breaks off is never taken for a report. A line, and the silence between two of them, have
//! bounds; the whole has none, because a replay of years takes as long as it takes.

use std::time::Duration;

use contract::policies::Step;
use domain::policy::Progress;
use reqwest::{Method, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::api::Api;
use crate::{ClientError, transport};

/// How long nothing may come: a proof can take its time between two words of progress.
pub(super) const SILENCE: Duration = Duration::from_mins(3);
/// The longest line, in bytes.
const LINE: usize = 32 << 20;

impl Api {
    pub(super) async fn steps<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        tell: impl FnMut(Progress) + Send,
    ) -> Result<T, ClientError> {
        let address = self.address.issuer();
        let begun = timeout(SILENCE, self.send(Method::POST, path, None, |call| call.json(body)));
        let response = begun.await.map_err(|_| silent(&address))??;
        if !response.status().is_success() {
            // Not one that is read: `read` tells the problem.
            let status = response.status().as_u16();
            transport::read::<serde_json::Value>(&address, response).await?;
            return Err(unexpected(&address, status, "there is no answer in it".into()));
        }
        read(&address, response, tell).await
    }
}

async fn read<T: DeserializeOwned>(
    address: &str,
    mut response: Response,
    mut tell: impl FnMut(Progress) + Send,
) -> Result<T, ClientError> {
    let status = response.status().as_u16();
    let mut buffer = Vec::new();
    loop {
        let chunk = timeout(SILENCE, response.chunk()).await.map_err(|_| silent(address))?;
        let chunk = chunk.map_err(|error| transport::unreachable(address, error))?;
        let ended = chunk.is_none();
        let searched = buffer.len();
        buffer.extend_from_slice(&chunk.unwrap_or_default());
        let mut from = 0;
        let mut look = searched;
        while let Some(end) = buffer[look..].iter().position(|byte| *byte == b'\n').map(|at| look + at) {
            if let Some(report) = step(address, status, &buffer[from..end], &mut tell)? {
                return Ok(report);
            }
            (from, look) = (end + 1, end + 1);
        }
        buffer.drain(..from);
        if ended {
            // A last line may have no end.
            let last = step(address, status, &buffer, &mut tell)?;
            return last.ok_or_else(|| unexpected(address, status, "the answer broke off before its report".into()));
        }
        if buffer.len() > LINE {
            return Err(unexpected(address, status, "a line of the answer does not end".into()));
        }
    }
}

/// The report, if the line is one.
fn step<T: DeserializeOwned>(
    address: &str,
    status: u16,
    line: &[u8],
    tell: &mut impl FnMut(Progress),
) -> Result<Option<T>, ClientError> {
    if line.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    match serde_json::from_slice::<Step<T>>(line) {
        Ok(Step::Progress(progress)) => {
            tell(progress);
            Ok(None)
        }
        Ok(Step::Report(report)) => Ok(Some(*report)),
        Ok(Step::Failed(why)) => Err(ClientError::Failed(why)),
        Err(error) => Err(unexpected(address, status, format!("a line of the answer cannot be read: {error}"))),
    }
}

fn silent(address: &str) -> ClientError {
    let why = format!("nothing came for {} seconds", SILENCE.as_secs());
    ClientError::Unreachable { address: address.to_owned(), why }
}

fn unexpected(address: &str, status: u16, why: String) -> ClientError {
    ClientError::Unexpected { address: address.to_owned(), status: Some(status), why, retry_after: None }
}

#[cfg(test)]
mod tests {
    use domain::policy::Tally;
    use futures_util::stream;
    use reqwest::Body;

    use super::*;

    const ADDRESS: &str = "https://cs.example.com";
    const TALLY: &str = r#"{"report":{"from":"2026-01-01T00:00:00Z","decisions":3,"flips":2,"widening":1}}"#;

    /// What is read of an answer that comes in these parts, and the progress that was told.
    async fn answered(parts: &[&str]) -> (Result<Tally, ClientError>, Vec<u32>) {
        let parts: Vec<_> = parts.iter().map(|part| Ok::<_, std::io::Error>((*part).to_owned())).collect();
        let response = http::Response::new(Body::wrap_stream(stream::iter(parts)));
        let mut told = vec![];
        let read = read(ADDRESS, Response::from(response), |progress| told.push(progress.done)).await;
        (read, told)
    }

    #[tokio::test]
    async fn steps_are_read_however_the_network_parts_them() {
        let whole = format!(
            "{{\"progress\":{{\"done\":1,\"total\":9}}}}\n\n{{\"progress\":{{\"done\":2,\"total\":null}}}}\r\n{TALLY}\n"
        );
        for size in [1, 7, 4096] {
            let parts: Vec<_> = whole.as_bytes().chunks(size).map(|part| std::str::from_utf8(part).unwrap()).collect();
            let (read, told) = answered(&parts).await;
            assert_eq!((read.unwrap().flips, told), (2, vec![1, 2]), "{size}");
        }
        assert_eq!(answered(&[TALLY]).await.0.unwrap().decisions, 3, "the last line has no end");
    }

    #[tokio::test]
    async fn what_breaks_off_or_fails_is_no_report() {
        for (parts, words) in [
            (&["{\"progress\":{\"done\":1,\"total\":9}}\n"][..], "broke off before its report"),
            (&[], "broke off before its report"),
            (&[&TALLY[..20]], "cannot be read"),
            (&["<html>\n"], "cannot be read"),
            (&["{\"failed\":\"the solver died\"}\n", TALLY], "the solver died"),
        ] {
            let error = answered(parts).await.0.unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
