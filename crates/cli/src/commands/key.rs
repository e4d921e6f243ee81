//! `countersign key`: API keys, of service accounts and of people for their own programs.

use domain::credential::CredentialKind::ApiKey;

use crate::cli::Global;
use crate::commands::credential::{create, list, revoke, rotate, show};
use crate::connection::Connection;
use crate::exit::Failure;

/// Make, see, replace and end API keys
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Example:\n  countersign key list")]
pub(crate) enum Command {
    /// Make an API key; its secret is shown once
    ///
    /// Where standard output is not a terminal, the secret alone goes there and everything else to stderr.
    #[command(after_help = "Examples:
  countersign key create --label notebook --scope approvals:read --expires-in 12h
  countersign key create --account billing-ci --network 10.0.0.0/8
  KEY=$(countersign key create --account billing-ci)")]
    Create(create::Args),
    /// List API keys, newest first: all, or your own if that is all that you may see
    #[command(after_help = "Example:\n  countersign key list --all")]
    List(list::Args),
    /// Show all about one API key but its secret
    #[command(after_help = "Example:\n  countersign key show notebook")]
    Show(show::Args),
    /// Replace an API key; the old one goes on for the overlap
    #[command(after_help = "Example:\n  countersign key rotate notebook --overlap 5m")]
    Rotate(rotate::Args),
    /// End an API key now
    #[command(after_help = "Example:\n  countersign key revoke notebook --reason \"Laptop lost\" --family")]
    Revoke(revoke::Args),
}

pub(crate) async fn run(global: &Global, command: &Command) -> Result<(), Failure> {
    let connection = Connection::open(global)?;
    match command {
        Command::Create(args) => create::run(&connection, ApiKey, args).await,
        Command::List(args) => list::run(&connection, ApiKey, args).await,
        Command::Show(args) => show::run(&connection, ApiKey, args).await,
        Command::Rotate(args) => rotate::run(&connection, ApiKey, args).await,
        Command::Revoke(args) => revoke::run(&connection, ApiKey, args).await,
    }
}
