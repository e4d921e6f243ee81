//! Why a ticket does not change as asked.

use crate::id::TaskId;
use crate::ticket::Progress;
use crate::time::Instant;

/// Why a review was not counted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    /// It is no longer pending.
    #[error("the ticket is {state} already")]
    Settled {
        /// Where it stands.
        state: &'static str,
    },
    /// The requester, or somebody it stands for.
    #[error("nobody countersigns their own ticket: you filed it, own its account, or made the credential it used")]
    OwnTicket,
    /// The same person again.
    #[error("you have reviewed this ticket already")]
    Again,
    /// The signature is about something else.
    #[error("the review was signed for something else: its `{field}` differs from the ticket's")]
    OtherTicket {
        /// The first field that differs.
        field: &'static str,
    },
    /// A denial says why.
    #[error("a denial needs a reason; the requester gets it word for word")]
    NoReason,
}

/// Why a ticket was not cancelled.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CancelError {
    /// Somebody else's.
    #[error("only its requester can cancel a ticket; to refuse it, deny it")]
    NotRequester,
    /// It is settled.
    #[error("the ticket is {state} already")]
    Settled {
        /// Where it stands.
        state: &'static str,
    },
}

/// Why an approval was not withdrawn.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevokeError {
    /// There is no approval yet.
    #[error("the ticket is pending, so there is no approval to revoke; to refuse it, deny it")]
    Pending,
    /// There is nothing left to withdraw.
    #[error("the ticket is {state} already")]
    Settled {
        /// Where it stands.
        state: &'static str,
    },
    /// Who asked for it is told why.
    #[error("revoking needs a reason; the requester gets it word for word")]
    NoReason,
}

/// Why a ticket was not spent.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConsumeError {
    /// Nothing to spend.
    #[error("the ticket is {state}, not approved")]
    NotApproved {
        /// Where it stands.
        state: &'static str,
    },
    /// Spent before.
    #[error("the ticket was consumed at {at} by task {task}")]
    AlreadyConsumed {
        /// When.
        at: Instant,
        /// By which task.
        task: TaskId,
    },
    /// Something else is to run than what was approved.
    #[error("`{field}` differs from what was approved; open a new ticket for the changed action")]
    Mismatch {
        /// The first field that differs.
        field: &'static str,
    },
    /// Approvers have lost their standing since.
    #[error("of the approvers only {} of {} still stand", .progress.approved, .progress.quorum)]
    ApproversFell {
        /// What is left.
        progress: Progress,
    },
}
