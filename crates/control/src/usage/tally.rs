//! What entries of one account count up to. A number that would be too large stays at the largest.

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
    /// Of those, how many cannot be read: what they used is not known.
    pub unread: u32,
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

/// A number of equal things, and when the last was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Times {
    pub times: u64,
    pub last: Instant,
}

impl Times {
    const fn once(at: Instant) -> Self {
        Self { times: 1, last: at }
    }

    fn times(self) -> u32 {
        u32::try_from(self.times).unwrap_or(u32::MAX)
    }
}

impl Use {
    fn note(&mut self, times: Times) {
        self.times = self.times.saturating_add(times.times());
        self.last = Some(self.last.map_or(times.last, |last| last.max(times.last)));
    }
}

impl Tally {
    /// Counts an entry.
    pub(super) fn note(&mut self, entry: &Entry) {
        let once = Times::once(entry.at);
        if entry.kind == Kind::DecisionMade {
            let denied = part::<Answer>(entry, "answer").is_none_or(|answer| answer.outcome == Outcome::Deny);
            self.note_decisions(part(entry, "question").as_ref(), denied, once);
        } else {
            self.note_kind(entry.kind, once);
        }
    }

    /// Counts entries of a kind that are no decisions.
    pub(super) fn note_kind(&mut self, kind: Kind, times: Times) {
        if let Some(scope) = traces::scope(kind) {
            self.scopes.entry(scope.to_owned()).or_default().note(times);
        }
    }

    /// Counts decisions with the same question and the same answer; without a question, those that cannot be read.
    pub(super) fn note_decisions(&mut self, question: Option<&Question>, denied: bool, times: Times) {
        self.decisions = self.decisions.saturating_add(times.times());
        self.note_kind(Kind::DecisionMade, times);
        match question {
            Some(question) => self.note_question(question, denied, times),
            None => self.unread = self.unread.saturating_add(times.times()),
        }
    }

    fn note_question(&mut self, question: &Question, denied: bool, times: Times) {
        self.scopes.entry(scope_of(&question.action).to_owned()).or_default().note(times);
        self.environments.entry(question.env.clone()).or_default().note(times);
        for resource in &question.resources {
            self.resources.entry(resource.clone()).or_default().note(times);
            match workspace(resource, question.known.get(resource)) {
                _ if denied => {}
                Some(workspace) => self.workspaces.entry(workspace.to_owned()).or_default().note(times),
                None => self.outside = true,
            }
        }
    }
}

fn part<T: DeserializeOwned>(entry: &Entry, name: &str) -> Option<T> {
    serde_json::from_value(entry.data.get(name)?.clone()).ok()
}
