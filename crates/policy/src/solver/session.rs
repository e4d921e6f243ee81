//! Queries to a solver, one after the other, within limits: of each query and of all together.
//!
//! Each answer must come after the mark of its own query. Each query has a program of its own, which is started while the
//! answer to the one before is looked at: whatever one leaves behind, or breaks, is gone with it. (cvc5 1.0.3 knows
//! `(reset)`, and is three times as slow after a hundred of them.)

use std::future::{Future, ready};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use cedar_policy_symcc::solver::{Decision, DecisionWithModel, Solver, SolverError};
use tokio::io::AsyncWrite;

use super::answer::{Failure, Verdict};
use super::child::{Child, Line};
use super::{HELP, SolverOptions};

/// How often a wait is interrupted to see whether it is still wanted.
const LOOK: Duration = Duration::from_millis(50);
/// Rewrites a query before it is searched, which takes a third of the time on ours (cvc5 1.0 and later).
const REWRITING: &str = "--ext-rew-prep=agg";
/// No answer is longer.
const ANSWER: usize = 8 << 20;

/// A conversation with a solver.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    program: Result<PathBuf, String>,
    query: Duration,
    total: Duration,
    until: Instant,
    cancelled: &'a AtomicBool,
    child: Option<Child>,
    /// The query that is being written.
    script: Vec<u8>,
    failure: Option<Failure>,
    asked: u64,
}

impl<'a> Session<'a> {
    /// With a program that was found, or the reason why none was.
    pub(crate) fn new(
        program: Result<PathBuf, String>,
        options: &SolverOptions,
        begun: Instant,
        cancelled: &'a AtomicBool,
    ) -> Self {
        let SolverOptions { query, total, program: _ } = *options;
        let until = begun.checked_add(total).unwrap_or(begun);
        let (child, script, failure) = (None, vec![], None);
        Self { program, query, total, until, cancelled, child, script, failure, asked: 0 }
    }

    /// Why the last query has no answer, once.
    pub(crate) fn failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }

    /// Whether no further query can have an answer.
    pub(crate) fn is_over(&self) -> Option<Failure> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Some(Failure::Cancelled);
        }
        if let Err(problem) = &self.program {
            return Some(Failure::NotRun(problem.clone()));
        }
        (Instant::now() >= self.until).then_some(Failure::OutOfTime(self.total))
    }

    /// Sends what was written and reads the answer, with a model if there is one and it is wanted.
    fn ask(&mut self, model: bool) -> Result<(Verdict, String), SolverError> {
        let mut script = std::mem::take(&mut self.script);
        let answer = self.try_ask(&mut script, model);
        self.child = if answer.is_ok() { self.start().ok() } else { None };
        answer.map_err(|failure| {
            self.failure = Some(failure.clone());
            SolverError::Solver(failure.to_string())
        })
    }

    fn try_ask(&mut self, script: &mut Vec<u8>, model: bool) -> Result<(Verdict, String), Failure> {
        if let Some(over) = self.is_over() {
            return Err(over);
        }
        let until = Instant::now().checked_add(self.query).map_or(self.until, |until| until.min(self.until));
        if self.child.is_none() {
            self.child = Some(self.start()?);
        }
        self.asked = self.asked.wrapping_add(1);
        let child = self.child.as_ref().ok_or(Failure::Died)?;
        let mark = format!("query-{}", self.asked);
        script.extend_from_slice(format!("(echo \"{mark}\")\n(check-sat)\n").as_bytes());
        child.send(std::mem::take(script));
        let first = self.line(child, until)?;
        if first.trim().trim_matches('"') != mark {
            return Err(Failure::garbage(&first));
        }
        let verdict = Verdict::read(&self.line(child, until)?)?;
        if !model || verdict != Verdict::Sat {
            return Ok((verdict, String::new()));
        }
        child.send(b"(get-model)\n".to_vec());
        let mut text = self.line(child, until)?;
        if text.trim() != "(" {
            return Err(Failure::garbage(&text));
        }
        loop {
            let line = self.line(child, until)?;
            text.push_str(&line);
            if line.trim() == ")" {
                return Ok((verdict, text));
            }
            if text.len() > ANSWER {
                return Err(Failure::Flooded);
            }
        }
    }

    fn start(&self) -> Result<Child, Failure> {
        let program = self.program.as_ref().map_err(|problem| Failure::NotRun(problem.clone()))?;
        // Should this process end without ending the solver, it ends by itself.
        let longest = self.total.as_millis().saturating_add(1000);
        let mut arguments = ["--lang", "smt", REWRITING].map(str::to_owned).to_vec();
        arguments.push(format!("--tlimit={longest}"));
        Child::start(program, &arguments).map_err(|error| Failure::NotRun(format!("{error}; {HELP}")))
    }

    fn line(&self, child: &Child, until: Instant) -> Result<String, Failure> {
        loop {
            if self.cancelled.load(Ordering::Relaxed) {
                return Err(Failure::Cancelled);
            }
            let left = until.saturating_duration_since(Instant::now());
            match child.line(left.min(LOOK)) {
                Line::Text(text) => return Ok(text),
                Line::TooLong => return Err(Failure::Flooded),
                Line::Ended => return Err(Failure::Died),
                Line::NotYet if left.is_zero() && until == self.until => return Err(Failure::OutOfTime(self.total)),
                Line::NotYet if left.is_zero() => return Err(Failure::Slow(self.query)),
                Line::NotYet => {}
            }
        }
    }
}

impl Solver for Session<'_> {
    fn smtlib_input(&mut self) -> &mut (dyn AsyncWrite + Unpin + Send) {
        &mut self.script
    }

    fn enable_models(&mut self) -> impl Future<Output = Result<(), SolverError>> + Send {
        self.script.extend_from_slice(b"(set-option :produce-models true)\n");
        ready(Ok(()))
    }

    fn check_sat(&mut self) -> impl Future<Output = Result<Decision, SolverError>> + Send {
        ready(self.ask(false).map(|(verdict, _)| match verdict {
            Verdict::Sat => Decision::Sat,
            Verdict::Unsat => Decision::Unsat,
            Verdict::Unknown => Decision::Unknown,
        }))
    }

    fn check_sat_with_model(&mut self) -> impl Future<Output = Result<DecisionWithModel, SolverError>> + Send {
        ready(self.ask(true).map(|(verdict, model)| match verdict {
            Verdict::Sat => DecisionWithModel::Sat { model },
            Verdict::Unsat => DecisionWithModel::Unsat,
            Verdict::Unknown => DecisionWithModel::Unknown,
        }))
    }
}
