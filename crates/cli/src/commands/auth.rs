//! `countersign auth`: what programs authenticate with.

mod rotate;

use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::Failure;

/// Rotate what programs authenticate with
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    RotateKeys(rotate::Args),
}

pub(crate) async fn run(global: &Global, command: &Command) -> Result<(), Failure> {
    match command {
        Command::RotateKeys(args) => rotate::run(&Connection::open(global)?, args).await,
    }
}
