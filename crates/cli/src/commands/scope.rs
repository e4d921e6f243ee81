//! `countersign scope`: what credentials and people may reach at all.

use contract::access::{AddScope, ScopeEntry};

use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::Failure;
use crate::output::{prose, table};

/// See and extend the catalogue of scopes
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Example:\n  countersign scope list")]
pub(crate) enum Command {
    /// List every scope with its other names
    #[command(after_help = "Example:\n  countersign scope list")]
    List,
    /// Add a scope to the catalogue
    #[command(after_help = "Example:\n  countersign scope add shop:refund --description \"Refund an order\"")]
    Add {
        /// Its name, of two parts or more
        name: String,
        /// What it lets its holder do
        #[arg(long, value_name = "TEXT")]
        description: String,
    },
}

pub(crate) async fn run(global: &Global, command: &Command) -> Result<(), Failure> {
    let connection = Connection::open(global)?;
    match command {
        Command::List => connection.out.result(&connection.api.scopes().await?, |entries| list(entries)),
        Command::Add { name, description } => {
            let request = AddScope { name: name.clone(), description: description.clone() };
            let added = connection.api.add_scope(&request).await?;
            connection.out.result(&added, |added| format!("{} is in the catalogue", prose(&added.name)))
        }
    }
}

fn list(entries: &[ScopeEntry]) -> String {
    let row = |entry: &ScopeEntry| [prose(&entry.name), prose(&entry.aliases.join(", ")), prose(&entry.description)];
    let rows: Vec<_> = entries.iter().map(row).collect();
    table(["SCOPE", "ALSO", "LETS ITS HOLDER"], &rows, "no scopes")
}
