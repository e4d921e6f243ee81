//! A request that the ordinary engine is asked: a question, or a review of a ticket.

use domain::outcome::{Outcome, Reason, Requirement};
use domain::policy::{Question, Reviewer, TicketFacts};

use crate::engine::Engine;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// May this be done?
    Question(Question),
    /// May this ticket be reviewed?
    Review(Reviewer, TicketFacts),
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) outcome: Outcome,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) requirement: Option<Requirement>,
    /// Why the set cannot even be asked; then nothing is allowed.
    pub(crate) refused: Option<String>,
    /// Policies that could not be evaluated, with why.
    pub(crate) errors: Vec<(String, String)>,
}

impl Asked {
    /// The engine's own answer.
    pub(crate) fn of(&self, engine: &Engine) -> Told {
        let told = match self {
            Self::Question(question) => engine.decide(question).map(|answer| Told {
                outcome: answer.outcome,
                reasons: answer.reasons,
                requirement: answer.requirement,
                refused: None,
                errors: answer.errors.into_iter().map(|error| (error.policy, error.message)).collect(),
            }),
            Self::Review(reviewer, ticket) => engine.may_review(reviewer, ticket).map(|answer| Told {
                outcome: if answer.allowed { Outcome::Allow } else { Outcome::Deny },
                reasons: answer.reasons,
                requirement: None,
                refused: None,
                errors: answer.errors.into_iter().map(|error| (error.policy, error.message)).collect(),
            }),
        };
        told.unwrap_or_else(|error| Told {
            outcome: Outcome::Deny,
            reasons: vec![],
            requirement: None,
            refused: Some(error.to_string()),
            errors: vec![],
        })
    }

    /// As a question, for reports. Of a review it is told as one about the ticket.
    pub(crate) fn question(&self) -> Question {
        match self {
            Self::Question(question) => question.clone(),
            Self::Review(reviewer, ticket) => Question {
                principal: reviewer.principal.clone(),
                action: crate::schema::APPROVE.to_owned(),
                resources: vec![format!("ticket:{}", ticket.id)],
                env: ticket.env.clone(),
                context: domain::policy::Declared::default(),
                now: reviewer.now,
                approval: None,
                known: std::collections::BTreeMap::new(),
            },
        }
    }

    /// The ticket, if it is a review.
    pub(crate) fn ticket(&self) -> Option<TicketFacts> {
        match self {
            Self::Question(_) => None,
            Self::Review(_, ticket) => Some(ticket.clone()),
        }
    }
}
