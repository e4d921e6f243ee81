//! The inbox and a ticket's page.

use contract::approvals::Ticket;
use domain::reveal::Span;
use serde::{Deserialize, Serialize};
use specta::Type;

/// Which tickets.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(deny_unknown_fields)]
pub(crate) struct InboxQuery {
    /// `mine`, `pending`, `closed` or `after_review`.
    pub view: InboxView,
    /// Only of this environment.
    pub env: Option<String>,
    /// Only with this text in requester, action, resources or title.
    pub text: Option<String>,
    /// The next page.
    pub cursor: Option<String>,
}

/// The four lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InboxView {
    /// What the reader can decide.
    Mine,
    /// What is open.
    Pending,
    /// What is settled.
    Closed,
    /// Emergencies that nobody has looked at since.
    AfterReview,
}

/// A ticket's page.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct TicketPage {
    /// The control plane's view of it.
    pub ticket: Ticket,
    /// State, who, what, where, how long, until when.
    pub sentence: String,
    /// The exact action, three ways.
    pub exact: Exact,
    /// What the requester says, revealed.
    pub says: Says,
}

/// The bytes that are signed, three ways, made in Rust from the same value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub(crate) struct Exact {
    /// Readable: labelled rows.
    pub readable: Vec<Row>,
    /// Raw: the canonical JSON, one span list per line.
    pub raw: Vec<Vec<Span>>,
    /// Hashes: name and digest.
    pub hashes: Vec<Hash>,
    /// Short words of the binding digest, to compare on a second device.
    pub words: Vec<String>,
    /// Whether the control plane's digests are the ones computed here. If not, nothing can be signed.
    pub digests_agree: bool,
}

/// A labelled row of one or more values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub(crate) struct Row {
    /// For example `Argument 1`.
    pub label: String,
    /// Each value on its own line, revealed.
    pub values: Vec<Vec<Span>>,
    /// Differs from the last approved action of the same kind.
    pub changed: bool,
}

/// A named digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub(crate) struct Hash {
    /// For example `binding_digest`.
    pub name: String,
    /// `sha256:…`, or `–` where there is none.
    pub value: String,
}

/// The requester's own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub(crate) struct Says {
    /// One line.
    pub title: Option<Vec<Span>>,
    /// Some more.
    pub description: Option<Vec<Span>>,
}
