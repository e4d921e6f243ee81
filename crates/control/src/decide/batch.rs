//! Many questions of one caller, each answered and recorded as its own decision, in one commit.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;

use domain::binding::Action;
use policy::Question;

use crate::authenticate::Caller;
use crate::decide::Decision;
use crate::plugins::{self, Heard, Stage};
use crate::{Control, Error};

/// The most actions in one batch.
pub const MOST: usize = 100;
/// How many questions of a batch are put to plugins at once.
const AT_ONCE: usize = 4;

/// What came of one action: an answer, or why it could not be asked.
pub type Answered = Result<Decision, Error>;

impl Control {
    /// Asks whether the caller may run each of these. What cannot be asked keeps nothing else from its answer.
    pub fn decide_each(&self, caller: &Caller, actions: &[Action]) -> Result<Vec<Answered>, Error> {
        caller.require("decisions:request")?;
        if !(1..=MOST).contains(&actions.len()) {
            return Err(Error::invalid("actions", format!("name 1 to {MOST}")));
        }
        let asked = self.read(|q| {
            Ok::<_, Error>(actions.iter().map(|action| self.question(q, caller, action)).collect::<Vec<_>>())
        })?;
        let questions: Vec<Question> = asked.iter().filter_map(|asked| asked.as_ref().ok()).cloned().collect();
        let mut answers = self.decide_all(caller, &questions)?.into_iter();
        let missing = || Err(Error::Internal("a question of a batch was not answered".into()));
        Ok(asked.into_iter().map(|asked| asked.and_then(|_| answers.next().unwrap_or_else(missing))).collect())
    }

    fn decide_all(&self, caller: &Caller, questions: &[Question]) -> Result<Vec<Answered>, Error> {
        for _ in 0..plugins::ROUNDS {
            let questions = self
                .read(|q| questions.iter().map(|asked| Self::refreshed(q, asked)).collect::<Result<Vec<_>, Error>>())?;
            let heard = self.heard_each(&questions);
            let principal = caller.principal.clone();
            let decided = self.write(move |control, mut tx| {
                let engine = control.live_engine(&mut tx)?;
                let (mut answers, mut events) = (Vec::new(), Vec::new());
                for (question, heard) in questions.iter().zip(&heard) {
                    let question = Self::refreshed(&mut tx, question)?;
                    match control.ask_heard(&engine, &principal, &question, heard) {
                        Ok(Some((decision, event))) => {
                            answers.push(Ok(decision));
                            events.push(event);
                        }
                        Ok(None) => return Ok(None),
                        Err(error) => answers.push(Err(error)),
                    }
                }
                if !events.is_empty() {
                    tx.commit_all(events)?;
                }
                Ok(Some(answers))
            })?;
            if let Some(answers) = decided {
                return Ok(answers);
            }
        }
        Err(plugins::moved())
    }

    /// What plugins say to each. A question that cannot be asked is refused again, in its place, when it is answered.
    fn heard_each(&self, questions: &[Question]) -> Vec<Heard> {
        let concern = questions.iter().any(|question| self.inner.plugins.concern(question));
        if !concern {
            return vec![Heard::default(); questions.len()];
        }
        let heard: Vec<Mutex<Heard>> = questions.iter().map(|_| Mutex::default()).collect();
        let places = Mutex::new(questions.iter().zip(&heard));
        let work = || {
            while let Some((question, place)) = next(&places) {
                let said = self.heard(Stage::Decision, question).unwrap_or_default();
                *place.lock().unwrap_or_else(PoisonError::into_inner) = said;
            }
        };
        thread::scope(|scope| (0..AT_ONCE).for_each(|_| drop(scope.spawn(work))));
        heard.into_iter().map(|heard| heard.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
    }
}

fn next<T>(items: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    items.lock().unwrap_or_else(PoisonError::into_inner).next()
}
