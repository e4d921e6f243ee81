//! Replaying the decisions of this control plane against a set that is not in force, or a narrower grant.
//!
//! Invariant: nothing changes but the columns that a replay reads, which can be made again from the entries; and no more is in
//! memory than a history may hold. Decisions get their columns while nothing else happens, and before a replay. Deliberately
//! absent: what a report is made of.

mod columns;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread;

use domain::Instant;
use domain::policy::replay::{Progress, ReplayReport};
use policy::Question;
use policy::replay::{AnswerKey, Decision, Full, History, Limits, QuestionKey, Stopped, Told};
pub use policy::replay::{Narrower, Range};
use store::decisions::{self, DecisionRow, Span};

use crate::authenticate::Caller;
use crate::policies::drafts::READ;
use crate::policies::subject::Subject;
use crate::{Control, Error};

/// The scope to see what was decided.
const AUDIT: &str = "audit:read";
/// How many decisions get their columns in one transaction.
const BATCH: u32 = 1_000;
/// How many rows are read at once.
const PAGE: u32 = 5_000;

impl Control {
    /// Asks the decisions of a range again, of the set in force and of another one, as if a principal held no more than
    /// `narrower` says. `told` hears how far it is and can stop it; while decisions are still put into columns it hears no total.
    pub fn replay(
        &self,
        caller: &Caller,
        subject: &Subject,
        range: Range,
        narrower: Option<&Narrower>,
        told: Told<'_>,
    ) -> Result<ReplayReport, Error> {
        caller.require(READ)?;
        caller.require(AUDIT)?;
        self.replay_within(subject, range, narrower, Limits::default(), told)
    }

    /// Refuses what a replay would refuse before it looks at a decision.
    pub fn replayable(
        &self,
        caller: &Caller,
        subject: &Subject,
        range: Range,
        narrower: Option<&Narrower>,
    ) -> Result<(), Error> {
        caller.require(READ)?;
        caller.require(AUDIT)?;
        check(range, narrower)?;
        self.sized_engine(subject).map(drop)
    }

    pub(crate) fn replay_within(
        &self,
        subject: &Subject,
        range: Range,
        narrower: Option<&Narrower>,
        limits: Limits,
        told: Told<'_>,
    ) -> Result<ReplayReport, Error> {
        check(range, narrower)?;
        let draft = self.sized_engine(subject)?;
        let live = self.read(|q| self.live_engine(q))?;
        self.keep_all_decisions(told)?;
        let span = Span { from: range.from, until: range.until };
        let number = self.number(span, limits)?;
        let all = number.saturating_mul(3);
        let reading = |done: u32| go_on(told, Progress { done: done.min(number), total: Some(all) });
        let history = Arc::new(self.history(span, limits, &reading)?);
        let asking = |progress: Progress| {
            told(Progress { done: progress.done.saturating_add(number).min(all), total: Some(all) })
        };
        // Those who want to run something are served meanwhile.
        let threads = thread::available_parallelism().map_or(1, |threads| threads.get().div_ceil(2));
        policy::replay::replay(history, live, &draft, narrower, threads, &asking).map_err(stopped)
    }

    /// Gives columns to some decisions that have none. Whatever goes wrong is tried again.
    pub(crate) fn keep_some_decisions(&self) {
        if let Err(error) = self.keep_decisions(BATCH) {
            tracing::warn!(%error, "putting decisions into columns failed; it is tried again in a second");
        }
    }

    fn keep_all_decisions(&self, told: Told<'_>) -> Result<(), Error> {
        let mut done = 0_u32;
        loop {
            go_on(told, Progress { done, total: None })?;
            let kept = self.keep_decisions(BATCH)?;
            done = done.saturating_add(kept);
            if kept < BATCH {
                return Ok(());
            }
        }
    }

    /// Gives columns to the oldest decisions that have none; gives how many those were.
    fn keep_decisions(&self, limit: u32) -> Result<u32, Error> {
        let waiting = self.read(|q| Ok(decisions::waiting(q, limit)?))?;
        if waiting.is_empty() {
            return Ok(0);
        }
        let number = u32::try_from(waiting.len()).unwrap_or(u32::MAX);
        // Read here, so that no other write waits for it.
        let new: Vec<_> = waiting.iter().map(columns::of).collect();
        self.inner.store.housekeeping(move |keep| decisions::add(keep, &new))?;
        Ok(number)
    }

    /// How many decisions there are in a span, if a history holds so many.
    fn number(&self, span: Span, limits: Limits) -> Result<u32, Error> {
        let most = u64::from(limits.decisions);
        let number = self.read(|q| Ok(decisions::count(q, span, most + 1)?))?;
        if number <= most {
            return Ok(u32::try_from(number).unwrap_or(u32::MAX));
        }
        let problem =
            format!("there are more than {most} decisions in this range, which is as many as are replayed at once");
        Err(self.too_many(span, limits.decisions, problem)?)
    }

    /// Says which range would fit: one with the newest decisions of the span.
    #[expect(clippy::needless_pass_by_value, reason = "the caller has no use for it afterwards")]
    fn too_many(&self, span: Span, fitting: u32, problem: String) -> Result<Error, Error> {
        let beyond = self.read(|q| Ok(decisions::newest_since(q, span, fitting)?))?;
        Ok(match beyond.map(|at| Instant::from_millis(at.millis() + 1)) {
            Some(from) => Error::invalid("from", format!("{problem}; the newest fit: ask from `{from}` on")),
            None => Error::invalid("from", format!("{problem}; ask for a shorter one")),
        })
    }

    fn history(&self, span: Span, limits: Limits, told: &dyn Fn(u32) -> Result<(), Error>) -> Result<History, Error> {
        let mut loading = Loading { history: History::new(limits), questions: HashMap::new(), answers: HashMap::new() };
        let mut after = None;
        let mut done = 0_u32;
        loop {
            told(done)?;
            let rows = self.read(|q| Ok(decisions::page(q, span, after, PAGE)?))?;
            let number = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            loading.texts(self, &rows)?;
            after = rows.last().map(|row| row.index).or(after);
            for row in rows {
                if let Err(full) = loading.add(row) {
                    return Err(self.too_many(span, full.decisions / 2, full.to_string())?);
                }
            }
            done = done.saturating_add(number);
            if number < PAGE {
                return Ok(loading.history);
            }
        }
    }
}

/// A history in the making, with the numbers that the store has for its parts. What does not read back is kept with why.
struct Loading {
    history: History,
    questions: HashMap<i64, Result<QuestionKey, String>>,
    answers: HashMap<i64, Result<AnswerKey, String>>,
}

impl Loading {
    /// Reads the texts of rows that were not read before.
    fn texts(&mut self, control: &Control, rows: &[DecisionRow]) -> Result<(), Error> {
        let contents = || rows.iter().filter_map(|row| row.contents.as_ref().ok());
        let mut questions: Vec<_> = contents().map(|row| row.question).collect();
        let mut answers: Vec<_> = contents().map(|row| row.answer).collect();
        questions.retain(|number| !self.questions.contains_key(number));
        answers.retain(|number| !self.answers.contains_key(number));
        for wanted in [&mut questions, &mut answers] {
            wanted.sort_unstable();
            wanted.dedup();
        }
        for (number, text) in control.read(|q| Ok(decisions::texts(q, &questions)?))? {
            let read = serde_json::from_str::<Question>(&text).map_err(|error| error.to_string());
            self.questions.insert(number, read.map(|question| self.history.question(&question)));
        }
        for (number, text) in control.read(|q| Ok(decisions::texts(q, &answers)?))? {
            let read = serde_json::from_str(&text).map_err(|error| error.to_string());
            self.answers.insert(number, read.map(|answer| self.history.answer(answer)));
        }
        Ok(())
    }

    fn add(&mut self, row: DecisionRow) -> Result<(), Full> {
        let index = row.index;
        match self.decision(row) {
            Ok(decision) => self.history.push(decision),
            Err(problem) => {
                self.history.count_unreadable(1, format!("entry {index}: {problem}"));
                Ok(())
            }
        }
    }

    fn decision(&self, row: DecisionRow) -> Result<Decision, String> {
        let numbers = row.contents?;
        let damaged = || "its columns are damaged".to_owned();
        let approval = numbers.approval.map(|text| serde_json::from_str(&text)).transpose();
        Ok(Decision {
            id: numbers.decision,
            index: u32::try_from(row.index).ok(),
            now: row.at,
            question: self.questions.get(&numbers.question).cloned().ok_or_else(damaged)??,
            approval: approval.map_err(|error| error.to_string())?,
            answer: self.answers.get(&numbers.answer).cloned().ok_or_else(damaged)??,
        })
    }
}

fn check(range: Range, narrower: Option<&Narrower>) -> Result<(), Error> {
    if let Range { from: Some(from), until: Some(until) } = range
        && !from.is_before(until)
    {
        return Err(Error::invalid("until", format!("`{until}` is not after `from`, which is `{from}`")));
    }
    let principal = narrower.map(|narrower| narrower.principal.as_str());
    let known = |text: &str| {
        let id = text.strip_prefix("user:").or_else(|| text.strip_prefix("service_account:"));
        id.is_some_and(|id| !id.is_empty())
    };
    match principal.filter(|text| !known(text)) {
        Some(_) => Err(Error::invalid("grant.principal", "write it like `service_account:billing-ci` or `user:usr_…`")),
        None => Ok(()),
    }
}

fn go_on(told: Told<'_>, progress: Progress) -> Result<(), Error> {
    match told(progress) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(stopped(Stopped)),
    }
}

fn stopped(stopped: Stopped) -> Error {
    Error::Conflict(stopped.to_string())
}
