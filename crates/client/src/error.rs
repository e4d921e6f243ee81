//! Why a call did not succeed, in the kinds that a program treats differently.

use contract::{Code, Problem};

/// Why a call did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The control plane refused.
    #[error("{}", .0.detail)]
    Refused(Box<Problem>),
    /// Nobody is signed in, or not any more.
    #[error("{0}")]
    SignedOut(String),
    /// A long work was begun and came to no report; a sentence of the control plane.
    #[error("{0}")]
    Failed(String),
    /// The control plane does not answer.
    #[error("{address} does not answer: {why}")]
    Unreachable {
        /// Where.
        address: String,
        /// What the network says.
        why: String,
    },
    /// It answers something that a control plane does not say.
    #[error("{address} does not answer as a Countersign control plane: {why}")]
    Unexpected {
        /// Where.
        address: String,
        /// The HTTP status, if it came that far.
        status: Option<u16>,
        /// What does not fit.
        why: String,
        /// How long it wants to be left alone, in seconds, if it said so.
        retry_after: Option<u32>,
    },
}

impl ClientError {
    /// The code of the refusal, if it is one.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Refused(problem) => Some(problem.code),
            _ => None,
        }
    }

    /// Whether the same call may succeed later without anyone doing anything.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable { .. }) || self.code().is_some_and(|code| code.status() == 503)
    }

    /// Whether nothing was said about the call itself: no answer came, or one that broke off, or somebody on the way says
    /// that nobody answers (5xx) or that it is too much (429). Any other status is an answer, whoever gave it.
    #[must_use]
    pub fn is_silence(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Unexpected { status: Some(status), .. } => matches!(status, 200..=299 | 429 | 500..=599),
            _ => false,
        }
    }

    /// How long the control plane, or a proxy before it, wants to be left alone, in seconds.
    #[must_use]
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Refused(problem) => problem.error.details.retry_after,
            Self::Unexpected { retry_after, .. } => *retry_after,
            Self::SignedOut(_) | Self::Failed(_) | Self::Unreachable { .. } => None,
        }
    }

    /// How old a login the control plane wants, in seconds, if that is what it wants (RFC 9470).
    #[must_use]
    pub fn step_up(&self) -> Option<u32> {
        match self {
            Self::Refused(problem) if problem.code == Code::StepUp => problem.error.details.max_age,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_nothing_of_the_call_is_silence() {
        let unexpected =
            |status| ClientError::Unexpected { address: "a".into(), status, why: "b".into(), retry_after: None };
        for status in [200, 201, 429, 500, 502, 503, 504] {
            assert!(unexpected(Some(status)).is_silence(), "{status}");
        }
        for status in [301, 400, 401, 403, 404, 409, 412, 422] {
            assert!(!unexpected(Some(status)).is_silence(), "{status}");
        }
        assert!(!unexpected(None).is_silence());
        assert!(ClientError::Unreachable { address: "a".into(), why: "b".into() }.is_silence());
        assert!(!ClientError::Refused(Box::new(Problem::new(Code::Conflict, "x"))).is_silence());
    }
}
