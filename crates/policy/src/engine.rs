//! A policy set that answers.

use std::collections::BTreeMap;
use std::fmt;
use std::thread;

use cedar_policy::{Authorizer, Decision, Entities, PolicySet, Request};
use domain::Digest;
use domain::outcome::{Outcome, Requirement};

use crate::SourceFile;
use crate::answer::{Answer, EvaluationError, PolicyInfo, ReviewAnswer};
use crate::compile::Compiled;
use crate::explain;
use crate::guard::Kind;
use crate::probe;
use crate::problem::{PolicyError, Text};
use crate::question_error::QuestionError;
use crate::request::Prepared;
use crate::schema::Vocabulary;
use crate::source::PolicySource;
use crate::verdict::{Evaluation, Verdict, both};
use domain::policy::question::{Question, Reviewer, TicketFacts};

/// Enough for the deepest expression that the limits on text let through, in a build without optimisation.
const STACK: usize = 64 << 20;

/// A compiled policy set. Evaluation takes `&self` and may run on any number of threads.
pub struct Engine {
    source: PolicySource,
    digest: Digest,
    vocabulary: Vocabulary,
    compiled: Compiled,
    authorizer: Authorizer,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Engine").field(&self.digest).finish()
    }
}

impl Engine {
    /// Checks and compiles a policy set, strictly, and tells everything that is wrong with it.
    pub fn compile(source: PolicySource) -> Result<Self, PolicyError> {
        let compiling = thread::Builder::new().stack_size(STACK).spawn(|| Self::read(source));
        if let Ok(Ok(result)) = compiling.map(thread::JoinHandle::join) {
            return result;
        }
        let text = Text { file: SourceFile::Policies, text: "" };
        let message = "the policies could not be compiled, because the compiler failed";
        Err(PolicyError::new(vec![text.problem(0, message, "try again; if it fails again, report it")]))
    }

    fn read(source: PolicySource) -> Result<Self, PolicyError> {
        let schema = Text { file: SourceFile::Schema, text: &source.schema };
        let policies = Text { file: SourceFile::Policies, text: &source.policies };
        let vocabulary = Vocabulary::read(schema).and_then(|vocabulary| {
            let problems = probe::problems(&vocabulary, schema);
            if problems.is_empty() { Ok(vocabulary) } else { Err(problems) }
        });
        let compiled = Compiled::read(policies, vocabulary.as_ref().ok());
        match (vocabulary, compiled) {
            (Ok(vocabulary), Ok(compiled)) => {
                Ok(Self { digest: source.digest(), source, vocabulary, compiled, authorizer: Authorizer::new() })
            }
            (one, other) => {
                let problems = one.err().into_iter().chain(other.err()).flatten().collect();
                Err(PolicyError::new(problems))
            }
        }
    }

    /// The names of its schema, and its policies.
    pub(crate) const fn parts(&self) -> (&Vocabulary, &Compiled) {
        (&self.vocabulary, &self.compiled)
    }

    /// The text that was compiled.
    #[must_use]
    pub const fn source(&self) -> &PolicySource {
        &self.source
    }

    /// Its digest.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The policies, in the order of the text.
    #[must_use]
    pub fn policies(&self) -> Vec<PolicyInfo> {
        self.compiled.entries.iter().map(|entry| entry.info.clone()).collect()
    }

    /// Answers a question: for several resources, the strictest of their answers.
    pub fn decide(&self, question: &Question) -> Result<Answer, QuestionError> {
        let prepared = Prepared::question(&self.vocabulary, question)?;
        let (verdict, errors) = self.judge(&prepared);
        let outcome = verdict.ground.outcome();
        let reasons = self.reasons(&verdict, Some(question));
        let requirement = self.requirement(&verdict).filter(|_| outcome == Outcome::RequireApproval);
        Ok(Answer { outcome, ground: verdict.ground, reasons, requirement, errors, policy_set: self.digest })
    }

    /// Whether policy lets somebody review a ticket.
    pub fn may_review(&self, reviewer: &Reviewer, ticket: &TicketFacts) -> Result<ReviewAnswer, QuestionError> {
        let prepared = Prepared::review(&self.vocabulary, reviewer, ticket)?;
        let (verdict, errors) = self.judge(&prepared);
        let allowed = verdict.ground.outcome() == Outcome::Allow;
        let reasons = self.reasons(&verdict, None);
        Ok(ReviewAnswer { allowed, ground: verdict.ground, reasons, errors, policy_set: self.digest })
    }

    fn judge(&self, prepared: &Prepared) -> (Verdict, Vec<EvaluationError>) {
        let mut failed = BTreeMap::new();
        let verdicts = prepared.requests.iter().map(|request| {
            let full = self.evaluate(&self.compiled.full, request, &prepared.entities);
            let ceiling = || self.evaluate(&self.compiled.ceiling, request, &prepared.entities).allowed;
            let verdict = Verdict::of(&full, |at| self.compiled.entries[at].info.effect, ceiling);
            failed.extend(full.errors);
            verdict
        });
        let verdict = verdicts.reduce(Verdict::strictest).unwrap_or(Verdict::not_permitted());
        let name = |at: usize| self.compiled.entries[at].info.id.clone();
        let errors = failed.into_iter().map(|(at, message)| EvaluationError { policy: name(at), message }).collect();
        (verdict, errors)
    }

    fn evaluate(&self, set: &PolicySet, request: &Request, entities: &Entities) -> Evaluation {
        let response = self.authorizer.is_authorized(request, set, entities);
        let place = |id| self.compiled.index.get(id).copied();
        let mut determining: Vec<_> = response.diagnostics().reason().filter_map(place).collect();
        determining.sort_unstable();
        let errors = response.diagnostics().errors().filter_map(|error| {
            let cedar_policy::AuthorizationError::PolicyEvaluationError(error) = error;
            Some((place(error.policy_id())?, error.inner().to_string()))
        });
        Evaluation { allowed: response.decision() == Decision::Allow, determining, errors: errors.collect() }
    }

    fn reasons(&self, verdict: &Verdict, question: Option<&Question>) -> Vec<domain::outcome::Reason> {
        let reasons = verdict.policies.iter();
        reasons.map(|(at, error)| explain::reason(&self.compiled.entries[*at], error.as_deref(), question)).collect()
    }

    fn requirement(&self, verdict: &Verdict) -> Option<Requirement> {
        let guards = verdict.policies.keys().filter_map(|at| match &self.compiled.entries[*at].kind {
            Kind::Guard(requirement) => Some(requirement),
            Kind::Permit | Kind::Forbid => None,
        });
        guards.fold(None, |all, one| Some(all.map_or_else(|| one.clone(), |all| both(all, one))))
    }
}
