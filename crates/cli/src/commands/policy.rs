//! `countersign policy`: policy sets as files, and the control plane's.
//!
//! What is wrong, what a set answers and what it changes are found by the engine that the control plane decides with.
//! Deliberately absent: any rule about who may publish, and approving a publication, which is for the console.

mod access;
mod check;
mod compare;
mod decision;
mod diff;
mod draft;
mod format;
mod problem;
mod publish;
pub(super) mod replay;
mod show;
mod simulate;
mod subject;
mod test;
pub(super) mod words;
pub(super) mod work;

use crate::cli::Global;
use crate::exit::Failure;

/// Check, test, simulate, replay, compare and publish policies
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Example:\n  countersign policy check policies")]
pub(crate) enum Command {
    Check(check::Args),
    Format(format::Args),
    Test(test::Args),
    Simulate(Box<simulate::Args>),
    Who(access::WhoArgs),
    Can(access::CanArgs),
    Replay(Box<replay::Args>),
    Compare(compare::Args),
    Case(decision::Args),
    Show(show::ShowArgs),
    Versions(show::VersionsArgs),
    Pull(show::PullArgs),
    Diff(diff::Args),
    #[command(subcommand)]
    Draft(draft::Command),
    Publish(publish::Args),
    Rollback(publish::RollbackArgs),
}

pub(crate) async fn run(global: &Global, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Check(args) => check::run(global, args).await,
        Command::Format(args) => format::run(global, args),
        Command::Test(args) => test::run(global, args).await,
        Command::Simulate(args) => simulate::run(global, args).await,
        Command::Who(args) => access::who(global, args).await,
        Command::Can(args) => access::can(global, args).await,
        Command::Replay(args) => replay::run(global, args).await,
        Command::Compare(args) => compare::run(global, args).await,
        Command::Case(args) => decision::run(global, args).await,
        Command::Show(args) => show::show(global, args).await,
        Command::Versions(args) => show::versions(global, args).await,
        Command::Pull(args) => show::pull(global, args).await,
        Command::Diff(args) => diff::run(global, args).await,
        Command::Draft(command) => draft::run(global, command).await,
        Command::Publish(args) => publish::run(global, args).await,
        Command::Rollback(args) => publish::rollback(global, args).await,
    }
}
