//! One question without effect: completed from what is known here, put to any policy set, answered in words.
//!
//! Invariant: nothing is written, no entry is made, and no plugin runs. A caller who is bound to workspaces asks only about
//! what is in them. Deliberately absent: a way to take the answer for a decision; it has no id.

pub(crate) mod principals;

use std::collections::BTreeMap;

use domain::Instant;
use domain::binding::Resources;
use domain::network::{Network, admits};
use policy::{Approval, Explained, KnownResource, Question};
pub use policy::{Declared, PolicyStanding, Standing};
use store::Query;

use crate::authenticate::Caller;
use crate::known;
use crate::policies::subject::Subject;
use crate::{Control, Error};

/// How long a simulated approval lasts where no guard says, in seconds.
const APPROVED: u32 = 900;
/// The most teams, scopes, workspaces or groups that a question may name.
const MOST: usize = 100;

/// A question as it was put together; what it does not say is completed.
#[derive(Clone, Debug, Default)]
pub struct Asking {
    /// Who would ask, as `user:…` or `service_account:…`.
    pub principal: String,
    /// Its teams, instead of those that it has.
    pub teams: Option<Vec<String>>,
    /// Its scopes, instead of those that it has.
    pub scopes: Option<Vec<String>>,
    /// Its workspaces, instead of those that it has.
    pub workspaces: Option<Vec<String>>,
    /// The action.
    pub action: String,
    /// Each as `kind:name`.
    pub resources: Vec<String>,
    /// The environment.
    pub env: String,
    /// What it would say about the request.
    pub context: Declared,
    /// What restricts the resources, instead of what is known of them.
    pub known: BTreeMap<String, KnownResource>,
    /// When; now, if absent.
    pub now: Option<Instant>,
    /// How many people would have approved it.
    pub approvers: Option<u32>,
    /// The groups that would be represented among them.
    pub groups: Vec<String>,
}

/// The answer to a question without effect.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// The question as it was completed.
    pub question: Question,
    /// The answer, with what each policy has to do with it.
    pub explained: Explained,
    /// Plugins that a decision would ask too, and that were not asked.
    pub plugins: Vec<String>,
}

impl Control {
    /// Answers a question without effect.
    pub fn simulate(&self, caller: &Caller, subject: &Subject, asking: Asking) -> Result<Simulated, Error> {
        caller.require("policies:read")?;
        let engine = self.sized_engine(subject)?;
        let approvers = check(&asking)?;
        let groups = asking.groups.clone();
        let mut question = self.read(|q| self.completed(q, caller, asking))?;
        if let Some(approvers) = approvers {
            // As long as the strictest guard that stands lets an approval last.
            let lasts = engine.decide(&question)?.requirement.map_or(APPROVED, |needed| needed.execution_ttl_seconds);
            let (granted_at, expires_at) = (question.now, question.now.plus(lasts));
            question.approval = Some(Approval { approvers, groups, granted_at, expires_at, ticket: None });
        }
        let explained = engine.explain(&question)?;
        let plugins = self.inner.plugins.names(&question);
        Ok(Simulated { question, explained, plugins })
    }

    /// The question with what is known here filled in, and without an approval.
    fn completed(&self, q: &mut dyn Query, caller: &Caller, asking: Asking) -> Result<Question, Error> {
        let (principal, networks) = principals::completed(q, caller, &asking, self.now())?;
        let known_network =
            asking.context.known_network.or_else(|| in_networks(&networks, asking.context.ip.as_deref()));
        let resources =
            Resources::parse(&asking.resources).map_err(|error| Error::invalid("question.resources", error))?;
        let mut known = known::of(q, resources.iter(), self.now())?;
        if let Some(stray) = asking.known.keys().find(|name| !resources.iter().any(|resource| resource == *name)) {
            let stray: String = stray.chars().take(100).collect();
            let help = format!("`{stray}` is not among `question.resources`");
            return Err(Error::invalid("question.known", help));
        }
        known.extend(asking.known);
        for resource in resources.iter() {
            within(caller, resource, known.get(resource))?;
        }
        Ok(Question {
            principal,
            action: asking.action,
            resources: resources.iter().map(str::to_owned).collect(),
            env: asking.env,
            context: Declared { known_network, ..asking.context },
            now: asking.now.unwrap_or_else(|| self.now()),
            approval: None,
            known,
        })
    }
}

/// Whether an address is in networks, if both are said. One that cannot be read is the engine's to refuse.
fn in_networks(networks: &[Network], ip: Option<&str>) -> Option<bool> {
    let address = ip?.parse().ok()?;
    (!networks.is_empty()).then(|| admits(networks, address))
}

/// How many people would have approved it, if that was said.
fn check(asking: &Asking) -> Result<Option<u32>, Error> {
    let lists = [
        ("question.teams", asking.teams.as_ref()),
        ("question.scopes", asking.scopes.as_ref()),
        ("question.workspaces", asking.workspaces.as_ref()),
        ("question.groups", Some(&asking.groups)),
    ];
    for (field, list) in lists {
        if list.is_some_and(|list| list.len() > MOST) {
            return Err(Error::invalid(field, format!("at most {MOST}")));
        }
    }
    if asking.approvers.is_none() && !asking.groups.is_empty() {
        let help = "say with `question.approvers` how many people would have approved it";
        return Err(Error::invalid("question.groups", help));
    }
    Ok(asking.approvers)
}

/// Refuses what lies in no workspace of a caller who is bound to some.
pub(crate) fn within(caller: &Caller, resource: &str, known: Option<&KnownResource>) -> Result<(), Error> {
    if caller.workspaces.is_empty() {
        return Ok(());
    }
    match workspace(resource, known) {
        Some(workspace) => caller.require_workspace(workspace),
        None => {
            let own = caller.workspaces.join("`, `");
            let help = format!("`{resource}` is in no workspace; you may ask about what is in `{own}`");
            Err(Error::invalid("question.resources", help))
        }
    }
}

/// The workspace of a resource: as it is known, or the first part of its name.
pub(crate) fn workspace<'a>(resource: &'a str, known: Option<&'a KnownResource>) -> Option<&'a str> {
    let named = || resource.split_once(':').and_then(|(_, name)| name.split_once('/')).map(|(first, _)| first);
    known.and_then(|known| known.workspace.as_deref()).or_else(named)
}
