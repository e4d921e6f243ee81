//! What a case or a solver asks, and the ordinary engine's answer to it, of one form for actions and reviews.

use domain::outcome::{Outcome, Reason, Requirement};
use domain::policy::Asked;

use crate::answer::{Answer, EvaluationError, Ground, ReviewAnswer};
use crate::engine::Engine;
use crate::question_error::QuestionError;

/// An answer, to a question or to a review, which is allowed or denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) outcome: Outcome,
    pub(crate) ground: Ground,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) requirement: Option<Requirement>,
    pub(crate) errors: Vec<EvaluationError>,
}

impl Engine {
    /// Answers.
    pub(crate) fn told(&self, asked: &Asked) -> Result<Told, QuestionError> {
        Ok(match asked {
            Asked::Question(question) => {
                let Answer { outcome, ground, reasons, requirement, errors, policy_set: _ } = self.decide(question)?;
                Told { outcome, ground, reasons, requirement, errors }
            }
            Asked::Review(reviewer, ticket) => {
                let ReviewAnswer { allowed, ground, reasons, errors, policy_set: _ } =
                    self.may_review(reviewer, ticket)?;
                let outcome = if allowed { Outcome::Allow } else { Outcome::Deny };
                Told { outcome, ground, reasons, requirement: None, errors }
            }
        })
    }
}
