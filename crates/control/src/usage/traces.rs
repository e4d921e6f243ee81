//! Which scopes leave traces, and which.
//!
//! A test holds both lists against the route table: whatever needs a scope and leaves an entry is among the traces, and
//! whatever needs one and leaves none makes its scope untraceable.

use domain::event::Kind;

/// An entry of this kind by a principal means that it used this scope.
pub const TRACES: &[(Kind, &str)] = &[
    (Kind::DecisionMade, "decisions:request"),
    (Kind::TicketOpened, "decisions:request"),
    (Kind::TicketCancelled, "decisions:request"),
    (Kind::TicketConsumed, "decisions:request"),
    (Kind::TaskStarted, "decisions:request"),
    (Kind::TaskFinished, "decisions:request"),
    (Kind::TicketReviewed, "approvals:review"),
    (Kind::TicketRevoked, "approvals:review"),
    (Kind::TicketAfterReviewed, "approvals:review"),
    (Kind::EnrolmentRequested, "approvals:review"),
    (Kind::RosterChanged, "roster:write"),
    (Kind::UserCreated, "accounts:write"),
    (Kind::UserChanged, "accounts:write"),
    (Kind::AccountCreated, "accounts:write"),
    (Kind::AccountChanged, "accounts:write"),
    (Kind::CredentialCreated, "admin:tokens:write"),
    (Kind::CredentialRotated, "admin:tokens:write"),
    (Kind::CredentialRevoked, "admin:tokens:write"),
    (Kind::ScopeAdded, "scopes:write"),
    (Kind::PipelineChanged, "pipelines:write"),
    (Kind::DraftCreated, "policies:write"),
    (Kind::DraftChanged, "policies:write"),
    (Kind::DraftDiscarded, "policies:write"),
    (Kind::PolicyPublished, "policies:write"),
    (Kind::AlertAcknowledged, "alerts:write"),
    (Kind::AlertResolved, "alerts:write"),
    (Kind::AlertRulesChanged, "alerts:write"),
    (Kind::WebhookCreated, "alerts:write"),
    (Kind::WebhookChanged, "alerts:write"),
    (Kind::WebhookSecretRotated, "alerts:write"),
    (Kind::WebhookDisabled, "alerts:write"),
    (Kind::WebhookTested, "alerts:write"),
    (Kind::WebhookResent, "alerts:write"),
    (Kind::StreamTicketIssued, "approvals:read"),
];

/// The kinds of the traces that are no decisions, which have columns of their own.
pub const OTHERS: &[Kind] = &{
    let mut kinds = [Kind::TicketOpened; TRACES.len() - 1];
    let mut at = 0;
    while at < kinds.len() {
        kinds[at] = TRACES[at + 1].0;
        at += 1;
    }
    kinds
};

/// Scopes that also let their holder read, or act elsewhere, without an entry.
pub const UNTRACED: &[&str] = &[
    "accounts:read",
    "admin:tokens:read",
    "alerts:read",
    "approvals:read",
    "audit:read",
    "decisions:request",
    "pipelines:read",
    "policies:read",
    "roster:read",
    "tasks:read",
];

/// The scope that an entry of this kind means.
pub(super) fn scope(kind: Kind) -> Option<&'static str> {
    TRACES.iter().find(|(known, _)| *known == kind).map(|(_, scope)| *scope)
}

/// Whether a use of the scope would have left an entry. `actions` are those that policy can be asked about.
pub(super) fn is_traced(scope: &str, actions: &[&str]) -> bool {
    let leaves = TRACES.iter().any(|(_, traced)| *traced == scope);
    let decided = actions.iter().any(|action| domain::policy::question::scope_of(action) == scope);
    (leaves || decided) && !UNTRACED.contains(&scope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_the_first_of_the_traces_and_the_others_follow() {
        assert_eq!(TRACES[0].0, Kind::DecisionMade);
        assert!(!OTHERS.contains(&Kind::DecisionMade));
        assert!(TRACES[1..].iter().all(|(kind, _)| OTHERS.contains(kind)));
    }
}
