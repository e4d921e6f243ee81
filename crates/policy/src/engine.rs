//! A policy set that answers.

use std::collections::BTreeMap;
use std::fmt;
use std::thread;

use domain::Digest;
use domain::outcome::{Outcome, Requirement};

use crate::SourceFile;
use crate::answer::{Answer, EvaluationError, PolicyInfo, ReviewAnswer};
use crate::compile::Compiled;
use crate::evaluation::Evaluation;
use crate::explain;
use crate::facets::Facets;
use crate::guard::Kind;
use crate::index::Index;
use crate::invariants::Invariants;
use crate::probe;
use crate::problem::{PolicyError, Text};
use crate::question_error::QuestionError;
use crate::request::Prepared;
use crate::schema::Vocabulary;
use crate::source::PolicySource;
use crate::verdict::{Verdict, both, within};
use domain::policy::question::{Question, Reviewer, TicketFacts};

/// Enough for the deepest expression that the limits on text let through, in a build without optimisation.
pub(crate) const STACK: usize = 64 << 20;

/// A compiled policy set. Evaluation takes `&self` and may run on any number of threads.
pub struct Engine {
    source: PolicySource,
    digest: Digest,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) compiled: Compiled,
    index: Index,
    invariants: Invariants,
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
        let invariants = Invariants::read(&source.invariants, vocabulary.as_ref().ok());
        match (vocabulary, compiled, invariants) {
            (Ok(vocabulary), Ok(compiled), Ok(invariants)) => {
                let narrowings: Vec<_> = compiled.entries.iter().map(|entry| entry.narrowing.clone()).collect();
                let index = Index::new(&narrowings, &vocabulary);
                Ok(Self { digest: source.digest(), source, vocabulary, compiled, index, invariants })
            }
            (one, other, third) => {
                let problems = one.err().into_iter().chain(other.err()).chain(third.err()).flatten().collect();
                Err(PolicyError::new(problems))
            }
        }
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

    /// What the set must keep, whatever its policies say.
    pub(crate) const fn promised(&self) -> &Invariants {
        &self.invariants
    }

    /// What proofs and replays are made of: the names of its schema, and its policies.
    pub(crate) const fn parts(&self) -> (&Vocabulary, &Compiled) {
        (&self.vocabulary, &self.compiled)
    }

    /// Answers a question: for several resources, the strictest of their answers.
    pub fn decide(&self, question: &Question) -> Result<Answer, QuestionError> {
        let prepared = Prepared::question(&self.vocabulary, question)?;
        let (verdict, errors) = self.judge(&prepared, self.facets(question));
        let outcome = verdict.ground.outcome();
        let reasons = self.reasons(&verdict, Some(question));
        let requirement = self.requirement(&verdict).filter(|_| outcome == Outcome::RequireApproval);
        let requirement = requirement.map(|requirement| within(requirement, question.max_duration_seconds()));
        Ok(Answer { outcome, ground: verdict.ground, reasons, requirement, errors, policy_set: self.digest })
    }

    /// Whether policy lets somebody review a ticket.
    pub fn may_review(&self, reviewer: &Reviewer, ticket: &TicketFacts) -> Result<ReviewAnswer, QuestionError> {
        let prepared = Prepared::review(&self.vocabulary, reviewer, ticket)?;
        let reference = format!("ticket:{}", ticket.id);
        let facets = Facets::review(reviewer, ticket, &reference);
        let (verdict, errors) = self.judge(&prepared, std::iter::once(facets));
        let allowed = verdict.ground.outcome() == Outcome::Allow;
        let reasons = self.reasons(&verdict, None);
        Ok(ReviewAnswer { allowed, ground: verdict.ground, reasons, errors, policy_set: self.digest })
    }

    /// Of each resource of a question that has been prepared, so that its names are known.
    pub(crate) fn facets<'a>(&'a self, question: &'a Question) -> impl Iterator<Item = Facets<'a>> {
        question.resources.iter().filter_map(|text| Facets::question(&self.vocabulary, question, text))
    }

    fn judge<'a>(
        &self,
        prepared: &Prepared,
        facets: impl Iterator<Item = Facets<'a>>,
    ) -> (Verdict, Vec<EvaluationError>) {
        let mut failed = BTreeMap::new();
        let verdicts = prepared.requests.iter().zip(facets).map(|(request, facets)| {
            let slice = self.index.slice(&facets);
            let policies = slice.iter().map(|at| (at, &self.compiled.entries[at].condition));
            let evaluation = Evaluation::of(request.as_ref(), prepared.entities.as_ref(), policies);
            let verdict = Verdict::of(&evaluation, |at| self.compiled.entries[at].info.effect);
            failed.extend(evaluation.failing);
            verdict
        });
        let verdict = verdicts.reduce(Verdict::strictest).unwrap_or(Verdict::not_permitted());
        let name = |at: usize| self.compiled.entries[at].info.id.clone();
        let errors = failed.into_iter().map(|(at, message)| EvaluationError { policy: name(at), message }).collect();
        (verdict, errors)
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
