//! Going on while the control plane does not answer, and waiting for a ticket.
//!
//! A control plane that restarts, or a proxy before it that has nobody to ask, is waited for. What is refused is not asked
//! again, whoever refuses it.

use std::time::Duration;

use client::{Api, ClientError};
use contract::Code;
use contract::approvals::Ticket;
use domain::ambient::SystemClock;
use domain::review::CLOCK_SKEW_SECONDS;
use domain::ticket::State;
use domain::{Clock as _, Instant};

use crate::output::{Output, prose};

const SHORTEST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(5);

/// Whether the control plane is silent now; says so once, and once that it answers again.
pub(crate) struct Patience {
    out: Output,
    silent: bool,
    pause: Duration,
}

impl Patience {
    pub(crate) const fn new(out: Output) -> Self {
        Self { out, silent: false, pause: SHORTEST }
    }

    /// Repeats a call that is safe to repeat until it is answered, or `until` has come.
    pub(crate) async fn call<T>(
        &mut self,
        until: Instant,
        mut call: impl AsyncFnMut() -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        loop {
            match call().await {
                Err(error) if is_silence(&error) && SystemClock.now().is_before(until) => self.wait(&error).await,
                Err(error) => return Err(error),
                Ok(answer) => {
                    self.answered();
                    return Ok(answer);
                }
            }
        }
    }

    /// Says once that nobody answers, and waits a little longer each time.
    pub(crate) async fn wait(&mut self, error: &ClientError) {
        if !self.silent {
            let error = prose(&error.to_string());
            self.out.note(&format!("the control plane does not answer; waiting ({error})"));
            self.silent = true;
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST);
    }

    fn answered(&mut self) {
        if std::mem::take(&mut self.silent) {
            self.out.note("it answers again");
        }
        self.pause = SHORTEST;
    }
}

/// Whether nothing was said about the call itself, so that it may be repeated.
pub(crate) fn is_silence(error: &ClientError) -> bool {
    let limited = matches!(error.code(), Some(Code::RateLimitedAddress | Code::RateLimitedIdentity));
    limited || error.is_passing() || error.is_silence()
}

/// The ticket once it is no longer pending. Gives up when it must have expired and the control plane is still silent.
pub(crate) async fn until_settled(api: &Api, mut ticket: Ticket, out: Output) -> Result<Ticket, ClientError> {
    let mut patience = Patience::new(out);
    while ticket.state == State::Pending {
        // The call that waits would tell only later that somebody answers again.
        let asked = if patience.silent {
            api.ticket(ticket.id).await
        } else {
            api.wait_ticket(ticket.id, State::Pending.name()).await
        };
        // Clocks differ: only then is it surely over.
        let surely_over = ticket.approval_expires_at.plus(CLOCK_SKEW_SECONDS);
        match asked {
            Ok(now) => {
                patience.answered();
                ticket = now;
            }
            Err(error) if is_silence(&error) && SystemClock.now().is_before(surely_over) => patience.wait(&error).await,
            Err(error) => return Err(error),
        }
    }
    Ok(ticket)
}

#[cfg(test)]
mod tests {
    use contract::Problem;

    use super::*;

    #[test]
    fn what_was_refused_is_not_asked_again() {
        let refused = |code| ClientError::Refused(Box::new(Problem::new(code, "x")));
        assert!(is_silence(&refused(Code::Unavailable)));
        for (status, silent) in [(200, true), (502, true), (403, false), (409, false), (302, false)] {
            let (address, why) = ("a".into(), "b".into());
            let unknown = ClientError::Unexpected { address, status: Some(status), why, retry_after: None };
            assert_eq!(is_silence(&unknown), silent, "{status}");
        }
        for code in [Code::Consumed, Code::TokenRevoked, Code::NotFound, Code::BindingMismatch, Code::Internal] {
            assert!(!is_silence(&refused(code)), "{code:?}");
        }
    }

    #[tokio::test]
    async fn a_call_is_repeated_until_it_is_answered_and_not_beyond_its_time() {
        let out = Output { json: false };
        let silence = || ClientError::Unreachable { address: "a".into(), why: "b".into() };
        let mut asked = 0;
        let answer = Patience::new(out)
            .call(SystemClock.now().plus(60), async || {
                asked += 1;
                if asked < 3 { Err(silence()) } else { Ok(asked) }
            })
            .await;
        assert_eq!(answer.unwrap(), 3);
        let late = Patience::new(out).call(SystemClock.now(), async || Err::<(), _>(silence())).await;
        assert!(late.unwrap_err().is_passing());
    }
}
