//! `countersign policy compare`: what is true of every possible request, proved.

mod report;

use std::path::PathBuf;

use contract::policies::Compare;
use domain::policy::{Comparison, Direction, Proved};
use policy::SolverOptions;

use super::subject::{Which, both};
use super::words::count;
use super::work::{self, Bar, or_signal};
use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::span::Span;

/// Prove whether a set lets more happen than the one in force, over every possible request
///
/// Each answer is proved, refuted by a concrete request, or not known; what is not known is never taken for safe. The control
/// plane asks its solver; `--local`, `--solver` and `--against` ask the one of this computer.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  countersign policy compare --dir policies --fail-on widening
  countersign policy compare --draft drf_01HZY3V5W2M4Q6S8T0XABCDEFG
  countersign policy compare --dir policies --against main/policies --solver /usr/bin/cvc5")]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    solving: Solving,
    /// Hold it against this folder instead of the set in force
    #[arg(long, value_name = "DIR", help_heading = "Policy set")]
    against: Option<PathBuf>,
    /// Prove it here
    #[arg(long, help_heading = "Solver")]
    local: bool,
    /// End with exit code 87 if more may happen, or if anything is different; with 88 if that is not known
    #[arg(long, value_name = "WHAT")]
    fail_on: Option<FailOn>,
}

/// The solver of this computer.
#[derive(Debug, clap::Args)]
pub(super) struct Solving {
    /// The solver, `cvc5`; without it, the one on `PATH`
    #[arg(long, value_name = "FILE", help_heading = "Solver")]
    solver: Option<PathBuf>,
    /// How long all proofs may take together, like `2m`; what is not proved by then is not known
    #[arg(long, value_name = "DURATION", help_heading = "Solver")]
    within: Option<Span>,
}

impl Solving {
    pub(super) const fn is_asked(&self) -> bool {
        self.solver.is_some() || self.within.is_some()
    }

    pub(super) fn options(&self) -> SolverOptions {
        let total = self.within.map_or(SolverOptions::default().total, Span::duration);
        let defaults = SolverOptions { program: self.solver.clone(), total, ..SolverOptions::default() };
        SolverOptions { query: defaults.query.min(total), ..defaults }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// More may happen, or with fewer approvers
    Widening,
    /// More or less may happen
    Any,
}

pub(super) async fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    let is_local = args.local || args.against.is_some() || args.solving.is_asked();
    let comparison = if is_local {
        let (asked, held) = both(global, &args.which, args.against.as_deref()).await?;
        let options = args.solving.options();
        work::here("proving", move |told| policy::compare(&asked, &held, &options, told)).await?
    } else {
        let connection = Connection::open(global)?;
        let request = Compare { subject: args.which.named(&connection).await? };
        let compared = or_signal(async {
            let mut bar = Bar::new("proving");
            Ok(connection.api.compare_policies(&request, |progress| bar.tell(progress)).await?)
        });
        compared.await?
    };
    Output { json: global.json }.result(&comparison, report::text)?;
    verdict(&comparison, args.fail_on)
}

fn verdict(comparison: &Comparison, fail_on: Option<FailOn>) -> Result<(), Failure> {
    let Some(fail_on) = fail_on else { return Ok(()) };
    let asked =
        || comparison.proofs.iter().filter(|proof| fail_on == FailOn::Any || proof.direction == Direction::Widens);
    let found = asked().filter(|proof| proof.proved == Proved::Sometimes).count();
    if found > 0 {
        let how = if fail_on == FailOn::Any { "is different" } else { "widens" };
        return Err(Failure::new(Exit::Flagged, format!("it {how} in {}", count(found, "respect", "respects"))));
    }
    let unknown = asked().filter(|proof| proof.proved == Proved::Unknown || !proof.unknown.is_empty()).count();
    if unknown > 0 || asked().next().is_none() {
        let failure = Failure::new(
            Exit::Unproved,
            format!("{} not known, which is not the same as safe", count(unknown, "answer is", "answers are")),
        );
        return Err(failure.hint_if(comparison.solver.problem.clone()));
    }
    Ok(())
}
