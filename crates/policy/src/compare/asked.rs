//! A request that is asked of both sets, of which one may not even know how to be asked.

use domain::outcome::{Outcome, Reason, Requirement};
use domain::policy::question::APPROVE;
use domain::policy::{Asked, Declared, Question, TicketFacts};

use crate::engine::Engine;

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

/// The engine's own answer.
pub(crate) fn told(asked: &Asked, engine: &Engine) -> Told {
    match engine.told(asked) {
        Ok(told) => Told {
            outcome: told.outcome,
            reasons: told.reasons,
            requirement: told.requirement,
            refused: None,
            errors: told.errors.into_iter().map(|error| (error.policy, error.message)).collect(),
        },
        Err(error) => Told {
            outcome: Outcome::Deny,
            reasons: vec![],
            requirement: None,
            refused: Some(error.to_string()),
            errors: vec![],
        },
    }
}

/// As a question, for reports. Of a review it is told as one about the ticket.
pub(crate) fn question(asked: &Asked) -> Question {
    match asked {
        Asked::Question(question) => question.clone(),
        Asked::Review(reviewer, ticket) => Question {
            principal: reviewer.principal.clone(),
            action: APPROVE.to_owned(),
            resources: vec![format!("ticket:{}", ticket.id)],
            env: ticket.env.clone(),
            context: Declared::default(),
            now: reviewer.now,
            approval: None,
            known: std::collections::BTreeMap::new(),
        },
    }
}

/// The ticket, if it is a review.
pub(crate) fn ticket(asked: &Asked) -> Option<TicketFacts> {
    match asked {
        Asked::Question(_) => None,
        Asked::Review(_, ticket) => Some(ticket.clone()),
    }
}
