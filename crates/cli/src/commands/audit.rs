//! `countersign audit`: what happened, and proof that the record of it holds.

mod verify;

use contract::audit::AuditEntry;
use domain::ambient::SystemClock;
use domain::event::{Entry, Kind};
use domain::{Clock as _, Instant};
use serde_json::json;

use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::{Exit, Failure};
use crate::output::{prose, table};
use crate::span::Span;

/// List audit entries, newest first, or verify them against the ledger
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Example:\n  countersign audit --action pipelines:execute --last 30d")]
pub(crate) struct Args {
    #[command(flatten)]
    filter: Filter,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Demand proof that the ledger only grew since this device last looked, and that the listed entries are in it
    #[command(after_help = "Example:\n  countersign audit verify --last 7d")]
    Verify(Filter),
}

#[derive(Debug, clap::Args)]
struct Filter {
    /// Only of this kind, like `ticket.opened`; or with this action or other text in them, like `pipelines:execute`
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only about this id, like `tkt_…`
    #[arg(long, value_name = "ID")]
    about: Option<String>,
    /// Only of this last while, like `30d`
    #[arg(long, value_name = "DURATION")]
    last: Option<Span>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
}

/// An entry as it was served, and what it says.
struct Listed {
    served: AuditEntry,
    entry: Entry,
}

pub(crate) async fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    let connection = Connection::open(global)?;
    match &args.command {
        Some(Command::Verify(filter)) => verify::run(&connection, filter).await,
        None => list(&connection, &args.filter).await,
    }
}

async fn list(connection: &Connection, filter: &Filter) -> Result<(), Failure> {
    let (entries, more) = fetch(connection, filter).await?;
    let json: Vec<_> = entries
        .iter()
        .map(|listed| json!({ "index": listed.served.index, "entry": listed.entry, "leaf": listed.served.leaf }))
        .collect();
    connection.out.result(&json, |_| text(&entries))?;
    if more {
        connection.out.note(&format!("there are more than {}; `--limit` shows more", filter.limit));
    }
    Ok(())
}

fn text(entries: &[Listed]) -> String {
    let row = |Listed { served, entry }: &Listed| {
        let index = served.index.map_or_else(|| "new".to_owned(), |index| index.to_string());
        let principal = entry.principal.as_ref().map(ToString::to_string).unwrap_or_default();
        let about = entry.about.as_deref().map(prose).unwrap_or_default();
        [index, entry.at.to_string(), entry.kind.name(), principal, about]
    };
    let rows: Vec<_> = entries.iter().map(row).collect();
    table(["INDEX", "AT", "KIND", "PRINCIPAL", "ABOUT"], &rows, "no entries")
}

/// The entries that the filter wants, page by page, and whether there are more.
async fn fetch(connection: &Connection, filter: &Filter) -> Result<(Vec<Listed>, bool), Failure> {
    let since = filter.last.map(|span| earlier(SystemClock.now(), span));
    let kind = filter.action.as_ref().filter(|action| is_kind(action));
    let text = filter.action.as_ref().filter(|action| !is_kind(action));
    let mut entries = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let parts = [("kind", kind), ("text", text), ("about", filter.about.as_ref()), ("cursor", cursor.as_ref())];
        let query: Vec<_> = parts.into_iter().filter_map(|(name, value)| Some((name, value?.as_str()))).collect();
        let page = connection.api.trail(&query).await?;
        let read = page.items.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let (wanted, too_old): (Vec<_>, Vec<_>) =
            read.into_iter().partition(|listed| since.is_none_or(|since| !listed.entry.at.is_before(since)));
        let past = wanted.is_empty() && !too_old.is_empty();
        entries.extend(wanted);
        cursor = page.next;
        if past || cursor.is_none() {
            break;
        }
        if entries.len() >= filter.limit {
            return Ok((cut(entries, filter.limit), true));
        }
    }
    let more = entries.len() > filter.limit;
    Ok((cut(entries, filter.limit), more))
}

fn cut(mut entries: Vec<Listed>, limit: usize) -> Vec<Listed> {
    entries.truncate(limit);
    entries
}

fn read(served: AuditEntry) -> Result<Listed, Failure> {
    match served.entry() {
        Ok(entry) => Ok(Listed { served, entry }),
        Err(error) => {
            let place = served.index.map_or_else(|| "a new entry".to_owned(), |index| format!("entry {index}"));
            Err(Failure::new(Exit::LedgerBroken, format!("{place} is not an audit entry: {error}")))
        }
    }
}

fn earlier(now: Instant, span: Span) -> Instant {
    Instant::from_millis(now.millis() - i64::from(span.seconds()) * 1000)
}

fn is_kind(text: &str) -> bool {
    serde_json::from_value::<Kind>(text.into()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_told_from_an_action() {
        assert!(is_kind("ticket.opened"));
        assert!(!is_kind("pipelines:execute"));
        assert!(!is_kind("deploy.app.update"));
    }

    #[test]
    fn the_last_while_is_counted_from_now() {
        let span = "1h".parse().unwrap();
        assert_eq!(earlier(Instant::from_seconds(7200), span), Instant::from_seconds(3600));
    }
}
