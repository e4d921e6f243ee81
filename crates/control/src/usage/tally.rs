//! What entries of one account count up to.

use std::collections::BTreeMap;

use domain::Instant;
use domain::event::{Entry, Kind};
use domain::outcome::Outcome;
use domain::policy::question::scope_of;
use policy::{Answer, Question};
use serde::de::DeserializeOwned;

use crate::simulate::workspace;
use crate::usage::traces;

/// How often something was used, and when last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// How often.
    pub times: u32,
    /// When last.
    pub last: Option<Instant>,
}

/// What was used, by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Decisions that were asked for.
    pub decisions: u32,
    /// Scopes, under their canonical names.
    pub scopes: BTreeMap<String, Use>,
    /// Resources, as `kind:name`.
    pub resources: BTreeMap<String, Use>,
    /// Environments.
    pub environments: BTreeMap<String, Use>,
    /// The workspaces of the resources that it was let act on, at once or with an approval.
    pub workspaces: BTreeMap<String, Use>,
    /// Whether it was let act on something that is in no workspace.
    pub outside: bool,
}

impl Use {
    fn note(&mut self, at: Instant) {
        self.times = self.times.saturating_add(1);
        self.last = Some(self.last.map_or(at, |last| if last.is_before(at) { at } else { last }));
    }
}

impl Tally {
    /// Counts an entry.
    pub(super) fn note(&mut self, entry: &Entry) {
        if let Some(scope) = traces::scope(entry.kind) {
            self.scopes.entry(scope.to_owned()).or_default().note(entry.at);
        }
        if entry.kind == Kind::DecisionMade {
            self.decisions = self.decisions.saturating_add(1);
            if let Some(question) = part::<Question>(entry, "question") {
                let denied = part::<Answer>(entry, "answer").is_none_or(|answer| answer.outcome == Outcome::Deny);
                self.note_question(&question, denied, entry.at);
            }
        }
    }

    fn note_question(&mut self, question: &Question, denied: bool, at: Instant) {
        self.scopes.entry(scope_of(&question.action).to_owned()).or_default().note(at);
        self.environments.entry(question.env.clone()).or_default().note(at);
        for resource in &question.resources {
            self.resources.entry(resource.clone()).or_default().note(at);
            match workspace(resource, question.known.get(resource)) {
                _ if denied => {}
                Some(workspace) => self.workspaces.entry(workspace.to_owned()).or_default().note(at),
                None => self.outside = true,
            }
        }
    }
}

fn part<T: DeserializeOwned>(entry: &Entry, name: &str) -> Option<T> {
    serde_json::from_value(entry.data.get(name)?.clone()).ok()
}
