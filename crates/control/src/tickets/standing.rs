//! Standing approvals: whether a budget can be asked for, and whether policy still allows it when it is used.
//!
//! A guard allows one by `@standing`; the smallest budget of all guards that stand counts. An emergency and the
//! publishing of policies are for one use, whatever a guard says.

use domain::binding::Action;
use domain::budget::Budget;
use domain::outcome::{Outcome, Reason, Requirement};
use policy::{Engine, PUBLISH, Question};

use crate::Error;

/// Refuses a budget that no policy could allow for this action.
pub(super) fn check(budget: Budget, action: &Action) -> Result<(), Error> {
    budget.check().map_err(|bad| Error::invalid(bad.field(), bad.to_string()))?;
    let once = if action.emergency().is_some() {
        "an emergency is approved for one use"
    } else if action.action == PUBLISH {
        "policies are published once for each approval"
    } else {
        return Ok(());
    };
    Err(Error::invalid("budget", format!("{once}; leave it out")))
}

/// A budget that is larger than the guards that stand allow.
pub(super) struct TooLarge {
    /// What is wrong and what would help; it names the guard.
    pub(super) problem: String,
    /// The guard that allows less, or none.
    guard: Option<Reason>,
}

/// Refuses a budget that is larger than the guards that stand allow.
pub(super) fn allowed(
    engine: &Engine,
    asked: Budget,
    requirement: &Requirement,
    reasons: &[Reason],
) -> Result<(), TooLarge> {
    if requirement.standing.is_some_and(|most| most.covers(asked)) {
        return Ok(());
    }
    let mut limits = reasons.iter().map(|reason| (reason, engine.standing(&reason.policy)));
    let guard = limits.find(|(_, most)| !most.is_some_and(|most| most.covers(asked)));
    let problem = match &guard {
        Some((Reason { policy, .. }, Some(most))) => {
            format!("`{policy}` allows at most {most}, and {asked} was asked for; ask for no more than that")
        }
        Some((Reason { policy, .. }, None)) => {
            format!("`{policy}` allows no standing approval; leave it out, and ask each time")
        }
        None => "policy allows no standing approval here; leave it out, and ask each time".to_owned(),
    };
    Err(TooLarge { problem, guard: guard.map(|(reason, _)| reason.clone()) })
}

/// What policy says now against a budget that was approved before; nothing, if it would still approve it.
pub(super) fn withdrawn(engine: &Engine, budget: Budget, question: &Question) -> Result<Option<Vec<Reason>>, Error> {
    let answer = engine.decide(&Question { approval: None, ..question.clone() })?;
    let Some(requirement) = answer.requirement.filter(|_| answer.outcome == Outcome::RequireApproval) else {
        return Ok(None);
    };
    let refused = allowed(engine, budget, &requirement, &answer.reasons).err();
    Ok(refused.map(|TooLarge { problem, guard }| {
        guard.map_or(answer.reasons, |guard| vec![Reason { sentence: problem, ..guard }])
    }))
}
