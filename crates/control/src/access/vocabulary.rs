//! The names that questions can have: those of a policy set, and those of what is known here, as far as the caller may see.

use std::collections::BTreeSet;

use domain::Digest;
use policy::Outline;

use super::combinations;
use crate::authenticate::Caller;
use crate::policies::subject::Subject;
use crate::{Control, Error};

/// The most names in a list.
const MOST: usize = 1_000;

/// The names.
#[derive(Clone, Debug)]
pub struct Names {
    /// The set whose names they are.
    pub policy_set: Digest,
    /// Its actions, environments, types and groups.
    pub outline: Outline,
    /// Principals, each with what it is called.
    pub principals: Vec<(String, String)>,
    /// Their teams.
    pub teams: Vec<String>,
    /// Pipelines that are restricted.
    pub pipelines: Vec<String>,
    /// Whether a list was cut.
    pub cut: bool,
}

impl Control {
    /// The names that questions to a set can have.
    pub fn vocabulary(&self, caller: &Caller, subject: &Subject) -> Result<Names, Error> {
        caller.require("policies:read")?;
        let engine = self.sized_engine(subject)?;
        let now = self.now();
        let (principals, pipelines) = self.read(|q| {
            let sees = |scope| caller.scopes.contains(scope);
            let principals = if sees("accounts:read") { combinations::everybody(q, caller, now)? } else { Vec::new() };
            let pipelines = if sees("pipelines:read") { combinations::pipelines(q, caller, now)? } else { Vec::new() };
            Ok::<_, Error>((principals, pipelines))
        })?;
        let teams: BTreeSet<_> = principals.iter().flat_map(|principal| principal.teams.iter().cloned()).collect();
        let cut = principals.len() > MOST || pipelines.len() > MOST || teams.len() > MOST;
        let named = principals.into_iter().take(MOST).map(|principal| (principal.reference(), principal.name));
        let plain = |text: String| text.strip_prefix("pipeline:").map_or(text.clone(), str::to_owned);
        let named_pipelines = pipelines.into_iter().map(|pipeline| plain(pipeline.text));
        Ok(Names {
            policy_set: engine.digest(),
            outline: engine.outline(),
            principals: named.collect(),
            teams: teams.into_iter().take(MOST).collect(),
            pipelines: named_pipelines.take(MOST).collect(),
            cut,
        })
    }
}
