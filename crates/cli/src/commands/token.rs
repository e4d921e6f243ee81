//! `countersign token`: the service tokens of programs.

use domain::credential::CredentialKind::ServiceToken;

use crate::cli::Global;
use crate::commands::credential::{create, list, revoke, rotate, show};
use crate::connection::Connection;
use crate::exit::Failure;

/// Make, see, replace and end service tokens
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Example:\n  countersign token list")]
pub(crate) enum Command {
    /// Make a service token; its secret is shown once
    ///
    /// Where standard output is not a terminal, the secret alone goes there and everything else to stderr.
    #[command(after_help = "Examples:
  countersign token create --id my-ci-token --scope workflows:read --scope workflows:execute
  countersign token create --id analytics-service --workspace ws-analytics --expires-in 30d
  countersign token create --account billing-ci --out ci.token
  TOKEN=$(countersign token create --account billing-ci)")]
    Create(create::Args),
    /// List service tokens, newest first
    #[command(after_help = "Examples:
  countersign token list
  countersign token list --all --wide
  countersign token list --state overlapping --utc")]
    List(list::Args),
    /// Show all about one service token but its secret
    #[command(after_help = "Example:\n  countersign token show my-ci-token")]
    Show(show::Args),
    /// Replace a service token; the old one goes on for the overlap
    #[command(after_help = "Examples:
  countersign token rotate my-ci-token
  countersign token rotate my-ci-token --overlap 30m --expires-in 90d
  countersign token rotate my-ci-token --overlap 1800 --scope workflows:write")]
    Rotate(rotate::Args),
    /// End a service token now
    #[command(after_help = "Examples:
  countersign token revoke my-ci-token --reason \"Token compromised\"
  countersign token revoke my-ci-token --family")]
    Revoke(revoke::Args),
}

pub(crate) async fn run(global: &Global, command: &Command) -> Result<(), Failure> {
    let connection = Connection::open(global)?;
    match command {
        Command::Create(args) => create::run(&connection, ServiceToken, args).await,
        Command::List(args) => list::run(&connection, ServiceToken, args).await,
        Command::Show(args) => show::run(&connection, ServiceToken, args).await,
        Command::Rotate(args) => rotate::run(&connection, ServiceToken, args).await,
        Command::Revoke(args) => revoke::run(&connection, ServiceToken, args).await,
    }
}
