//! `countersign policy replay`: what recorded decisions would have been.

mod here;
pub(in crate::commands) mod report;

use std::path::PathBuf;

use contract::policies::Replay;
use domain::Clock as _;
use domain::Instant;
use domain::ambient::SystemClock;
use domain::policy::ReplayReport;
use policy::replay::Range;

use super::subject::{Which, both};
use super::words::{count, of};
use super::work::{Bar, or_signal};
use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::span::Span;

/// Ask every recorded decision again, and show which would have been another
///
/// By kind of change, the most dangerous first, with samples; and what could not be asked again, with why. The control plane
/// asks its own record; with `--export` this computer asks a copy of it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  countersign policy replay --dir policies --last 30d
  countersign policy replay --draft drf_01HZY3V5W2M4Q6S8T0XABCDEFG --fail-on widening
  countersign policy replay --dir policies --against main/policies --export audit.jsonl")]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    /// Only decisions of this last while, like `30d`
    #[arg(long, value_name = "DURATION", conflicts_with_all = ["from", "until"], help_heading = "Decisions")]
    last: Option<Span>,
    /// Only decisions since this instant, like `2026-11-01T00:00:00Z`
    #[arg(long, value_name = "INSTANT", help_heading = "Decisions")]
    from: Option<Instant>,
    /// Only decisions before this instant
    #[arg(long, value_name = "INSTANT", help_heading = "Decisions")]
    until: Option<Instant>,
    /// The decisions of this file, as `countersign audit export` prints them
    #[arg(long, value_name = "FILE", help_heading = "Decisions")]
    export: Option<PathBuf>,
    /// Hold it against this folder instead of the set in force
    #[arg(long, value_name = "DIR", requires = "export", help_heading = "Policy set")]
    against: Option<PathBuf>,
    /// End with exit code 87 if a decision would let more happen, or if any would be another
    #[arg(long, value_name = "WHAT")]
    fail_on: Option<FailOn>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// More would have happened, or with fewer approvers
    Widening,
    /// Any decision would have been another
    Any,
}

impl Args {
    fn range(&self) -> (Option<Instant>, Option<Instant>) {
        let since = self.last.map(|span| SystemClock.now().minus(span.seconds()));
        (since.or(self.from), self.until)
    }
}

pub(super) async fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    let (from, until) = args.range();
    let report = if let Some(file) = &args.export {
        let (asked, held) = both(global, &args.which, args.against.as_deref()).await?;
        here::replay(asked, held, file, Range { from, until }).await?
    } else {
        let connection = Connection::open(global)?;
        let request = Replay { subject: args.which.subject(&connection).await?, from, until, grant: None };
        let replayed = or_signal(async {
            let mut bar = Bar::new("replaying");
            Ok(connection.api.replay_policies(&request, |progress| bar.tell(progress)).await?)
        });
        replayed.await?
    };
    Output { json: global.json }.result(&report, report::text)?;
    verdict(&report, args.fail_on)
}

fn verdict(report: &ReplayReport, fail_on: Option<FailOn>) -> Result<(), Failure> {
    let Some(fail_on) = fail_on else { return Ok(()) };
    let matters = |widens: bool| widens || fail_on == FailOn::Any;
    let found: u32 = report.flips.iter().filter(|group| matters(group.widens)).map(|group| group.count).sum();
    if found > 0 {
        let how = if fail_on == FailOn::Any { "be another" } else { "let more happen" };
        let would = count(found as usize, "recorded decision would", "recorded decisions would");
        return Err(Failure::new(Exit::Flagged, format!("{would} {how}")));
    }
    let coverage = &report.coverage;
    if coverage.replayed < coverage.recorded {
        let missed = of(coverage.recorded - coverage.replayed, coverage.recorded);
        return Err(Failure::new(Exit::Unproved, format!("{missed} recorded decisions could not be asked again")));
    }
    Ok(())
}
