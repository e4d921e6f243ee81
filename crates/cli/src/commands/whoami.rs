//! `countersign whoami`.

use contract::access::WhoAmI;

use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::Failure;
use crate::output::{fields, prose};

/// Show whose token this is and what it reaches
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) async fn run(global: &Global) -> Result<(), Failure> {
    let connection = Connection::open(global)?;
    connection.out.result(&connection.api.who_am_i().await?, text)
}

fn text(who: &WhoAmI) -> String {
    let mut rows = vec![("principal", who.principal.to_string()), ("name", prose(&who.name))];
    rows.extend(who.email.as_deref().map(|email| ("e-mail", prose(email))));
    rows.push(("teams", prose(&who.teams.join(", "))));
    rows.push(("scopes", who.scopes.iter().collect::<Vec<_>>().join(", ")));
    fields(&rows)
}
