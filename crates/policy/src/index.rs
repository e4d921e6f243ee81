//! Which policies a request can meet at all.
//!
//! For every kind of request (principal type, action, resource type) the policies that fit it are known when the set is
//! compiled. The rest is names: of principal, resource, environment, workspace. For each of these there are the policies
//! that name none, and for each name those that name it. A slice is what is left when all of these are intersected, as
//! bits: some hundred nanoseconds for a thousand policies, so that nothing has to be remembered between requests, and
//! threads share nothing that changes.
//!
//! Invariant: what the index leaves out neither applies nor fails (`narrowing` has the argument). Of what it leaves in, the
//! scope holds, so that only conditions remain to be evaluated.

mod bits;
mod names;

use std::collections::HashMap;

use domain::policy::question::PrincipalKind;

pub(crate) use bits::Bits;
use names::{Keys, Names};

use crate::facets::Facets;
use crate::kind_of::KindOf;
use crate::narrowing::{Named, Narrowing, Test};
use crate::request::type_of;
use crate::schema::Vocabulary;

/// The index of a policy set. Policies are named by their place in the text.
pub(crate) struct Index {
    kinds: HashMap<String, Vec<Kind>>,
    needs_scope: Bits,
    principals: Names,
    resources: Names,
    environments: Names,
    workspaces: Names,
}

/// A kind of request of one action.
struct Kind {
    principal: PrincipalKind,
    resource: String,
    fit: Bits,
}

const REF: &str = "ref";

impl Index {
    /// Of policies, in their order.
    pub(crate) fn new(policies: &[Narrowing], vocabulary: &Vocabulary) -> Self {
        let size = policies.len();
        let mut kinds: HashMap<String, Vec<Kind>> = HashMap::new();
        for (name, action) in &vocabulary.actions {
            for (principal, resource) in &action.kinds {
                let request = KindOf { principal: type_of(*principal), action: name, within: &action.within, resource };
                let fits = |policy: &Narrowing| policy.tests().all(|test| request.fits(test));
                let fit = Bits::of(size, policies.iter().map(fits));
                let kind = Kind { principal: *principal, resource: resource.clone(), fit };
                kinds.entry(name.clone()).or_default().push(kind);
            }
        }
        let names = |name: fn(&Test) -> Option<Keys<'_>>| {
            Names::of(size, policies.iter().map(|policy| policy.tests().find_map(name)))
        };
        Self {
            kinds,
            needs_scope: Bits::of(
                size,
                policies.iter().map(|policy| policy.tests().any(|test| *test == Test::HoldsScope)),
            ),
            principals: names(|test| if let Test::Principal(named) = test { Some(keys(named)) } else { None }),
            resources: names(|test| if let Test::Resource(named) = test { Some(keys(named)) } else { None }),
            environments: names(|test| if let Test::Environment(names) = test { Some(plain(names)) } else { None }),
            workspaces: names(|test| if let Test::Workspace(names) = test { Some(plain(names)) } else { None }),
        }
    }

    /// The policies whose scope holds for a request, without those of which a condition is known not to hold.
    pub(crate) fn slice(&self, facets: &Facets<'_>) -> Bits {
        let kinds = self.kinds.get(facets.action).into_iter().flatten();
        let mut kinds = kinds.filter(|kind| kind.principal == facets.principal && kind.resource == facets.resource);
        let Some(kind) = kinds.next() else { return Bits::none() };
        let mut slice = kind.fit.clone();
        if !facets.holds_scope {
            slice.without(&self.needs_scope);
        }
        let reference =
            self.principals.has(REF).then(|| format!("{}:{}", facets.principal.name(), facets.principal_id));
        let teams = facets.teams.iter().map(|team| ("Team", team.as_str()));
        let own = [(type_of(facets.principal), facets.principal_id)];
        self.principals
            .narrow(&mut slice, own.into_iter().chain(teams).chain(reference.as_deref().map(|text| (REF, text))));
        self.resources
            .narrow(&mut slice, [(facets.resource, facets.resource_id), (REF, facets.resource_ref)].into_iter());
        self.environments.narrow(&mut slice, std::iter::once(("", facets.env)));
        self.workspaces.narrow(&mut slice, facets.workspace.map(|workspace| ("", workspace)).into_iter());
        slice
    }

    /// The policies that no kind of request and no name narrows.
    pub(crate) fn unscoped(policies: &[Narrowing], vocabulary: &Vocabulary) -> Vec<usize> {
        let index = Self::new(policies, vocabulary);
        let named = [&index.principals, &index.resources, &index.environments, &index.workspaces];
        let open = |at: &usize| {
            !index.needs_scope.contains(*at)
                && named.iter().all(|names| names.open.contains(*at))
                && index.kinds.values().flatten().all(|kind| kind.fit.contains(*at))
        };
        (0..policies.len()).filter(open).collect()
    }
}

impl Narrowing {
    /// All that must hold; what the scope says comes first.
    pub(crate) fn tests(&self) -> impl Iterator<Item = &Test> {
        self.scope.iter().chain(&self.lifted)
    }
}

fn keys(named: &[Named]) -> Keys<'_> {
    let keys = named.iter().map(|one| match one {
        Named::Uid(kind, id) => (kind.as_str(), id.as_str()),
        Named::Ref(text) => (REF, text.as_str()),
    });
    keys.collect()
}

fn plain(names: &[String]) -> Keys<'_> {
    names.iter().map(|name| ("", name.as_str())).collect()
}
