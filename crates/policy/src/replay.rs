//! Recorded decisions, asked again: what a draft would have changed, for whom, and how often.
//!
//! Invariant: the report is that of asking both sets about every single decision. It is had with less: decisions that differ
//! only in what no matching policy reads are asked once, and the draft is asked only where a policy can match that it adds,
//! removes or edits. Both sets are asked afresh; what was recorded only serves to find drift.
//!
//! Deliberately absent: where decisions are kept, and what may be replayed by whom.

mod answers;
mod change;
mod class;
mod drift;
mod grant;
mod history;
mod intern;
mod matching;
mod progress;
mod read;
mod tally;

use std::collections::HashMap;
use std::sync::Arc;

use domain::Instant;
use domain::policy::replay::{Basis, Drift, ReplayReport};

use crate::ENGINE;
use crate::engine::Engine;
use crate::replay::answers::Answers;
use crate::replay::class::Classes;
use crate::replay::history::NOWHERE;
use crate::replay::intern::count;
use crate::replay::matching::Matching;
use crate::replay::progress::Work;
use crate::replay::tally::Sides;

pub use grant::Narrower;
pub use history::{AnswerKey, Answered, Decision, Full, History, Limits, QuestionKey};
pub use progress::{Stopped, Told};
pub use read::{Range, ReadError, RecordedDecision};

/// A history with what the set in force says of it: what drafts are held against, one after the other.
pub struct Baseline {
    history: Arc<History>,
    live: Arc<Engine>,
    matching: Matching,
    answers: Answers,
    drift: Drift,
    threads: usize,
}

/// Replays a history once; `told` hears how far it is, and can stop it.
pub fn replay(
    history: Arc<History>,
    live: Arc<Engine>,
    draft: &Engine,
    narrower: Option<&Narrower>,
    threads: usize,
    told: Told<'_>,
) -> Result<ReplayReport, Stopped> {
    let mut work = Work::new(told, count(history.len()).saturating_mul(2));
    Baseline::ask(history, live, threads, &mut work)?.hold(draft, narrower, &mut work)
}

impl Baseline {
    /// Asks the set in force about every decision, on so many threads.
    pub fn of(history: Arc<History>, live: Arc<Engine>, threads: usize, told: Told<'_>) -> Result<Self, Stopped> {
        let mut work = Work::new(told, count(history.len()));
        Self::ask(history, live, threads, &mut work)
    }

    /// Holds a draft against it; with `narrower`, as if a principal held no more than that.
    pub fn replay(&self, draft: &Engine, narrower: Option<&Narrower>, told: Told<'_>) -> Result<ReplayReport, Stopped> {
        self.hold(draft, narrower, &mut Work::new(told, count(self.history.len())))
    }

    /// The decisions.
    #[must_use]
    pub const fn history(&self) -> &Arc<History> {
        &self.history
    }

    /// The set in force.
    #[must_use]
    pub const fn live(&self) -> &Arc<Engine> {
        &self.live
    }

    fn ask(history: Arc<History>, live: Arc<Engine>, threads: usize, work: &mut Work<'_>) -> Result<Self, Stopped> {
        let matching = Matching::of(&live);
        let classes = Classes::of(&history, &matching, work)?;
        let answers = Answers::of(&history, &live, classes, threads, work, |_| true, &|question| question)?;
        let drift = drift::drift(&history, &live, &answers, work)?;
        Ok(Self { history, live, matching, answers, drift, threads })
    }

    fn hold(&self, draft: &Engine, narrower: Option<&Narrower>, work: &mut Work<'_>) -> Result<ReplayReport, Stopped> {
        let history = &*self.history;
        let matching = Matching::of(draft);
        let classes = Classes::of(history, &matching, work)?;
        let touched = self.touched(draft, &matching, narrower);
        let changed = |question| match narrower {
            Some(narrower) => narrower.of(question),
            None => question,
        };
        let after = Answers::of(history, draft, classes, self.threads, work, touched, &changed)?;
        let counted = Sides { history, before: &self.answers, after: &after }.count(work)?;
        Ok(ReplayReport {
            basis: self.basis(draft),
            coverage: counted.coverage,
            same: counted.same,
            flips: counted.flips,
            principals: counted.principals,
            actions: counted.actions,
            resources: counted.resources,
            environments: counted.environments,
            drift: self.drift.clone(),
            timeline: counted.timeline,
        })
    }

    /// Whether the draft can answer a row otherwise than the set in force.
    fn touched<'a>(
        &'a self,
        draft: &Engine,
        matching: &'a Matching,
        narrower: Option<&'a Narrower>,
    ) -> impl Fn(usize) -> bool + 'a {
        let before = self.matching.differing(matching);
        let after = matching.differing(&self.matching);
        // Where much was changed, looking costs as much as asking.
        let all = draft.source().schema != self.live.source().schema
            || before.len() + after.len() > matching.policies.len().max(1);
        move |row| {
            let shape = self.history.parts.shapes.get(self.history.questions[row]);
            let subject = self.history.subject(shape);
            all || narrower.is_some_and(|narrower| narrower.is_of(self.history.parts.principals.get(shape.principal)))
                || before.iter().any(|at| self.matching.may_match(*at, &subject))
                || after.iter().any(|at| matching.may_match(*at, &subject))
        }
    }

    fn basis(&self, draft: &Engine) -> Basis {
        let History { clocks, indices, .. } = &*self.history;
        let placed = || indices.iter().copied().filter(|index| *index != NOWHERE);
        Basis {
            draft: draft.digest(),
            live: self.live.digest(),
            engine: ENGINE.to_owned(),
            first_index: placed().min(),
            last_index: placed().max(),
            from: clocks.iter().min().map(|millis| Instant::from_millis(*millis)),
            until: clocks.iter().max().map(|millis| Instant::from_millis(*millis)),
        }
    }
}

impl Matching {
    /// The places of the policies that the other set does not have, or has with another text.
    fn differing(&self, other: &Self) -> Vec<usize> {
        let texts: HashMap<_, _> = other.policies.iter().map(|policy| (&policy.id, &policy.text)).collect();
        let differs = |at: &usize| {
            let policy = &self.policies[*at];
            texts.get(&policy.id) != Some(&&policy.text)
        };
        (0..self.policies.len()).filter(differs).collect()
    }
}

impl std::fmt::Debug for Baseline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Baseline")
            .field("live", &self.live)
            .field("decisions", &self.history.len())
            .finish_non_exhaustive()
    }
}
