//! A policy set that answers.

use std::collections::BTreeMap;
use std::fmt;
use std::thread;

use cedar_policy::{Entities, Request};
use domain::Digest;
use domain::budget::Budget;
use domain::outcome::{Outcome, Requirement};

use crate::SourceFile;
use crate::answer::{Answer, EvaluationError, PolicyInfo, ReviewAnswer};
use crate::compile::Compiled;
use crate::evaluation::Evaluation;
use crate::explain;
use crate::facets::Facets;
use crate::facts;
use crate::guard::Kind;
use crate::index::{Bits, Index};
use crate::invariants::Invariants;
use crate::parts::Parts;
use crate::probe;
use crate::problem::{PolicyError, Text};
use crate::question_error::QuestionError;
use crate::request;
use crate::schema::Vocabulary;
use crate::source::PolicySource;
use crate::verdict::{Verdict, both, within};
use crate::warm::Warm;
use domain::policy::question::{Question, Reviewer, TicketFacts};

/// Enough for the deepest expression that the limits on text let through, in a build without optimisation.
pub(crate) const STACK: usize = 64 << 20;

/// Does work that recurses over text on a stack of its own; nothing, if there is no thread to be had or it panics.
pub(crate) fn with_room<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    thread::scope(|scope| {
        let working = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        working.ok().and_then(|working| working.join().ok())
    })
}

/// A compiled policy set. Evaluation takes `&self` and may run on any number of threads.
pub struct Engine {
    source: PolicySource,
    digest: Digest,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) compiled: Compiled,
    index: Index,
    pub(crate) warm: Warm,
    invariants: Invariants,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Engine").field(&self.digest).finish()
    }
}

/// What came of the resources that were looked at.
#[derive(Default)]
struct Judged {
    verdict: Option<Verdict>,
    failed: BTreeMap<usize, String>,
}

impl Judged {
    fn add(&mut self, evaluation: Evaluation, compiled: &Compiled) {
        let verdict = Verdict::of(&evaluation, |at| compiled.entries[at].info.effect);
        self.verdict = Some(match self.verdict.take() {
            Some(other) => other.strictest(verdict),
            None => verdict,
        });
        self.failed.extend(evaluation.failing);
    }
}

impl Engine {
    /// Checks and compiles a policy set, strictly, and tells everything that is wrong with it.
    pub fn compile(source: PolicySource) -> Result<Self, PolicyError> {
        with_room(|| Self::read(source)).unwrap_or_else(|| {
            let text = Text { file: SourceFile::Policies, text: "" };
            let message = "the policies could not be compiled, because the compiler failed";
            Err(PolicyError::new(vec![text.problem(0, message, "try again; if it fails again, report it")]))
        })
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
                let warm = Warm::default();
                Ok(Self { digest: source.digest(), source, vocabulary, compiled, index, warm, invariants })
            }
            (one, other, third) => {
                let problems = one.err().into_iter().chain(other.err()).chain(third.err()).flatten().collect();
                Err(PolicyError::new(problems))
            }
        }
    }

    /// The names of its schema, and its policies: what replays and proofs are made of.
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

    /// The largest budget of a standing approval that a guard allows; none of what is no guard, or is not here.
    #[must_use]
    pub fn standing(&self, id: &str) -> Option<Budget> {
        let entry = self.compiled.entries.iter().find(|entry| entry.info.id == id)?;
        match &entry.kind {
            Kind::Guard(requirement) => requirement.standing,
            Kind::Permit | Kind::Forbid => None,
        }
    }

    /// What the set must keep, whatever its policies say.
    pub(crate) const fn promised(&self) -> &Invariants {
        &self.invariants
    }

    /// Answers a question: for several resources, the strictest of their answers.
    pub fn decide(&self, question: &Question) -> Result<Answer, QuestionError> {
        facts::check(question)?;
        let subject = self.warm.subject(&self.vocabulary, question)?;
        let mut judged = Judged::default();
        for (at, facets) in subject.facets().enumerate() {
            let slice = self.index.slice(&facets);
            let parts = slice.iter().fold(Parts::NONE, |all, at| all | self.compiled.entries[at].parts);
            let request = subject.request(&self.vocabulary, question, at, parts)?;
            judged.add(self.evaluate(&slice, &request, &subject.entities), &self.compiled);
        }
        let (verdict, errors) = self.sum(judged);
        let outcome = verdict.ground.outcome();
        let reasons = self.reasons(&verdict, Some(question));
        let requirement = self.requirement(&verdict).filter(|_| outcome == Outcome::RequireApproval);
        let requirement = requirement.map(|requirement| within(requirement, question.max_duration_seconds()));
        Ok(Answer { outcome, ground: verdict.ground, reasons, requirement, errors, policy_set: self.digest })
    }

    /// Whether policy lets somebody review a ticket.
    pub fn may_review(&self, reviewer: &Reviewer, ticket: &TicketFacts) -> Result<ReviewAnswer, QuestionError> {
        let (entities, request) = request::review(&self.vocabulary, reviewer, ticket)?;
        let reference = format!("ticket:{}", ticket.id);
        let slice = self.index.slice(&Facets::review(reviewer, ticket, &reference));
        let mut judged = Judged::default();
        judged.add(self.evaluate(&slice, &request, &entities), &self.compiled);
        let (verdict, errors) = self.sum(judged);
        let allowed = verdict.ground.outcome() == Outcome::Allow;
        let reasons = self.reasons(&verdict, None);
        Ok(ReviewAnswer { allowed, ground: verdict.ground, reasons, errors, policy_set: self.digest })
    }

    fn evaluate(&self, slice: &Bits, request: &Request, entities: &Entities) -> Evaluation {
        let policies = slice.iter().map(|at| (at, &self.compiled.entries[at].condition));
        Evaluation::of(request.as_ref(), entities.as_ref(), policies)
    }

    fn sum(&self, judged: Judged) -> (Verdict, Vec<EvaluationError>) {
        let name = |at: usize| self.compiled.entries[at].info.id.clone();
        let errors = judged.failed.into_iter().map(|(at, message)| EvaluationError { policy: name(at), message });
        (judged.verdict.unwrap_or(Verdict::not_permitted()), errors.collect())
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
