//! Which policy set a question without effect is put to, and its engine.
//!
//! Invariant: whatever is compiled for a simulation is kept apart from what is in force, so that no draft that somebody
//! types drives the live engine out, and no decision waits for a draft's compilation. Deliberately absent: what is asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use domain::Digest;
use policy::{Engine, PolicySource};
use store::Query;
use store::policies::PolicyVersion;

use crate::policies::drafts;
use crate::{Control, Error};

/// How many compiled sets are kept that are not in force.
const KEPT: usize = 8;

/// The set that a question is put to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Subject {
    /// The set in force.
    #[default]
    Live,
    /// A version that was published.
    Version(u32),
    /// A draft, by its id.
    Draft(String),
    /// These texts, which are stored nowhere.
    Texts(PolicySource),
}

/// Compiled sets that are not in force, the last used last.
#[derive(Default)]
pub(crate) struct Passing {
    kept: Mutex<VecDeque<Arc<Engine>>>,
    /// Held while one is compiled: one at a time, however many ask.
    compiling: Mutex<()>,
}

impl Passing {
    fn known(&self, digest: &Digest) -> Option<Arc<Engine>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|engine| engine.digest() == *digest)?;
        let engine = kept.remove(at)?;
        kept.push_back(Arc::clone(&engine));
        Some(engine)
    }

    /// The engine of these texts.
    pub(crate) fn engine(&self, source: PolicySource) -> Result<Arc<Engine>, Error> {
        let digest = source.digest();
        if let Some(known) = self.known(&digest) {
            return Ok(known);
        }
        let _one = self.compiling.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = self.known(&digest) {
            return Ok(known);
        }
        let engine = Arc::new(Engine::compile(source)?);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back(Arc::clone(&engine));
        Ok(engine)
    }
}

impl Control {
    /// The engine of a subject. Texts that do not compile are refused with all that is wrong with them.
    pub fn engine_of(&self, subject: &Subject) -> Result<Arc<Engine>, Error> {
        let source = match subject {
            Subject::Live => return self.read(|q| self.live_engine(q)),
            Subject::Texts(source) => source.clone(),
            Subject::Version(_) | Subject::Draft(_) => self.read(|q| source_of(q, subject))?,
        };
        self.inner.passing.engine(source)
    }
}

/// The texts of a subject.
pub(crate) fn source_of(q: &mut dyn Query, subject: &Subject) -> Result<PolicySource, Error> {
    match subject {
        Subject::Live => {
            let live = store::policies::live(q)?.ok_or_else(|| Error::not_found("policy set in force"))?;
            Ok(texts(&live))
        }
        Subject::Version(version) => {
            let known = store::policies::get(q, *version)?;
            Ok(texts(&known.ok_or_else(|| Error::not_found(format_args!("policy version {version}")))?))
        }
        Subject::Draft(id) => {
            let (_, content) = drafts::found(q, drafts::named(id)?)?;
            Ok(drafts::source(content))
        }
        Subject::Texts(source) => Ok(source.clone()),
    }
}

pub(crate) fn texts(version: &PolicyVersion) -> PolicySource {
    let PolicyVersion { schema, policies, invariants, .. } = version.clone();
    PolicySource { schema, policies, invariants }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped_with(comment: usize) -> PolicySource {
        let shipped = PolicySource::shipped();
        PolicySource { policies: format!("{}\n// {comment}", shipped.policies), ..shipped }
    }

    #[test]
    fn the_set_used_longest_ago_makes_room() {
        let passing = Passing::default();
        let first = passing.engine(shipped_with(0)).unwrap();
        let second = passing.engine(shipped_with(1)).unwrap();
        for number in 2..=KEPT {
            passing.engine(shipped_with(0)).unwrap();
            passing.engine(shipped_with(number)).unwrap();
        }
        assert!(Arc::ptr_eq(&first, &passing.engine(shipped_with(0)).unwrap()), "it was used all the time");
        assert!(passing.known(&second.digest()).is_none());
        assert_eq!(passing.kept.lock().unwrap().len(), KEPT);
    }

    #[test]
    fn texts_that_do_not_compile_are_refused_with_their_place_and_are_not_kept() {
        let passing = Passing::default();
        let source = PolicySource { policies: "permit (principal, action".to_owned(), ..PolicySource::shipped() };
        let refused = passing.engine(source).unwrap_err();
        assert!(refused.to_string().contains("policies:1:"), "{refused}");
        assert!(passing.kept.lock().unwrap().is_empty());
    }
}
