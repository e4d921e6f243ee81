//! Exit codes: a closed set of kinds, each with its number, and the one place that says which error is which.
//!
//! `exec` otherwise ends as its command did. The table below is part of `--help`.

mod hint;

use std::fmt;

use client::ClientError;
use client::trust::TrustError;
use client::witness::WitnessRefusal;
use contract::Code;
use domain::grant::GrantError;
use domain::roster::ChainError;
use nix::sys::signal::Signal;
use server::{ConfigError, StartError};

macro_rules! exits {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $meaning:literal;)*) => {
        /// Why the program ends without having done what was asked.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Exit { $($(#[$doc])* $name,)* }

        impl Exit {
            const ALL: &[Self] = &[$(Self::$name),*];

            /// The process exit code.
            pub(crate) const fn code(self) -> u8 {
                match self { $(Self::$name => $code),* }
            }

            const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning),* }
            }
        }
    };
}

exits! {
    /// `EX_USAGE`.
    Usage = 64, "the command line, a file or a value in the request cannot be used";
    /// `EX_NOINPUT`.
    NotFound = 66, "there is no such thing, or it may not be seen";
    /// `EX_UNAVAILABLE`.
    Unavailable = 69, "the control plane does not answer, or cannot record anything now";
    /// `EX_SOFTWARE`.
    Internal = 70, "a defect";
    /// `EX_IOERR`.
    Storage = 74, "a file, a folder or the database cannot be used";
    /// `EX_TEMPFAIL`.
    Taken = 75, "`serve` cannot listen: the address is taken";
    /// `EX_NOPERM`.
    NotAuthenticated = 77, "no credential, or one that is not accepted";
    /// `EX_CONFIG`.
    Config = 78, "the configuration cannot be used: file, variable or certificate";
    /// Ours from here on.
    Denied = 80, "policy denies it, or the credential does not reach this far";
    ApprovalDenied = 81, "an approver denied it";
    NotApproved = 82, "not approved: pending, expired or cancelled";
    Conflict = 83, "consumed already, settled already, or changed meanwhile";
    Refused = 84, "verification refused it: roster pin, signature, or not what was approved; nothing ran";
    LedgerBroken = 85, "the audit ledger does not hold";
    Failing = 86, "`policy`: a test fails, an invariant is broken, a finding is grave, or coverage is not complete";
    Flagged = 87, "`--fail-on`: the set widens, or changes, what may happen; `account usage --apply`: something would have been denied";
    Unproved = 88, "nothing of that was found, but not all could be looked at or proved";
    /// As shells do.
    CannotRun = 126, "the command was found and cannot be executed";
    NoCommand = 127, "the command was not found";
}

/// What `--help` says of exit codes.
pub(crate) fn table() -> String {
    let rows = Exit::ALL.iter().map(|exit| format!("  {:<4} {}", exit.code(), exit.meaning())).collect::<Vec<_>>();
    let rows = rows.join("\n");
    format!(
        "Exit codes:\n  0    done\n{rows}\n  128+N ended by signal N\n\n\
         `exec` passes on the exit code of its command once that has begun, 128+N if signal N ended it."
    )
}

/// Why it was not done, for people and for the exit code.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something is wrong: one sentence, and what would help.
    Told { exit: Exit, sentence: String, hint: Option<String> },
    /// A signal asked us to end.
    Signalled(Signal),
    /// Whoever read our output has gone; there is nobody to tell.
    NobodyReads,
}

impl Failure {
    pub(crate) fn new(exit: Exit, sentence: impl fmt::Display) -> Self {
        Self::Told { exit, sentence: sentence.to_string(), hint: None }
    }

    pub(crate) fn usage(sentence: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, sentence)
    }

    /// Says what would help, on a line of its own.
    #[must_use]
    pub(crate) fn hint(mut self, text: impl Into<String>) -> Self {
        if let Self::Told { hint, .. } = &mut self {
            *hint = Some(text.into());
        }
        self
    }

    /// The same, if something would help. What was said before stays otherwise.
    #[must_use]
    pub(crate) fn hint_if(self, text: Option<String>) -> Self {
        match text {
            Some(text) => self.hint(text),
            None => self,
        }
    }

    /// Says one thing more that would help.
    #[must_use]
    pub(crate) fn also(mut self, text: impl Into<String>) -> Self {
        if let Self::Told { hint, .. } = &mut self {
            let text = text.into();
            *hint = Some(match hint.take() {
                Some(before) => format!("{before}; {text}"),
                None => text,
            });
        }
        self
    }

    /// Says that the command was not begun.
    #[must_use]
    pub(crate) fn nothing_ran(mut self) -> Self {
        if let Self::Told { sentence, .. } = &mut self {
            sentence.push_str("; nothing ran");
        }
        self
    }

    pub(crate) const fn code(&self) -> u8 {
        match self {
            Self::Told { exit, .. } => exit.code(),
            Self::Signalled(signal) => after_signal(*signal as i32),
            Self::NobodyReads => 0,
        }
    }
}

/// 128 and the signal's number, as shells tell it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a signal's number is 1 to 64")]
pub(crate) const fn after_signal(signal: i32) -> u8 {
    (128 + signal) as u8
}

/// Which exit code a refusal of the control plane has.
pub(crate) const fn of_code(code: Code) -> Exit {
    match code {
        Code::RequestMalformed
        | Code::MethodNotAllowed
        | Code::Timeout
        | Code::TargetTooLong
        | Code::TooLarge
        | Code::MediaType
        | Code::Misdirected
        | Code::ForeignOrigin
        | Code::Unprocessable
        | Code::DigestMismatch
        | Code::IdempotencyReused => Exit::Usage,
        Code::NotFound => Exit::NotFound,
        Code::MissingToken
        | Code::InvalidToken
        | Code::InvalidCredentials
        | Code::TokenExpired
        | Code::TokenRevoked
        | Code::InvalidScheme
        | Code::TwoCredentials
        | Code::TokenInUrl
        | Code::AuthenticationRequired
        | Code::UnsupportedAlgorithm
        | Code::InvalidAudience
        | Code::InvalidIssuer
        | Code::StepUp => Exit::NotAuthenticated,
        Code::MissingScope
        | Code::NetworkForbidden
        | Code::WorkspaceForbidden
        | Code::PolicyDenied
        | Code::PolicyChanged
        | Code::OwnTicket
        | Code::NotEligible => Exit::Denied,
        Code::NotApproved | Code::ApproverIneligible => Exit::NotApproved,
        Code::Conflict
        | Code::AlreadyDone
        | Code::Stale
        | Code::NotRotatable
        | Code::ApprovalNotNeeded
        | Code::AlreadyReviewed
        | Code::Settled
        | Code::NoAfterReview
        | Code::DraftSettled
        | Code::PolicyStale
        | Code::Consumed => Exit::Conflict,
        Code::TestsFailed
        | Code::InvariantBroken
        | Code::Unproved
        | Code::GraveFinding
        | Code::LockedOut
        | Code::BindingMismatch
        | Code::ReviewInvalid
        | Code::RosterInvalid => Exit::Refused,
        Code::RateLimitedAddress
        | Code::RateLimitedIdentity
        | Code::KeyUnavailable
        | Code::OutcomeUnknown
        | Code::Unavailable => Exit::Unavailable,
        Code::Internal => Exit::Internal,
    }
}

/// Which exit code a status has whose problem is not known here: a newer control plane's, or a proxy's.
const fn of_status(status: Option<u16>) -> Exit {
    match status {
        Some(400 | 405 | 413 | 414 | 415 | 422) => Exit::Usage,
        Some(401) => Exit::NotAuthenticated,
        Some(403) => Exit::Denied,
        Some(409 | 412) => Exit::Conflict,
        _ => Exit::Unavailable,
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let exit = match &error {
            ClientError::Refused(problem) => of_code(problem.code),
            ClientError::SignedOut(_) => Exit::NotAuthenticated,
            // The request was taken: what it is about stands in the way.
            ClientError::Failed(_) => Exit::Usage,
            ClientError::Unreachable { .. } => Exit::Unavailable,
            ClientError::Unexpected { status, .. } => of_status(*status),
        };
        Self::new(exit, &error).hint_if(hint::of(&error))
    }
}

impl From<ChainError> for Failure {
    fn from(error: ChainError) -> Self {
        let failure = Self::new(Exit::Refused, &error);
        match error {
            ChainError::NotPinned { .. } => failure.hint(
                "either the control plane is not the one that was pinned, or it offers a forged roster; ask an approver",
            ),
            ChainError::Empty => failure.hint("an approver founds the roster in the console"),
            ChainError::Version(_) | ChainError::Withheld { .. } => failure,
        }
    }
}

impl From<TrustError> for Failure {
    fn from(error: TrustError) -> Self {
        match error {
            TrustError::File { .. } => Self::new(Exit::Storage, error),
            TrustError::Roster(error) => error.into(),
            TrustError::NotPinned { .. } => Self::new(Exit::Refused, error),
        }
    }
}

impl From<GrantError> for Failure {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Roster(error) => error.into(),
            GrantError::Late(_) => Self::new(Exit::NotApproved, error),
            GrantError::OtherAction { field: "binding_digest", .. } => {
                Self::new(Exit::Refused, "what would run now is not what was approved")
            }
            error => Self::new(Exit::Refused, format!("the approval does not hold: {error}")),
        }
    }
}

impl From<WitnessRefusal> for Failure {
    fn from(error: WitnessRefusal) -> Self {
        if error.is_break() {
            let failure = Self::new(Exit::LedgerBroken, format!("the ledger does not hold: {error}"));
            return failure
                .hint("keep trust.json and tell whoever answers for security: history was changed or hidden");
        }
        match error {
            WitnessRefusal::Client(error) => error.into(),
            WitnessRefusal::Trust(error) => error.into(),
            error => Self::new(Exit::Unavailable, error),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(Exit::Config, error)
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let exit = match &error {
            StartError::Listen { .. } => Exit::Taken,
            StartError::Database(_) | StartError::State { .. } => Exit::Storage,
            StartError::Certificate(_)
            | StartError::Config { .. }
            | StartError::OtherLedger { .. }
            | StartError::OtherWebhookKey => Exit::Config,
        };
        Self::new(exit, error)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use contract::Problem;

    use super::*;

    fn refused(code: Code) -> Failure {
        ClientError::Refused(Box::new(Problem::new(code, "x"))).into()
    }

    #[test]
    fn every_kind_has_a_code_of_its_own_that_no_signal_has() {
        let codes: BTreeSet<_> = Exit::ALL.iter().map(|exit| exit.code()).collect();
        assert_eq!(codes.len(), Exit::ALL.len());
        assert!(codes.iter().all(|code| (3..128).contains(code)));
        assert!(codes.iter().all(|code| table().contains(&format!("\n  {code:<4} "))), "{}", table());
    }

    #[test]
    fn refusals_are_told_apart() {
        for (code, exit) in [
            (Code::PolicyDenied, 80),
            (Code::MissingScope, 80),
            (Code::TokenExpired, 77),
            (Code::NotApproved, 82),
            (Code::Consumed, 83),
            (Code::BindingMismatch, 84),
            (Code::Unavailable, 69),
            (Code::Unprocessable, 64),
            (Code::NotFound, 66),
            (Code::Internal, 70),
        ] {
            assert_eq!(refused(code).code(), exit, "{code:?}");
        }
        let silent = ClientError::Unreachable { address: "http://127.0.0.1:1".into(), why: "refused".into() };
        assert_eq!(Failure::from(silent).code(), 69);
        for (status, exit) in [(401, 77), (403, 80), (404, 69), (409, 83), (422, 64), (200, 69), (502, 69)] {
            let (address, why) = ("http://127.0.0.1:1".into(), "x".into());
            let unknown = ClientError::Unexpected { address, status: Some(status), why, retry_after: None };
            assert_eq!(Failure::from(unknown).code(), exit, "{status}");
        }
    }

    #[test]
    fn one_thing_more_that_would_help_stands_after_the_other() {
        let Failure::Told { hint, .. } = Failure::usage("x").also("a").also("b") else { panic!() };
        assert_eq!(hint.as_deref(), Some("a; b"));
    }

    #[test]
    fn a_signal_is_told_as_shells_do() {
        assert_eq!(Failure::Signalled(Signal::SIGINT).code(), 130);
        assert_eq!(Failure::Signalled(Signal::SIGTERM).code(), 143);
    }
}
