//! What the index looks at in a request: the names in it, nothing that must be computed from a policy.

use domain::policy::question::{APPROVE, Principal, PrincipalKind, Reviewer, TicketFacts, scope_of};

use crate::narrowing::{Named, Test};
use crate::request::type_of;

/// Of one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facets<'a> {
    /// The type of the principal.
    pub(crate) principal: PrincipalKind,
    pub(crate) principal_id: &'a str,
    /// The teams that it is in.
    pub(crate) teams: &'a [String],
    /// Whether it holds the scope that the action needs.
    pub(crate) holds_scope: bool,
    pub(crate) action: &'a str,
    /// The type of the resource.
    pub(crate) resource: &'a str,
    pub(crate) resource_id: &'a str,
    /// As it was written.
    pub(crate) resource_ref: &'a str,
    pub(crate) env: &'a str,
    pub(crate) workspace: Option<&'a str>,
}

impl<'a> Facets<'a> {
    /// Of whether somebody may review a ticket, whose `ref` is given.
    pub(crate) fn review(reviewer: &'a Reviewer, ticket: &'a TicketFacts, reference: &'a str) -> Self {
        let Reviewer { principal, now: _ } = reviewer;
        Self {
            principal: principal.kind,
            principal_id: &principal.id,
            teams: &principal.teams,
            holds_scope: Self::holds(principal, APPROVE),
            action: APPROVE,
            resource: "Ticket",
            resource_id: &ticket.id,
            resource_ref: reference,
            env: &ticket.env,
            workspace: None,
        }
    }

    /// Whether a principal holds the scope that an action needs.
    pub(crate) fn holds(principal: &Principal, action: &str) -> bool {
        let scope = scope_of(action);
        principal.scopes.iter().any(|held| held == scope)
    }
}

impl Facets<'_> {
    /// Whether the names in a request fit a test; of the kind of request nothing is looked at.
    pub(crate) fn fit(&self, test: &Test) -> bool {
        match test {
            Test::Principal(named) => named.iter().any(|named| self.principal_is(named)),
            Test::Resource(named) => named.iter().any(|named| self.resource_is(named)),
            Test::Environment(names) => names.iter().any(|name| name == self.env),
            Test::Workspace(names) => names.iter().any(|name| Some(name.as_str()) == self.workspace),
            Test::HoldsScope => self.holds_scope,
            _ => true,
        }
    }
    /// Whether the principal is this, or is in it.
    fn principal_is(&self, named: &Named) -> bool {
        match named {
            Named::Uid(kind, id) if kind == "Team" => self.teams.iter().any(|team| team == id),
            Named::Uid(kind, id) => kind == type_of(self.principal) && id == self.principal_id,
            Named::Ref(text) => text.split_once(':') == Some((self.principal.name(), self.principal_id)),
        }
    }

    /// Whether the resource is this.
    fn resource_is(&self, named: &Named) -> bool {
        match named {
            Named::Uid(kind, id) => kind == self.resource && id == self.resource_id,
            Named::Ref(text) => text == self.resource_ref,
        }
    }
}
