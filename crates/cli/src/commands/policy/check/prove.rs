//! What only a solver can tell of a set: what is odd about its policies for every possible request, and whether they keep its
//! invariants.

use domain::policy::{InvariantResult, Proved, Solver};
use policy::{Engine, ProvedFindings, SolverOptions};

use crate::commands::policy::words::count;
use crate::commands::policy::work;
use crate::exit::{Exit, Failure};
use crate::output::prose;

/// What was found.
pub(super) struct Proofs {
    pub(super) solver: Solver,
    pub(super) found: ProvedFindings,
    pub(super) invariants: Vec<InvariantResult>,
}

impl Proofs {
    pub(super) async fn of(engine: Engine, options: SolverOptions) -> Result<Self, Failure> {
        let proofs = work::here("proving", move |told| {
            let solver = options.look();
            let found = policy::findings(&engine, None, &options, told);
            let invariants = policy::check_invariants(&engine, &options, told);
            Self { solver, found, invariants }
        });
        proofs.await
    }

    pub(super) fn text(&self) -> String {
        let mut lines: Vec<_> = self.invariants.iter().map(invariant).collect();
        if self.found.unknown > 0 {
            let why = self.found.why_unknown.as_deref().map(|why| format!(": {}", prose(why))).unwrap_or_default();
            let unknown = self.found.unknown as usize;
            lines.push(format!(
                "not known: {}{why}",
                count(unknown, "question about policies", "questions about policies")
            ));
        }
        lines.extend(self.solver.name.as_deref().map(|name| format!("proved by {}", prose(name))));
        lines.join("\n")
    }

    /// A broken invariant, or one of which nothing is known.
    pub(super) fn verdict(&self) -> Result<(), Failure> {
        let number = |wanted: Proved| self.invariants.iter().filter(|result| result.proved == wanted).count();
        match (number(Proved::Sometimes), number(Proved::Unknown)) {
            (0, 0) => Ok(()),
            (0, unknown) => {
                let sentence = format!("{} not known to be kept", count(unknown, "invariant is", "invariants are"));
                Err(Failure::new(Exit::Unproved, sentence).hint_if(self.solver.problem.clone()))
            }
            (broken, _) => {
                Err(Failure::new(Exit::Failing, format!("{} broken", count(broken, "invariant is", "invariants are"))))
            }
        }
    }
}

fn invariant(result: &InvariantResult) -> String {
    let state = match result.proved {
        Proved::Never => "kept",
        Proved::Sometimes => "BROKEN",
        Proved::Unknown => "not known",
    };
    let breaches = result.broken_by.iter().map(|breach| format!("\n    {}", prose(&breach.sentence)));
    let unknown = result.unknown.iter().map(|kind| format!("\n    not known: {}", prose(kind)));
    let details: String = breaches.chain(unknown).collect();
    format!("invariant `{}`: {state}: {}{details}", prose(&result.id), prose(&result.sentence))
}
