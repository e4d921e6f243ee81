//! What is asked about a set without effect: whether it holds together, and whether its tests pass.

use std::sync::Arc;

use domain::Digest;
use domain::policy::draft::check_cases;
use domain::policy::{Case, Comparison, Content, Finding, SuiteReport};
use policy::{Engine, PolicyInfo, PolicySource, Problem, Progressing};

use super::drafts;
use super::subject::Subject;
use crate::authenticate::Caller;
use crate::{Control, Error};

/// What was found in texts.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The digest that they would be published under.
    pub digest: Digest,
    /// What is wrong, in the order of the texts.
    pub problems: Vec<Problem>,
    /// What is odd; empty while something is wrong.
    pub findings: Vec<Finding>,
    /// The policies; empty while something is wrong.
    pub policies: Vec<PolicyInfo>,
    /// The ids of the invariants; empty while something is wrong.
    pub invariants: Vec<String>,
}

/// Two sets that are held against each other.
#[derive(Clone)]
pub struct Comparable {
    subject: Arc<Engine>,
    live: Arc<Engine>,
}

impl Control {
    /// Whether texts hold together. That they do not is an answer, not a refusal; only what is too large is refused.
    pub fn check_policies(&self, caller: &Caller, texts: PolicySource) -> Result<Checked, Error> {
        caller.require(drafts::READ)?;
        let digest = texts.digest();
        let PolicySource { schema, policies, invariants } = texts;
        match self.compiled(&Content { schema, policies, invariants, cases: Vec::new() }) {
            Ok(engine) => {
                // What a solver would find is told by a comparison, which takes longer.
                let findings = engine.findings(&self.read(|q| crate::scopes::catalogue(q))?);
                let invariants = engine.invariants().into_iter().map(|invariant| invariant.id).collect();
                Ok(Checked { digest, problems: Vec::new(), findings, policies: engine.policies(), invariants })
            }
            Err(Error::Policies(wrong)) => {
                let (policies, invariants) = (Vec::new(), Vec::new());
                Ok(Checked { digest, problems: wrong.problems, findings: Vec::new(), policies, invariants })
            }
            Err(error) => Err(error),
        }
    }

    /// Puts cases to a set: these, or those that are stored with it.
    pub fn test_policies(
        &self,
        caller: &Caller,
        subject: &Subject,
        cases: Option<Vec<Case>>,
    ) -> Result<SuiteReport, Error> {
        caller.require(drafts::READ)?;
        let cases = match cases {
            Some(cases) => cases,
            None => self.stored_cases(subject)?,
        };
        check_cases(&cases)?;
        Ok(self.sized_engine(subject)?.test(&cases))
    }

    /// A set and the one in force, to be compared.
    pub fn comparable(&self, caller: &Caller, subject: &Subject) -> Result<Comparable, Error> {
        caller.require(drafts::READ)?;
        Ok(Comparable { subject: self.sized_engine(subject)?, live: self.engine_of(&Subject::Live)? })
    }

    /// What one lets happen that the other does not, over all possible requests. What nobody can prove is unknown.
    #[must_use]
    pub fn compare_policies(&self, sets: &Comparable, progress: Progressing<'_>) -> Comparison {
        policy::compare(&sets.subject, &sets.live, &self.solver(), progress)
    }

    /// The engine of a subject, whose texts are refused if they are too large.
    pub(crate) fn sized_engine(&self, subject: &Subject) -> Result<Arc<Engine>, Error> {
        if let Subject::Texts(PolicySource { schema, policies, invariants }) = subject.clone() {
            Content { schema, policies, invariants, cases: Vec::new() }.check()?;
        }
        self.engine_of(subject)
    }

    fn stored_cases(&self, subject: &Subject) -> Result<Vec<Case>, Error> {
        self.read(|q| match subject {
            Subject::Live => {
                let live = store::policies::live(q)?.ok_or_else(|| Error::not_found("policy set in force"))?;
                Ok(live.cases)
            }
            Subject::Version(version) => {
                let known = store::policies::get(q, *version)?;
                Ok(known.ok_or_else(|| Error::not_found(format_args!("policy version {version}")))?.cases)
            }
            Subject::Draft(id) => Ok(drafts::found(q, drafts::named(id)?)?.1.cases),
            Subject::Texts(_) => Err(Error::invalid("cases", "texts come without cases; send those to put to them")),
        })
    }
}
