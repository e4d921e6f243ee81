//! Requests that are carried out once, whatever the network loses: each goes under an idempotency key.
//!
//! One that makes a secret is repeated once under the same key if its answer does not arrive: either it had not been
//! carried out, and now it is, or the control plane names what was made, so that no secret is left that nobody has.
//! Deliberately absent: a second repeat; whoever called decides that.

use std::time::Duration;

use client::ClientError;
use contract::Code;
use domain::Ids;
use domain::ambient::{OsEntropy, SystemClock};

use crate::exit::Failure;
use crate::output::{Output, prose};

/// How long after an answer that did not arrive it is asked for again.
const PAUSE: Duration = Duration::from_millis(200);

/// A key under which a request is carried out once: the one that was given, or a fresh one.
pub(crate) fn key(given: Option<&str>) -> String {
    given.map_or_else(|| Ids { clock: &SystemClock, entropy: &OsEntropy }.ulid().to_string(), str::to_owned)
}

/// Makes the call, and makes it once more if nobody knows what became of it.
pub(crate) async fn ask<T>(
    out: Output,
    mut call: impl AsyncFnMut() -> Result<T, ClientError>,
) -> Result<T, ClientError> {
    match call().await {
        Err(error) if is_lost(&error) => {
            let error = prose(&error.to_string());
            out.note(&format!("no answer arrived; asking once more under the same idempotency key ({error})"));
            tokio::time::sleep(PAUSE).await;
            call().await
        }
        answer => answer,
    }
}

/// Whether it is not known if the call was carried out.
pub(crate) fn is_lost(error: &ClientError) -> bool {
    error.is_silence() || error.code() == Some(Code::OutcomeUnknown)
}

/// The id of what was made when this was asked before.
pub(crate) fn made_before(error: &ClientError) -> Option<&str> {
    match error {
        ClientError::Refused(problem) if problem.code == Code::AlreadyDone => problem.error.details.id.as_deref(),
        _ => None,
    }
}

/// Adds how to find out whether it was done, if it is `lost`: not even the repeat was answered.
pub(crate) fn unless_known(failure: Failure, lost: bool, key: &str) -> Failure {
    if !lost {
        return failure;
    }
    let same = format!("the same command with `--idempotency-key {key}`");
    failure.also(format!("it may or may not have been done: {same} does it, or names what was made"))
}

#[cfg(test)]
mod tests {
    use contract::{Details, Problem};

    use super::*;

    const OUT: Output = Output { json: false };

    fn silence() -> ClientError {
        ClientError::Unreachable { address: "a".into(), why: "b".into() }
    }

    fn refused(code: Code) -> ClientError {
        ClientError::Refused(Box::new(Problem::new(code, "x")))
    }

    #[tokio::test]
    async fn what_was_lost_is_asked_for_once_more_and_what_was_refused_is_not() {
        for (first, times) in [
            (silence(), 2),
            (refused(Code::OutcomeUnknown), 2),
            (refused(Code::Unavailable), 1),
            (refused(Code::AlreadyDone), 1),
            (refused(Code::MissingScope), 1),
        ] {
            let (mut answers, mut asked) = (vec![Ok(()), Err(first)], 0);
            let answer = ask(OUT, async || {
                asked += 1;
                answers.pop().unwrap()
            });
            assert_eq!(answer.await.is_ok(), times == 2);
            assert_eq!(asked, times);
        }
        let mut asked = 0;
        let never = ask(OUT, async || {
            asked += 1;
            Err::<(), _>(silence())
        });
        assert!(is_lost(&never.await.unwrap_err()));
        assert_eq!(asked, 2);
    }

    #[test]
    fn keys_are_fresh_unless_one_is_given_and_what_was_made_before_has_a_name() {
        assert_eq!(key(Some("k")), "k");
        assert_ne!(key(None), key(None));
        let mut problem = Problem::new(Code::AlreadyDone, "x");
        problem.error.details = Details { id: Some("crd_1".into()), ..Details::default() };
        assert_eq!(made_before(&ClientError::Refused(Box::new(problem))), Some("crd_1"));
        assert_eq!(made_before(&silence()), None);
    }
}
