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
        /// What does not fit.
        why: String,
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

    /// How old a login the control plane wants, in seconds, if that is what it wants (RFC 9470).
    #[must_use]
    pub fn step_up(&self) -> Option<u32> {
        match self {
            Self::Refused(problem) if problem.code == Code::StepUp => problem.error.details.max_age,
            _ => None,
        }
    }
}
