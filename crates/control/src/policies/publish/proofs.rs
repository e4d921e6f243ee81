//! Whether a draft's policies keep what they must: the invariants of the set in force, and its own.
//!
//! Invariant: what nobody could prove is never taken for proved. Whoever publishes may take it on trust, and the entry says
//! so. What is refuted is refused whatever they say.

use std::ops::ControlFlow;
use std::sync::Arc;

use domain::policy::{InvariantResult, Proved};
use policy::{Engine, PolicySource, SolverOptions, check_invariants};
use serde_json::{Value, json};

use super::PublishError;
use crate::config::ProofConfig;
use crate::{Control, Error};

impl Control {
    /// What was proved of the invariants, for the entry. `live` is the set in force.
    pub(super) fn proofs(&self, live: &Engine, draft: &Arc<Engine>, accept_unproved: bool) -> Result<Value, Error> {
        let (own, before) = (draft.source(), live.source());
        let mut results = self.kept(draft);
        // A draft cannot shed an invariant and break it in one step: those in force bind it too.
        if before.invariants != own.invariants && !before.invariants.trim().is_empty() {
            let both = PolicySource { invariants: before.invariants.clone(), ..own.clone() };
            let both = self.inner.passing.engine(both).map_err(|error| match error {
                Error::Policies(wrong) => PublishError::InvariantsUnfit(wrong).into(),
                error => error,
            })?;
            results.extend(self.kept(&both).into_iter().filter(|result| !results.contains(result)).collect::<Vec<_>>());
        }
        let of = |proved| results.iter().filter(move |result| result.proved == proved).cloned().collect::<Vec<_>>();
        let (broken, unknown) = (of(Proved::Sometimes), of(Proved::Unknown));
        if !broken.is_empty() {
            return Err(PublishError::InvariantBroken(broken).into());
        }
        if !unknown.is_empty() && !accept_unproved {
            return Err(PublishError::Unproved { why: self.solver().look().problem, results: unknown }.into());
        }
        let told = results.iter().map(|result| json!({ "id": result.id, "proved": result.proved }));
        Ok(json!({ "results": told.collect::<Vec<_>>(), "accepted_unproved": !unknown.is_empty() }))
    }

    fn kept(&self, engine: &Engine) -> Vec<InvariantResult> {
        if engine.invariants().is_empty() {
            return Vec::new();
        }
        check_invariants(engine, &self.solver(), &|_| ControlFlow::Continue(()))
    }

    /// The solver, as this process was told.
    pub(crate) fn solver(&self) -> SolverOptions {
        let ProofConfig { solver, query, total } = self.config().proof.clone();
        SolverOptions { program: solver, query, total }
    }
}
