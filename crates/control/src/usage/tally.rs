//! What entries of one account count up to. A number that would be too large stays at the largest.

use std::collections::BTreeMap;

use domain::Instant;
use domain::event::Kind;
use domain::outcome::Outcome;
use domain::policy::question::scope_of;
use policy::Question;
use policy::replay::{Answered, RecordedDecision};
use store::entries::Recorded;

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
    /// The workspaces of the resources that policy let it act on, at once or with an approval.
    pub workspaces: BTreeMap<String, Use>,
    /// Whether policy let it act on something that is in no workspace.
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
    pub(super) fn note(&mut self, Recorded { entry, leaf, .. }: &Recorded) {
        let once = Times::once(entry.at);
        if entry.kind == Kind::DecisionMade {
            let leaf = std::str::from_utf8(leaf).ok();
            let made = leaf.and_then(|leaf| RecordedDecision::of_entry(leaf).ok());
            self.note_decisions(made.as_ref().map(|made| (&made.question, &made.answer)), once);
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

    /// Counts decisions with the same question and the same answer; without them, those that cannot be read.
    pub(super) fn note_decisions(&mut self, made: Option<(&Question, &Answered)>, times: Times) {
        self.decisions = self.decisions.saturating_add(times.times());
        self.note_kind(Kind::DecisionMade, times);
        match made {
            Some((question, answer)) => self.note_question(question, answer.outcome == Outcome::Deny, times),
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
