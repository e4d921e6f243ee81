//! What one policy set answers to all rows of a history: each class of rows is asked once.

use domain::outcome::{Outcome, Requirement};
use domain::policy::question::Question;
use domain::policy::replay::SkipReason;

use crate::engine::Engine;
use crate::question_error::QuestionError;
use crate::replay::Stopped;
use crate::replay::class::Classes;
use crate::replay::history::History;
use crate::replay::intern::{Interner, place};
use crate::replay::progress::{Work, on_threads};

/// An answer, as far as a replay compares it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Said {
    pub(crate) outcome: Outcome,
    /// By `@id`.
    pub(crate) because: Vec<String>,
    pub(crate) requirement: Option<Requirement>,
}

/// Why a question could not be asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Refused {
    pub(crate) reason: SkipReason,
    pub(crate) message: String,
}

/// Answers to all rows.
#[expect(clippy::struct_field_names, reason = "what there is of each kind of number")]
pub(crate) struct Answers {
    class_of_row: Vec<u32>,
    /// By class, the number of the answer; [`AS_BEFORE`] if it was not asked.
    of_class: Vec<u32>,
    answers: Interner<Result<Said, Refused>>,
}

/// The answer is that of the set that it is held against.
pub(crate) const AS_BEFORE: u32 = u32::MAX;

impl Answers {
    /// Asks a set, on so many threads. `touched` says whether a row has to be asked, and is the same for all rows of a class;
    /// `changed` changes a question before it is put.
    pub(crate) fn of(
        history: &History,
        engine: &Engine,
        classes: Classes,
        threads: usize,
        work: &mut Work<'_>,
        touched: impl Fn(usize) -> bool,
        changed: &(impl Fn(Question) -> Question + Sync),
    ) -> Result<Self, Stopped> {
        let Classes { of_row: class_of_row, first, sizes } = classes;
        let asked: Vec<usize> = (0..first.len()).filter(|class| touched(first[*class])).collect();
        let of_asked: u32 = asked.iter().map(|class| sizes[*class]).sum();
        work.done(sizes.iter().sum::<u32>() - of_asked)?;
        let ask = |at: usize| match engine.decide(&changed(history.whole_question(first[asked[at]]))) {
            Ok(answer) => {
                let because = answer.reasons.into_iter().map(|reason| reason.policy).collect();
                Ok(Said { outcome: answer.outcome, because, requirement: answer.requirement })
            }
            Err(error) => Err(Refused::of(&error)),
        };
        let mut answers = Interner::default();
        let mut of_class = vec![AS_BEFORE; first.len()];
        let keep = |at: usize, answer| of_class[asked[at]] = answers.number_of(answer).0;
        on_threads(asked.len(), threads, work, |at| sizes[asked[at]], &ask, keep)?;
        Ok(Self { class_of_row, of_class, answers })
    }

    /// The number of the answer to a row.
    pub(crate) fn number(&self, row: usize) -> u32 {
        self.of_class[place(self.class_of_row[row])]
    }

    /// The answer under a number that is not [`AS_BEFORE`].
    pub(crate) fn get(&self, number: u32) -> Result<&Said, &Refused> {
        self.answers.get(number).as_ref()
    }
}

impl Refused {
    fn of(error: &QuestionError) -> Self {
        let reason = match error {
            QuestionError::Unknown { .. } | QuestionError::Unfit { .. } => SkipReason::NotInSchema,
            QuestionError::Malformed { .. } | QuestionError::NoResources | QuestionError::Refused { .. } => {
                SkipReason::Incomplete
            }
        };
        Self { reason, message: error.to_string() }
    }
}
