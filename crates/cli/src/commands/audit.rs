//! `countersign audit`: what happened, and proof that the record of it holds.

mod export;
mod verify;

use contract::Page;
use contract::audit::AuditEntry;
use domain::ambient::SystemClock;
use domain::event::{Entry, Kind};
use domain::{Clock as _, Instant};
use serde_json::json;

use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::{Exit, Failure};
use crate::output::{prose, table};
use crate::pages::Pages;
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
    Export(export::Args),
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

/// What was listed.
struct Trail {
    entries: Pages<Listed>,
    /// The place in the ledger of all that was served, in the order that it came, whether or not it is listed.
    places: Vec<u64>,
}

pub(crate) async fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    let connection = Connection::open(global)?;
    match &args.command {
        Some(Command::Verify(filter)) => verify::run(&connection, filter).await,
        Some(Command::Export(args)) => export::run(&connection, args).await,
        None => list(&connection, &args.filter).await,
    }
}

async fn list(connection: &Connection, filter: &Filter) -> Result<(), Failure> {
    let Trail { entries, .. } = fetch(connection, filter).await?;
    let json: Vec<_> = entries
        .items
        .iter()
        .map(|listed| json!({ "index": listed.served.index, "entry": listed.entry, "leaf": listed.served.leaf }))
        .collect();
    connection.out.result(&json, |_| text(&entries.items))?;
    entries.tell(connection.out);
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

/// The entries that the filter wants, page by page.
async fn fetch(connection: &Connection, filter: &Filter) -> Result<Trail, Failure> {
    let mut sieve = Sieve::since(filter.last.map(|span| earlier(SystemClock.now(), span)));
    let page = async |cursor: Option<String>| page(connection, filter, &mut sieve, cursor.as_deref()).await;
    let entries = Pages::read(filter.limit, page).await?;
    Ok(Trail { entries, places: sieve.places })
}

async fn page(
    connection: &Connection,
    filter: &Filter,
    sieve: &mut Sieve,
    cursor: Option<&str>,
) -> Result<Page<Listed>, Failure> {
    let kind = filter.action.as_deref().filter(|action| is_kind(action));
    let text = filter.action.as_deref().filter(|action| !is_kind(action));
    let parts = [("kind", kind), ("text", text), ("about", filter.about.as_deref()), ("cursor", cursor)];
    let query: Vec<_> = parts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    sieve.sift(connection.api.trail(&query).await?)
}

/// Leaves out what is too old. The order of the ledger is not that of time: clocks of control planes differ, and what
/// happens at once is recorded in any order. So places are noted before anything is left out, and what is too old may
/// stand before what is not.
struct Sieve {
    since: Option<Instant>,
    places: Vec<u64>,
}

impl Sieve {
    const fn since(since: Option<Instant>) -> Self {
        Self { since, places: Vec::new() }
    }

    /// What is wanted of a page. One with nothing but what is too old is the last.
    fn sift(&mut self, page: Page<AuditEntry>) -> Result<Page<Listed>, Failure> {
        self.places.extend(page.items.iter().filter_map(|served| served.index));
        let served = page.items.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let number = served.len();
        let recent = |listed: &Listed| self.since.is_none_or(|since| !listed.entry.at.is_before(since));
        let items: Vec<_> = served.into_iter().filter(recent).collect();
        let is_last = items.is_empty() && number > 0;
        Ok(Page { items, next: page.next.filter(|_| !is_last) })
    }
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
    use domain::Ids;
    use domain::ambient::OsEntropy;
    use domain::event::Event;
    use domain::id::EntryId;

    use super::*;

    #[test]
    fn a_kind_is_told_from_an_action() {
        assert!(is_kind("ticket.opened"));
        assert!(!is_kind("pipelines:execute"));
        assert!(!is_kind("deploy.app.update"));
    }

    /// A page of entries with their places and seconds.
    fn page(entries: &[(u64, i64)]) -> Page<AuditEntry> {
        let served = |(index, seconds): &(u64, i64)| {
            let id = EntryId::new(Ids { clock: &SystemClock, entropy: &OsEntropy });
            let entry = Event::new(Instant::from_seconds(*seconds), Kind::TicketOpened).into_entry(id);
            AuditEntry { index: Some(*index), leaf: String::from_utf8(entry.leaf()).unwrap() }
        };
        Page { items: entries.iter().map(served).collect(), next: Some("x".into()) }
    }

    #[test]
    fn the_order_of_the_ledger_is_not_that_of_time() {
        let mut sieve = Sieve::since(Some(Instant::from_seconds(1000)));
        let listed = |page: &Page<Listed>| page.items.iter().filter_map(|one| one.served.index).collect::<Vec<_>>();
        let mixed = sieve.sift(page(&[(5, 1001), (4, 990), (3, 1000), (2, 999)])).unwrap();
        assert_eq!((listed(&mixed), mixed.next.is_some()), (vec![5, 3], true));
        let old = sieve.sift(page(&[(1, 998), (0, 997)])).unwrap();
        assert_eq!((listed(&old), old.next), (vec![], None));
        assert_eq!(sieve.places, [5, 4, 3, 2, 1, 0]);
        verify::check_no_gap(&sieve.places).unwrap();
    }

    #[test]
    fn the_last_while_is_counted_from_now() {
        let span = "1h".parse().unwrap();
        assert_eq!(earlier(Instant::from_seconds(7200), span), Instant::from_seconds(3600));
    }
}
