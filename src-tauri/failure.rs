//! Every error as the page shows it: a stable code and a sentence.

use client::sign_in::SignInError;
use client::trust::TrustError;
use client::{BadAddress, ClientError, VaultError};

use crate::ipc::Failure;

impl Failure {
    /// A failure of the console itself. Codes begin with `console.`.
    pub(crate) fn new(code: &str, detail: impl std::fmt::Display) -> Self {
        Self { code: format!("console.{code}"), detail: format!("{detail}") }
    }

    /// Nothing was chosen yet.
    pub(crate) fn not_connected() -> Self {
        Self::new("not_connected", "no control plane is chosen yet")
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let detail = error.to_string();
        match error {
            ClientError::Refused(problem) => Self { code: problem.code.text().to_owned(), detail },
            ClientError::SignedOut(_) => Self::new("signed_out", detail),
            ClientError::Failed(_) => Self::new("failed", detail),
            ClientError::Unreachable { .. } => Self::new("offline", detail),
            ClientError::Unexpected { .. } => Self::new("unexpected_answer", detail),
        }
    }
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        let code = match &error {
            SignInError::Client(_) => "offline",
            SignInError::Discovery(_) => "sign_in_discovery",
            SignInError::Listen(_) => "sign_in_listen",
            SignInError::Browser(_, _) => "browser",
            SignInError::Denied => "sign_in_denied",
            SignInError::Refused(_) => "sign_in_refused",
            SignInError::TimedOut => "sign_in_timed_out",
        };
        Self::new(code, error)
    }
}

impl From<TrustError> for Failure {
    fn from(error: TrustError) -> Self {
        let code = if matches!(error, TrustError::Roster(_)) { "roster_not_trusted" } else { "trust" };
        Self::new(code, error)
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        Self::new("keyring", error)
    }
}

impl From<BadAddress> for Failure {
    fn from(error: BadAddress) -> Self {
        Self::new("address", error)
    }
}

impl From<crate::windows::CannotOpen> for Failure {
    fn from(error: crate::windows::CannotOpen) -> Self {
        Self::new("window", error)
    }
}
