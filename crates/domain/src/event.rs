//! Audit facts. An [`Event`] is what a use case hands to the store together with its change; an [`Entry`] is the event
//! with its id, and its canonical JSON is the leaf of the ledger.

use serde::{Deserialize, Serialize};

use crate::digest::canonical;
use crate::id::EntryId;
use crate::principal::Principal;
use crate::time::Instant;

/// What happened. The list of names is part of the ledger format: names are added, never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename = "EventKind")]
pub enum Kind {
    /// The control plane got its first administrator.
    #[serde(rename = "system.founded")]
    SystemFounded,
    /// A person or a credential was taken.
    #[serde(rename = "authentication.succeeded")]
    AuthenticationSucceeded,
    /// A person or a credential was refused.
    #[serde(rename = "authentication.failed")]
    AuthenticationFailed,
    /// A session's refresh token was exchanged.
    #[serde(rename = "session.refreshed")]
    SessionRefreshed,
    /// A session was ended.
    #[serde(rename = "session.ended")]
    SessionEnded,
    /// A request was refused for want of a right.
    #[serde(rename = "authorization.refused")]
    AuthorizationRefused,
    /// The policy engine answered.
    #[serde(rename = "decision.made")]
    DecisionMade,
    /// A ticket was opened.
    #[serde(rename = "ticket.opened")]
    TicketOpened,
    /// A review was counted.
    #[serde(rename = "ticket.reviewed")]
    TicketReviewed,
    /// A review was refused.
    #[serde(rename = "ticket.review_refused")]
    TicketReviewRefused,
    /// A ticket was taken back, or ended because what it was for is no more, or by presentations that did not fit.
    #[serde(rename = "ticket.cancelled")]
    TicketCancelled,
    /// An approval was withdrawn before all of it was spent.
    #[serde(rename = "ticket.revoked")]
    TicketRevoked,
    /// A clock of a ticket ran out.
    #[serde(rename = "ticket.expired")]
    TicketExpired,
    /// A ticket was spent, or one use of a standing approval.
    #[serde(rename = "ticket.consumed")]
    TicketConsumed,
    /// What ran as an emergency was looked at afterwards.
    #[serde(rename = "ticket.after_reviewed")]
    TicketAfterReviewed,
    /// A ticket was not spent though somebody tried.
    #[serde(rename = "ticket.consume_refused")]
    TicketConsumeRefused,
    /// Execution began.
    #[serde(rename = "task.started")]
    TaskStarted,
    /// Execution ended.
    #[serde(rename = "task.finished")]
    TaskFinished,
    /// A person was added.
    #[serde(rename = "user.created")]
    UserCreated,
    /// A service account was added.
    #[serde(rename = "account.created")]
    AccountCreated,
    /// A credential was made.
    #[serde(rename = "credential.created")]
    CredentialCreated,
    /// A credential was ended.
    #[serde(rename = "credential.revoked")]
    CredentialRevoked,
    /// A credential was replaced.
    #[serde(rename = "credential.rotated")]
    CredentialRotated,
    /// A service account was changed.
    #[serde(rename = "account.changed")]
    AccountChanged,
    /// Attempts beyond the limit were turned away; counted, not listed.
    #[serde(rename = "authentication.throttled")]
    AuthenticationThrottled,
    /// The token from the environment is accepted since a process started.
    #[serde(rename = "authentication.bootstrap_enabled")]
    BootstrapEnabled,
    /// A scope was added to the catalogue.
    #[serde(rename = "scope.added")]
    ScopeAdded,
    /// Administrators who held every scope were given those that came with a new version.
    #[serde(rename = "scope.extended")]
    ScopesExtended,
    /// A device asks for its key to be on the roster.
    #[serde(rename = "roster.enrolment_requested")]
    EnrolmentRequested,
    /// A roster version came into force.
    #[serde(rename = "roster.changed")]
    RosterChanged,
    /// A policy set came into force.
    #[serde(rename = "policy.published")]
    PolicyPublished,
    /// A one-time ticket for a connection to the event stream was made.
    #[serde(rename = "stream.ticket_issued")]
    StreamTicketIssued,
    /// An alert was raised.
    #[serde(rename = "alert.raised")]
    AlertRaised,
    /// Somebody took an alert on.
    #[serde(rename = "alert.acknowledged")]
    AlertAcknowledged,
    /// Somebody settled an alert.
    #[serde(rename = "alert.resolved")]
    AlertResolved,
    /// The rules by which alerts are raised were changed.
    #[serde(rename = "alert.rules_changed")]
    AlertRulesChanged,
    /// An address is told what happens from now on.
    #[serde(rename = "webhook.created")]
    WebhookCreated,
    /// A webhook was changed.
    #[serde(rename = "webhook.changed")]
    WebhookChanged,
    /// A webhook was switched off.
    #[serde(rename = "webhook.disabled")]
    WebhookDisabled,
    /// A webhook has a fresh secret; the one before signs too until the overlap is over.
    #[serde(rename = "webhook.secret_rotated")]
    WebhookSecretRotated,
    /// A test message was asked for.
    #[serde(rename = "webhook.tested")]
    WebhookTested,
    /// A message was asked for again.
    #[serde(rename = "webhook.resent")]
    WebhookResent,
    /// A person was disabled or enabled.
    #[serde(rename = "user.changed")]
    UserChanged,
    /// A person chose another password.
    #[serde(rename = "user.password_changed")]
    PasswordChanged,
    /// What restricts a pipeline was set.
    #[serde(rename = "pipeline.changed")]
    PipelineChanged,
    /// A policy set is being edited.
    #[serde(rename = "policy.draft_created")]
    DraftCreated,
    /// What is edited was replaced by something else.
    #[serde(rename = "policy.draft_changed")]
    DraftChanged,
    /// A draft was given up.
    #[serde(rename = "policy.draft_discarded")]
    DraftDiscarded,
}

/// An audit fact before it has an id.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When, by the control plane's clock.
    pub at: Instant,
    /// What.
    pub kind: Kind,
    /// Who, if known.
    pub principal: Option<Principal>,
    /// The id of what it is about, if there is one.
    pub about: Option<String>,
    /// The particulars. Never a secret.
    pub data: serde_json::Value,
}

/// An audit fact as it stands in the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// When, by the control plane's clock. Order is by ledger index, never by time.
    pub at: Instant,
    /// What.
    pub kind: Kind,
    /// Who, if known.
    pub principal: Option<Principal>,
    /// The id of what it is about, if there is one.
    pub about: Option<String>,
    /// The particulars.
    pub data: serde_json::Value,
}

impl Kind {
    /// Those that tell of authentication.
    pub const AUTHENTICATION: &[Self] = &[
        Self::AuthenticationSucceeded,
        Self::AuthenticationFailed,
        Self::AuthenticationThrottled,
        Self::BootstrapEnabled,
    ];

    /// The stable name, for example `ticket.opened`.
    #[must_use]
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

impl Event {
    /// An event with no particulars yet.
    #[must_use]
    pub fn new(at: Instant, kind: Kind) -> Self {
        Self { at, kind, principal: None, about: None, data: serde_json::json!({}) }
    }

    /// Says who.
    #[must_use]
    pub fn by(mut self, principal: &Principal) -> Self {
        self.principal = Some(principal.clone());
        self
    }

    /// Says about what.
    #[must_use]
    pub fn about(mut self, id: impl std::fmt::Display) -> Self {
        self.about = Some(format!("{id}"));
        self
    }

    /// Gives the particulars.
    #[must_use]
    pub fn with(mut self, data: serde_json::Value) -> Self {
        self.data = data;
        self
    }

    /// The entry that it becomes.
    #[must_use]
    pub fn into_entry(self, id: EntryId) -> Entry {
        let Self { at, kind, principal, about, data } = self;
        Entry { id, at, kind, principal, about, data }
    }
}

impl Entry {
    /// The bytes of its leaf: canonical JSON.
    #[must_use]
    pub fn leaf(&self) -> Vec<u8> {
        canonical(self)
    }
}
