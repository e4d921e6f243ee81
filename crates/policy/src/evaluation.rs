//! Evaluating the policies of a slice, one by one.
//!
//! The index has established that their scopes hold, so what is evaluated are their conditions, by Cedar's own evaluator.
//! Knowing of each policy whether it applies, the rule of [`crate::verdict`] needs no second evaluation without the guards.
//!
//! Deliberately absent: a shortcut past the evaluator. What a condition says is for Cedar to say.

use std::collections::BTreeMap;
use std::sync::Arc;

use cedar_policy::Policy;
use cedar_policy_core::ast::{Expr, Literal, Request, SlotEnv, Value, ValueKind};
use cedar_policy_core::entities::Entities;
use cedar_policy_core::evaluator::Evaluator;
use cedar_policy_core::extensions::Extensions;

/// What must hold of a request, beside the scope, for a policy to apply.
pub(crate) struct Condition(Option<Arc<Expr>>);

/// What came of evaluating policies, each named by its place in the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Evaluation {
    /// Those that apply, in the order of the text.
    pub(crate) applying: Vec<usize>,
    /// Those that could not be evaluated, and why.
    pub(crate) failing: BTreeMap<usize, String>,
}

impl Condition {
    /// Of a policy without slots.
    pub(crate) fn of(policy: &Policy) -> Self {
        Self(policy.as_ref().non_scope_constraints_arc().cloned())
    }

    fn holds(&self, evaluator: &Evaluator<'_>) -> Result<bool, String> {
        let Some(condition) = &self.0 else { return Ok(true) };
        match evaluator.interpret(condition, &SlotEnv::new()) {
            Ok(Value { value: ValueKind::Lit(Literal::Bool(holds)), .. }) => Ok(holds),
            Ok(_) => Err("its condition is neither true nor false".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Evaluation {
    /// Of policies whose scope holds for the request.
    pub(crate) fn of<'a>(
        request: &Request,
        entities: &Entities,
        policies: impl Iterator<Item = (usize, &'a Condition)>,
    ) -> Self {
        let evaluator = Evaluator::new(request.clone(), entities, Extensions::all_available());
        let mut evaluation = Self::default();
        for (at, condition) in policies {
            match condition.holds(&evaluator) {
                Ok(true) => evaluation.applying.push(at),
                Ok(false) => {}
                Err(error) => {
                    evaluation.failing.insert(at, error);
                }
            }
        }
        evaluation
    }
}
