//! One question to the solver at a time, and what came of it.
//!
//! Invariant: whatever goes wrong is *unknown*, with the reason in words.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::mpsc::Sender;
use std::task::{Context, Poll, Waker};

use cedar_policy::{Policy, PolicySet, Schema};
use cedar_policy_symcc::err::Error as SymbolicError;
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicy, CompiledPolicySet, Env};
use domain::policy::Progress;

use super::kind::Kind;
use crate::solver::Session;

type Error = Box<SymbolicError>;

/// What came of a question whether there is a request of some sort.
pub(crate) enum Shown {
    /// There is none: proved.
    Never,
    /// There is one; this, if it could be read.
    Found(Option<Box<Env>>),
    /// Nothing is known.
    Unknown(String),
}

impl Shown {
    fn found(env: Env) -> Self {
        Self::Found(Some(Box::new(env)))
    }
}

/// Asks.
pub(crate) struct Prover<'a> {
    compiler: CedarSymCompiler<Session<'a>>,
    progress: Sender<Progress>,
    told: Progress,
    /// Kinds and meanings of policies that are proved never to fail, of one schema.
    pub(crate) never_fails: HashSet<(String, String)>,
}

impl<'a> Prover<'a> {
    pub(crate) fn new(session: Session<'a>, progress: Sender<Progress>, total: u32) -> Result<Self, String> {
        let compiler = CedarSymCompiler::new(session).map_err(|error| error.to_string())?;
        Ok(Self { compiler, progress, told: Progress { done: 0, total: Some(total) }, never_fails: HashSet::new() })
    }

    /// So many questions more are done.
    pub(crate) fn advance(&mut self, questions: u32) {
        self.told.done = self.told.done.saturating_add(questions);
        // Nobody listens any more only if the caller is gone.
        let _ = self.progress.send(self.told);
    }

    /// Why no question has an answer any more, if that is so.
    pub(crate) fn over(&self) -> Option<String> {
        self.compiler.solver().is_over().map(|failure| failure.to_string())
    }

    /// Whether there is a request that one set allows and the other does not.
    pub(crate) fn beyond(&mut self, kind: &Kind, schema: &Schema, sets: [&PolicySet; 2], model: bool) -> Shown {
        self.asked(|this| {
            let env = kind.env();
            let from = CompiledPolicySet::compile(sets[0], &env, schema).map_err(Box::new)?;
            let to = CompiledPolicySet::compile(sets[1], &env, schema).map_err(Box::new)?;
            if model {
                let found = now(this.compiler.check_implies_with_counterexample_opt(&from, &to))?;
                return Ok(found.map_or(Shown::Never, Shown::found));
            }
            let implied = now(this.compiler.check_implies_opt(&from, &to))?;
            Ok(if implied { Shown::Never } else { Shown::Found(None) })
        })
    }

    /// Whether there is a request for which a policy cannot be evaluated.
    pub(crate) fn fails(&mut self, kind: &Kind, schema: &Schema, policy: &Policy) -> Shown {
        self.asked(|this| {
            let policy = CompiledPolicy::compile(policy, &kind.env(), schema).map_err(Box::new)?;
            let found = now(this.compiler.check_never_errors_with_counterexample_opt(&policy))?;
            Ok(found.map_or(Shown::Never, Shown::found))
        })
    }

    fn asked(&mut self, ask: impl FnOnce(&mut Self) -> Result<Shown, Error>) -> Shown {
        if let Some(over) = self.over() {
            return Shown::Unknown(over);
        }
        let shown = match ask(self) {
            Ok(shown) => shown,
            Err(error) => {
                let failure = self.compiler.solver_mut().failure();
                Shown::Unknown(failure.map_or_else(|| in_words(&error), |failure| failure.to_string()))
            }
        };
        self.advance(0);
        shown
    }
}

fn in_words(error: &SymbolicError) -> String {
    match error {
        SymbolicError::SolverUnknown => "the solver does not know".to_owned(),
        SymbolicError::ModelInvalid { .. } => "the solver found a request that does not fit its own claim".to_owned(),
        SymbolicError::PolicyNotWellTyped { errs } => {
            let first = errs.first().map_or_else(|| error.to_string(), ToString::to_string);
            first.chars().filter(|c| !c.is_control()).take(300).collect()
        }
        error => error.to_string().chars().filter(|c| !c.is_control()).take(300).collect(),
    }
}

/// A future that never waits: the session writes to memory and speaks to its program by itself.
fn now<T>(future: impl Future<Output = Result<T, SymbolicError>>) -> Result<T, Error> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result.map_err(Box::new),
        Poll::Pending => Err(Box::new(SymbolicError::SolverUnknown)),
    }
}
