//! Decisions about which plugins are heard: they are asked outside of the write, and the write checks that it is about the
//! same question with the same answer. If it is not, they are asked again, a few times.

use domain::event::Event;
use domain::principal::Principal;
use policy::{Engine, Question};

use crate::decide::Decision;
use crate::plugins::{self, Heard, Stage};
use crate::{Control, Error};

impl Control {
    /// What plugins say to this question now; nobody, where none is about it, and then nothing is asked or read.
    pub(crate) fn heard(&self, stage: Stage, question: &Question) -> Result<Heard, Error> {
        if !self.inner.plugins.concern(question) {
            return Ok(Heard::default());
        }
        let engine = self.read(|q| self.live_engine(q))?;
        let answer = engine.decide(question)?;
        Ok(self.inner.plugins.hear(stage, question, &answer))
    }

    /// One answer with what plugins said, and the entry that records it; nothing, if what they said is about something else
    /// by now.
    pub(crate) fn ask_heard(
        &self,
        engine: &Engine,
        principal: &Principal,
        question: &Question,
        heard: &Heard,
    ) -> Result<Option<(Decision, Event)>, Error> {
        let answer = engine.decide(question)?;
        if !heard.covers(&self.inner.plugins, question, &answer) {
            return Ok(None);
        }
        Ok(Some(self.recorded(principal, question, &answer, heard)))
    }

    /// A decision about which plugins are heard. Takes as long as they do.
    pub(super) fn decide_heard(&self, principal: &Principal, question: &Question) -> Result<Decision, Error> {
        for _ in 0..plugins::ROUNDS {
            let question = self.read(|q| Self::refreshed(q, question))?;
            let heard = self.heard(Stage::Decision, &question)?;
            let principal = principal.clone();
            let decided = self.write(move |control, mut tx| {
                let engine = control.live_engine(&mut tx)?;
                let question = Self::refreshed(&mut tx, &question)?;
                let Some((decision, event)) = control.ask_heard(&engine, &principal, &question, &heard)? else {
                    return Ok(None);
                };
                tx.commit(event)?;
                Ok(Some(decision))
            })?;
            if let Some(decision) = decided {
                return Ok(decision);
            }
        }
        Err(plugins::moved())
    }
}
