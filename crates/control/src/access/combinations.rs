//! What is asked of whom: the principals, actions, resources and environments of a report, as far as they go together.

use std::collections::{BTreeMap, BTreeSet};

use domain::Instant;
use domain::binding::Resources;
use policy::{Engine, KnownResource, Outline, Principal, PrincipalKind, QuestionError, nearest};
use store::Query;

use crate::Error;
use crate::access::Wanted;
use crate::authenticate::Caller;
use crate::known;
use crate::simulate::principals::{self, Known};
use crate::simulate::{Asking, within};

/// Everything that a report is about.
pub(super) struct Combinations {
    principals: Vec<Principal>,
    actions: Vec<policy::ActionOutline>,
    envs: Vec<String>,
    resources: Vec<Resource>,
}

/// A resource with what is known of it.
pub(super) struct Resource {
    /// `kind:name`; `kind:*` for those that nobody restricted, `kind:workspace/*` for those in a workspace.
    pub(super) text: String,
    /// Only for principals that name this workspace.
    only_in: Option<String>,
    pub(super) known: BTreeMap<String, KnownResource>,
}

/// One combination.
pub(super) struct Asked<'a> {
    pub(super) principal: &'a Principal,
    pub(super) action: &'a str,
    pub(super) resource: &'a Resource,
    pub(super) env: &'a str,
}

impl Combinations {
    pub(super) fn of(
        q: &mut dyn Query,
        caller: &Caller,
        engine: &Engine,
        wanted: &Wanted,
        now: Instant,
    ) -> Result<Self, Error> {
        let Outline { actions, environments, .. } = engine.outline();
        let actions = only(actions, "action", wanted.action.as_deref(), |action| &action.name)?;
        let envs = only(environments, "env", wanted.env.as_deref(), |env| env)?;
        let principals = match &wanted.principal {
            Some(text) => vec![one(q, caller, text, now)?],
            None => everybody(q, caller, now)?,
        };
        let resources = match &wanted.resource {
            Some(text) => vec![this(q, caller, text, now)?],
            None => everything(q, caller, &actions, &principals, now)?,
        };
        Ok(Self { principals, actions, envs, resources })
    }

    pub(super) fn count(&self) -> usize {
        let pairs: usize = self
            .actions
            .iter()
            .map(|action| {
                let what: Vec<_> = self.resources.iter().filter(|resource| action.takes(resource)).collect();
                let of = |principal: &&Principal| what.iter().filter(|resource| resource.is_for(principal)).count();
                self.principals
                    .iter()
                    .filter(|principal| action.is_for(principal.kind))
                    .map(|one| of(&one))
                    .sum::<usize>()
            })
            .sum();
        pairs.saturating_mul(self.envs.len())
    }

    /// By principal, action, resource and environment.
    pub(super) fn iter(&self) -> impl Iterator<Item = Asked<'_>> {
        self.principals.iter().flat_map(move |principal| {
            let actions = self.actions.iter().filter(move |action| action.is_for(principal.kind));
            actions.flat_map(move |action| {
                let fits = move |resource: &&Resource| action.takes(resource) && resource.is_for(principal);
                let resources = self.resources.iter().filter(fits);
                resources.flat_map(move |resource| {
                    self.envs.iter().map(move |env| Asked { principal, action: &action.name, resource, env })
                })
            })
        })
    }
}

impl Resource {
    fn is_for(&self, principal: &Principal) -> bool {
        self.only_in.as_ref().is_none_or(|workspace| principal.workspaces.contains(workspace))
    }
}

/// What goes together with an action.
trait Fits {
    fn is_for(&self, kind: PrincipalKind) -> bool;
    fn takes(&self, resource: &Resource) -> bool;
}

impl Fits for policy::ActionOutline {
    fn is_for(&self, kind: PrincipalKind) -> bool {
        self.principals.contains(&kind)
    }

    fn takes(&self, resource: &Resource) -> bool {
        resource.text.split_once(':').is_some_and(|(kind, _)| self.resources.iter().any(|known| known == kind))
    }
}

/// All, or the one of that name.
fn only<T>(all: Vec<T>, field: &str, name: Option<&str>, named: impl Fn(&T) -> &String) -> Result<Vec<T>, Error> {
    let Some(name) = name else { return Ok(all) };
    let known = nearest(name, all.iter().map(|one| named(one).as_str()));
    let found: Vec<T> = all.into_iter().filter(|one| named(one) == name).collect();
    if found.is_empty() {
        let input = name.chars().take(100).flat_map(char::escape_debug).collect();
        return Err(QuestionError::Unknown { field: field.to_owned(), input, known }.into());
    }
    Ok(found)
}

fn one(q: &mut dyn Query, caller: &Caller, text: &str, now: Instant) -> Result<Principal, Error> {
    let asking = Asking { principal: text.to_owned(), ..Asking::default() };
    principals::completed(q, caller, &asking, now).map(|(principal, _)| principal).map_err(|error| match error {
        Error::Invalid { problem, .. } => Error::Invalid { field: "principal", problem: of_a_known_one(problem) },
        error => error,
    })
}

/// Here nobody is made up, so the advice to do so goes.
fn of_a_known_one(problem: String) -> String {
    problem.split_once("; say with `question.scopes`").map_or(problem.clone(), |(said, _)| said.to_owned())
}

/// Everybody who could ask for something now.
pub(super) fn everybody(q: &mut dyn Query, caller: &Caller, now: Instant) -> Result<Vec<Principal>, Error> {
    let people = store::users::list(q)?.into_iter().map(Known::person);
    let accounts = store::accounts::list(q)?.into_iter().map(|account| Known::account(account, now));
    let able = people.chain(accounts).filter(|known| known.stopped.is_none()).map(|known| known.principal);
    Ok(able.filter(|principal| principals::may_ask_about(caller, principal)).collect())
}

fn this(q: &mut dyn Query, caller: &Caller, text: &str, now: Instant) -> Result<Resource, Error> {
    let resources = Resources::parse([text]).map_err(|error| Error::invalid("resource", error))?;
    let known = known::of(q, resources.iter(), now)?;
    within(caller, text, known.get(text)).map_err(|error| match error {
        Error::Invalid { problem, .. } => Error::Invalid { field: "resource", problem },
        error => error,
    })?;
    Ok(Resource { text: text.to_owned(), only_in: None, known })
}

/// The pipelines that are restricted; one of each kind that is not; and one in each workspace that a principal names, for
/// that principal.
fn everything(
    q: &mut dyn Query,
    caller: &Caller,
    actions: &[policy::ActionOutline],
    principals: &[Principal],
    now: Instant,
) -> Result<Vec<Resource>, Error> {
    let mut all = pipelines(q, caller, now)?;
    let kinds: BTreeSet<_> = actions.iter().flat_map(|action| &action.resources).collect();
    let named = principals.iter().flat_map(|principal| &principal.workspaces);
    let workspaces: BTreeSet<_> = named.filter(|name| caller.require_workspace(name).is_ok()).collect();
    for kind in kinds {
        let plain = |text, only_in| Resource { text, only_in, known: BTreeMap::new() };
        if caller.workspaces.is_empty() {
            all.push(plain(format!("{kind}:*"), None));
        }
        let inside = |workspace: &&String| plain(format!("{kind}:{workspace}/*"), Some((*workspace).clone()));
        all.extend(workspaces.iter().map(inside));
    }
    Ok(all)
}

/// The pipelines that are restricted, as far as the caller may see them.
pub(super) fn pipelines(q: &mut dyn Query, caller: &Caller, now: Instant) -> Result<Vec<Resource>, Error> {
    let mut all = Vec::new();
    for pipeline in store::pipelines::list(q)? {
        let text = format!("pipeline:{}", pipeline.name);
        let known = known::of(q, std::iter::once(text.as_str()), now)?;
        if within(caller, &text, known.get(&text)).is_ok() {
            all.push(Resource { text, only_in: None, known });
        }
    }
    Ok(all)
}
