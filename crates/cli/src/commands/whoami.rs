//! `countersign whoami`.

use contract::access::WhoAmI;
use domain::Clock as _;
use domain::ambient::SystemClock;
use domain::principal::Principal;

use crate::cli::Global;
use crate::connection::{Connection, TokenKind};
use crate::exit::Failure;
use crate::output::{fields, prose};
use crate::when;

/// Show whose token this is, what it reaches, and until when
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  countersign whoami")]
pub(crate) struct Args {}

pub(crate) async fn run(global: &Global) -> Result<(), Failure> {
    let connection = Connection::open(global)?;
    connection.out.result(&connection.api.who_am_i().await?, |who| text(who, connection.token))
}

fn text(who: &WhoAmI, token: TokenKind) -> String {
    let listed = |items: Vec<String>, none: &str| if items.is_empty() { none.to_owned() } else { items.join(", ") };
    let mut rows = vec![("principal", who.principal.to_string()), ("name", prose(&who.name))];
    rows.extend(who.email.as_deref().map(|email| ("e-mail", prose(email))));
    let teams: Vec<_> = who.teams.iter().filter(|team| !team.is_empty()).map(|team| prose(team)).collect();
    rows.push(("teams", listed(teams, "none")));
    let id = who.credential.map(|id| format!(", {id}")).unwrap_or_default();
    let id = who.session.map_or(id, |id| format!(", {id}"));
    rows.push(("credential", format!("{}{id}", credential(who, token))));
    rows.push(("scopes", listed(who.scopes.iter().map(str::to_owned).collect(), "none")));
    rows.push(("workspaces", listed(who.workspaces.iter().map(|name| prose(name)).collect(), "all")));
    let now = SystemClock.now();
    rows.push(("until", who.expires_at.map_or_else(|| "no end is set".to_owned(), |end| when::both(end, now))));
    rows.extend(who.authenticated_at.map(|at| ("logged in", when::both(at, now))));
    fields(&rows)
}

fn credential(who: &WhoAmI, token: TokenKind) -> String {
    match (token, &who.principal) {
        (_, Principal::Federated(name)) => format!("token of the trusted issuer {}", name.issuer()),
        (TokenKind::ServiceToken, _) => "service token".to_owned(),
        (TokenKind::ApiKey, _) => "API key".to_owned(),
        (TokenKind::AccessToken, _) => "session".to_owned(),
        (TokenKind::None | TokenKind::Other, _) => "bootstrap token".to_owned(),
    }
}
