//! What a policy asks for that a request does not have, in words.

use domain::policy::question::scope_of;

use crate::facets::Facets;
use crate::kind_of::KindOf;
use crate::narrowing::{Named, Test};
use crate::request::type_of;

/// The first of these that does not hold, as what the policy does: "is about …".
pub(crate) fn unmet(tests: &[Test], facets: &Facets<'_>, within: &[String]) -> Option<String> {
    let kind =
        KindOf { principal: type_of(facets.principal), action: facets.action, within, resource: facets.resource };
    let unmet = tests.iter().find(|test| !kind.fits(test) || !facets.fit(test))?;
    Some(words(unmet, facets))
}

fn words(test: &Test, facets: &Facets<'_>) -> String {
    let Facets { principal, principal_id, action, resource, resource_ref, env, .. } = facets;
    match test {
        Test::PrincipalType(types) => {
            format!("is about principals of type {}, and this is a `{}`", any(types), type_of(*principal))
        }
        Test::Principal(named) => {
            format!("is about {}, and this is `{}:{principal_id}`", any_named(named), principal.name())
        }
        Test::Action(actions) => format!("is about {}, and this is `{action}`", any(actions)),
        Test::ActionIn(groups) => format!("is about actions of {}, and `{action}` is none", any(groups)),
        Test::ResourceType(types) => format!("is about resources of type {}, and this is a `{resource}`", any(types)),
        Test::Resource(named) => format!("is about {}, and this is `{resource_ref}`", any_named(named)),
        Test::Environment(names) => format!("is about the environment {}, and this is `{env}`", any(names)),
        Test::Workspace(names) => {
            let here = facets.workspace.map_or_else(|| "none".to_owned(), |workspace| format!("`{workspace}`"));
            format!("is about the workspace {}, and this is in {here}", any(names))
        }
        Test::Scope(scopes) => {
            format!("is about the scope {}, and `{action}` needs `{}`", any(scopes), scope_of(action))
        }
        Test::HoldsScope => {
            format!(
                "asks for the scope `{}`, which `{}:{principal_id}` does not hold",
                scope_of(action),
                principal.name()
            )
        }
    }
}

fn any(names: &[String]) -> String {
    if names.is_empty() {
        return "nothing".to_owned();
    }
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}

fn any_named(named: &[Named]) -> String {
    let written = named.iter().map(|one| match one {
        Named::Uid(kind, id) => format!("{kind}::\"{id}\""),
        Named::Ref(text) => text.clone(),
    });
    any(&written.collect::<Vec<_>>())
}
