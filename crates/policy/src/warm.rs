//! What was put together for earlier questions and fits again: who asks and on what, checked against the schema.
//!
//! It is kept by its content and found by comparing all of it, so it never goes stale and never stands for something else.
//! Bounded: when a part is full it is emptied, and fills again with what is asked now. Parts are locked one by one, for
//! reading once their content is known, so that threads hardly meet.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, RwLock};

use domain::policy::question::Question;

use crate::question_error::QuestionError;
use crate::schema::Vocabulary;
use crate::subject::Subject;

const PARTS: usize = 16;
/// How many subjects a part keeps.
const KEPT: usize = 128;
/// How many resources a subject may have to be kept.
const RESOURCES: usize = 4;

/// Subjects that were asked about, by a hash of their content.
#[derive(Default)]
pub(crate) struct Warm {
    parts: [RwLock<HashMap<u64, Arc<Subject>>>; PARTS],
    state: RandomState,
}

impl Warm {
    /// The subject of a question, kept or new.
    pub(crate) fn subject(&self, vocabulary: &Vocabulary, question: &Question) -> Result<Arc<Subject>, QuestionError> {
        if question.resources.len() > RESOURCES {
            return Subject::new(vocabulary, question).map(Arc::new);
        }
        let hash = self.hash(question);
        let at = usize::try_from(hash % PARTS as u64).unwrap_or_default();
        // A lock that a panic left poisoned only costs the time to build the subject anew.
        let kept = self.parts[at].read().ok().and_then(|part| part.get(&hash).cloned());
        if let Some(kept) = kept.filter(|kept| kept.is_of(question)) {
            return Ok(kept);
        }
        let subject = Arc::new(Subject::new(vocabulary, question)?);
        if let Ok(mut part) = self.parts[at].write() {
            if part.len() >= KEPT {
                part.clear();
            }
            part.insert(hash, Arc::clone(&subject));
        }
        Ok(subject)
    }

    fn hash(&self, question: &Question) -> u64 {
        let Question { principal, action, resources, env, known, .. } = question;
        // What is known of the resources only rarely tells two questions apart that are otherwise the same.
        let known: Vec<_> = known.keys().collect();
        let own = (&principal.kind, &principal.id, &principal.teams, &principal.scopes, &principal.workspaces);
        self.state.hash_one((own, action, resources, env, known))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::Instant;
    use domain::policy::question::{Declared, KnownResource, Principal, PrincipalKind};

    use super::*;
    use crate::problem::Text;
    use crate::{PolicySource, SourceFile};

    fn vocabulary() -> Vocabulary {
        let schema = PolicySource::shipped().schema;
        Vocabulary::read(Text { file: SourceFile::Schema, text: &schema }).unwrap()
    }

    fn question(id: &str) -> Question {
        let principal = Principal {
            kind: PrincipalKind::ServiceAccount,
            id: id.to_owned(),
            name: String::new(),
            teams: vec![],
            scopes: vec![],
            workspaces: vec![],
            owner: None,
        };
        Question {
            principal,
            action: "pipelines:execute".to_owned(),
            resources: vec!["pipeline:billing/nightly".to_owned()],
            env: "prod".to_owned(),
            context: Declared::default(),
            now: Instant::from_seconds(0),
            approval: None,
            known: BTreeMap::new(),
        }
    }

    #[test]
    fn the_same_subject_is_kept_and_any_other_is_not_taken_for_it() {
        let (warm, vocabulary) = (Warm::default(), vocabulary());
        let first = warm.subject(&vocabulary, &question("a")).unwrap();
        let later = Question { now: Instant::from_seconds(9), ..question("a") };
        assert!(Arc::ptr_eq(&first, &warm.subject(&vocabulary, &later).unwrap()));
        let mut others = vec![question("b")];
        for change in [
            |q: &mut Question| q.principal.teams.push("sre".to_owned()),
            |q: &mut Question| q.principal.scopes.push("logs:read".to_owned()),
            |q: &mut Question| q.principal.workspaces.push("billing".to_owned()),
            |q: &mut Question| q.principal.owner = Some("user:ada".to_owned()),
            |q: &mut Question| q.principal.kind = PrincipalKind::User,
            |q: &mut Question| q.env = "dev".to_owned(),
            |q: &mut Question| q.action = "pipelines:stop".to_owned(),
            |q: &mut Question| q.resources = vec!["pipeline:billing/weekly".to_owned()],
            |q: &mut Question| {
                let known = KnownResource { allowed_accounts: Some(vec![]), ..KnownResource::default() };
                q.known.insert(q.resources[0].clone(), known);
            },
        ] {
            let mut other = question("a");
            change(&mut other);
            others.push(other);
        }
        for other in others {
            assert!(!Arc::ptr_eq(&first, &warm.subject(&vocabulary, &other).unwrap()), "{other:#?}");
        }
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let (warm, vocabulary) = (Warm::default(), vocabulary());
        for number in 0..PARTS * KEPT + 100 {
            warm.subject(&vocabulary, &question(&number.to_string())).unwrap();
        }
        assert!(warm.parts.iter().all(|part| part.read().unwrap().len() <= KEPT));
    }

    #[test]
    fn what_is_refused_is_not_kept() {
        let (warm, vocabulary) = (Warm::default(), vocabulary());
        assert!(warm.subject(&vocabulary, &question("")).is_err());
        assert!(warm.parts.iter().all(|part| part.read().unwrap().is_empty()));
    }
}
