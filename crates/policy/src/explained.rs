//! What each policy of a set does with one question: for people who wonder why.
//!
//! Here every policy whose scope fits is evaluated, also those that the index leaves out, so that an explanation shows what
//! the policies say and not what the engine saved. The answer beside it is the engine's own.

use cedar_policy_core::ast::Request;
use cedar_policy_core::entities::Entities;
use domain::policy::question::Question;
use serde::{Deserialize, Serialize};

use crate::answer::{Answer, Effect};
use crate::compile::Entry;
use crate::engine::Engine;
use crate::evaluation::Evaluation;
use crate::explain;
use crate::facets::Facets;
use crate::guard::Kind;
use crate::narrowing::Test;
use crate::parts::Parts;
use crate::question_error::QuestionError;
use crate::unmet::unmet;

/// An answer with what each policy had to do with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// The answer.
    pub answer: Answer,
    /// Each policy, in the order of the text.
    pub policies: Vec<PolicyStanding>,
}

/// What one policy does with a question; for several resources, the most that it does for any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyStanding {
    /// Its `@id`.
    pub policy: String,
    /// Its title.
    pub title: String,
    /// What it does when it applies.
    pub effect: Effect,
    /// What it does here.
    pub standing: Standing,
    /// Whether it determined the answer.
    pub determining: bool,
    /// In words.
    pub sentence: String,
}

/// What a policy does with a question; the later, the more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Principal, action or resource are not what it is about.
    OutOfScope,
    /// It is about them, and its conditions do not hold, or an approval lifts it.
    NotApplying,
    /// It cannot be evaluated.
    Failing,
    /// It applies.
    Applying,
}

impl Engine {
    /// Answers a question, and says of each policy what it does with it.
    pub fn explain(&self, question: &Question) -> Result<Explained, QuestionError> {
        let answer = self.decide(question)?;
        let seen = self.seen(question)?;
        let alone = Question { approval: None, ..question.clone() };
        let unapproved = if question.approval.is_some() { Some(self.seen(&alone)?) } else { None };
        let policies = self.compiled.entries.iter().enumerate().map(|(at, entry)| {
            let lifted = unapproved.as_ref().is_some_and(|seen| seen[at].0 >= Standing::Failing);
            let (standing, words) = &seen[at];
            PolicyStanding {
                policy: entry.info.id.clone(),
                title: entry.info.title.clone(),
                effect: entry.info.effect,
                standing: *standing,
                determining: answer.reasons.iter().any(|reason| reason.policy == entry.info.id),
                sentence: sentence(entry, *standing, words, lifted, question),
            }
        });
        let policies = policies.collect();
        Ok(Explained { answer, policies })
    }

    /// What each policy does, with the error if it fails, or what it asks for that is not so.
    fn seen(&self, question: &Question) -> Result<Vec<(Standing, String)>, QuestionError> {
        let subject = self.warm.subject(&self.vocabulary, question)?;
        let mut seen = vec![(Standing::OutOfScope, String::new()); self.compiled.entries.len()];
        for (at, facets) in subject.facets().enumerate() {
            let request = subject.request(&self.vocabulary, question, at, Parts::ALL)?;
            let found = self.seen_of(&facets, request.as_ref(), subject.entities.as_ref());
            for (known, new) in seen.iter_mut().zip(found) {
                if at == 0 || new.0 > known.0 {
                    *known = new;
                }
            }
        }
        Ok(seen)
    }

    fn seen_of(&self, facets: &Facets<'_>, request: &Request, entities: &Entities) -> Vec<(Standing, String)> {
        let entries = &self.compiled.entries;
        let action = self.vocabulary.actions.get(facets.action);
        let within = action.map(|action| action.within.as_slice()).unwrap_or_default();
        let missed = |tests: &[Test]| unmet(tests, facets, within);
        let outside: Vec<_> = entries.iter().map(|entry| missed(&entry.narrowing.scope)).collect();
        let inside = outside.iter().zip(entries).enumerate().filter(|(_, (outside, _))| outside.is_none());
        let inside = inside.map(|(at, (_, entry))| (at, &entry.condition));
        let Evaluation { applying, failing } = Evaluation::of(request, entities, inside);
        let found = outside.into_iter().zip(entries).enumerate().map(|(at, (outside, entry))| {
            if let Some(words) = outside {
                (Standing::OutOfScope, words)
            } else if let Some(error) = failing.get(&at) {
                (Standing::Failing, error.clone())
            } else if applying.binary_search(&at).is_ok() {
                (Standing::Applying, String::new())
            } else {
                (Standing::NotApplying, missed(&entry.narrowing.lifted).unwrap_or_default())
            }
        });
        found.collect()
    }
}

fn sentence(entry: &Entry, standing: Standing, words: &str, lifted: bool, question: &Question) -> String {
    let id = &entry.info.id;
    match standing {
        Standing::OutOfScope => format!("`{id}` {words}"),
        Standing::NotApplying if lifted => format!("`{id}` is lifted by the approval of this request"),
        Standing::NotApplying if words.is_empty() => format!("the conditions of `{id}` do not hold"),
        Standing::NotApplying => format!("the conditions of `{id}` do not hold: it {words}"),
        // A permit that fails does not permit; the words for forbids would say otherwise.
        Standing::Failing if entry.kind == Kind::Permit => {
            format!("`{id}` cannot be evaluated, so it permits nothing: {words}")
        }
        Standing::Failing => explain::reason(entry, Some(words), Some(question)).sentence,
        Standing::Applying => explain::reason(entry, None, Some(question)).sentence,
    }
}
