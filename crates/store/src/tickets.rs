//! Approval tickets. A change is conditional on the revision that was read: of two that race, one wins and the other
//! begins anew with what it finds then.

use std::collections::BTreeMap;

use domain::Instant;
use domain::id::TicketId;
use domain::principal::Principal;
use domain::ticket::{State, Ticket};

use crate::clause::{Conditions, containing};
use crate::engine::{Row, Value, json, text};
use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Query, Revised, Transaction};

pub(crate) const TABLE: Migration = Migration {
    name: "tickets",
    sql: "CREATE TABLE tickets (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    state TEXT NOT NULL,
    requester TEXT NOT NULL,
    env TEXT NOT NULL,
    deadline INTEGER,
    words TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX tickets_state ON tickets (state, id);
CREATE INDEX tickets_requester ON tickets (requester, id);
CREATE INDEX tickets_deadline ON tickets (deadline) WHERE deadline IS NOT NULL;",
};

/// Emergencies are looked at afterwards. Those that were spent before this was kept wait as well.
pub(crate) const AFTER_REVIEWS: Migration = Migration {
    name: "ticket-after-reviews",
    sql: "ALTER TABLE tickets ADD COLUMN awaits_after_review INTEGER NOT NULL DEFAULT 0;
UPDATE tickets SET awaits_after_review = 1
    WHERE state = 'consumed' AND body LIKE '%\"context\":{\"break_glass\":\"%';
CREATE INDEX tickets_after_review ON tickets (id) WHERE awaits_after_review = 1;",
};

/// Which tickets to list.
#[derive(Clone, Debug)]
pub struct TicketFilter {
    /// In one of these states, by name; none means any.
    pub states: Vec<&'static str>,
    /// Of this requester.
    pub requester: Option<Principal>,
    /// For this environment.
    pub env: Option<String>,
    /// With this in their title, description, requester, action, resources or command line.
    pub text: Option<String>,
    /// Older than this one.
    pub before: Option<TicketId>,
    /// So many at most.
    pub limit: u32,
    /// Only emergencies that nobody has looked at since.
    pub awaits_after_review: bool,
}

impl Default for TicketFilter {
    fn default() -> Self {
        let (requester, env, text, before) = (None, None, None, None);
        Self { states: Vec::new(), requester, env, text, before, limit: 100, awaits_after_review: false }
    }
}

/// Adds a ticket.
pub fn insert(tx: &mut Transaction<'_>, ticket: &Ticket) -> Result<(), StoreError> {
    let sql = "INSERT INTO tickets (id, revision, state, requester, env, deadline, words, body, awaits_after_review)
        VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8)";
    let binding = &ticket.binding;
    let who = [text(&ticket.id), ticket.state.name().into(), text(&binding.subject_id), text(&binding.action.env)];
    let rest = [deadline(ticket).into(), words(ticket).into(), json(ticket), awaits(ticket)];
    tx.execute(sql, &[who.as_slice(), &rest].concat())?;
    Ok(())
}

/// One ticket with its revision.
pub fn get(q: &mut dyn Query, id: TicketId) -> Result<Option<Revised<Ticket>>, StoreError> {
    let rows = q.rows("SELECT revision, body FROM tickets WHERE id = $1", &[text(&id)])?;
    rows.first().map(|row| Ok(Revised { value: row.json("body")?, revision: row.int("revision")? })).transpose()
}

/// Changes a ticket, provided that it still has this revision; if not, the write begins anew.
pub fn update(tx: &mut Transaction<'_>, ticket: &Ticket, revision: i64) -> Result<(), StoreError> {
    let sql =
        "UPDATE tickets SET revision = revision + 1, state = $3, deadline = $4, body = $5, awaits_after_review = $6
        WHERE id = $1 AND revision = $2";
    let row = vec![ticket.state.name().into(), deadline(ticket).into(), json(ticket), awaits(ticket)];
    tx.revise_from(revision, "tickets", &ticket.id, sql, row)
}

/// Tickets, newest first.
pub fn list(q: &mut dyn Query, filter: &TicketFilter) -> Result<Vec<Ticket>, StoreError> {
    let mut conditions = Conditions::default();
    conditions.and_one_of("state", filter.states.iter().map(|state| Value::from(*state)));
    conditions.and_if("requester = ?", filter.requester.as_ref().map(text));
    conditions.and_if("env = ?", filter.env.as_deref());
    conditions.and_if("words LIKE ? ESCAPE '\\'", filter.text.as_ref().map(|text| containing(&text.to_lowercase())));
    conditions.and_if("id < ?", filter.before.as_ref().map(text));
    if filter.awaits_after_review {
        conditions.and_plain("awaits_after_review = 1");
    }
    let (sql, parameters) = conditions.query("SELECT body FROM tickets", "ORDER BY id DESC LIMIT ?", filter.limit);
    q.rows(&sql, &parameters)?.iter().map(|row| row.json("body")).collect()
}

/// How many tickets are in each state. A clock that ran out counts once it was written down.
pub fn counts(q: &mut dyn Query) -> Result<BTreeMap<String, u32>, StoreError> {
    let rows = q.rows("SELECT state, COUNT(*) AS tickets FROM tickets GROUP BY state", &[])?;
    rows.iter().map(|row: &Row| Ok((row.text("state")?.to_owned(), row.number("tickets")?))).collect()
}

/// How many emergencies nobody has looked at since.
pub fn awaiting_after_review(q: &mut dyn Query) -> Result<u32, StoreError> {
    let rows = q.rows("SELECT COUNT(*) AS tickets FROM tickets WHERE awaits_after_review = 1", &[])?;
    rows.first().map_or(Ok(0), |row| row.number("tickets"))
}

/// Open tickets whose clock has run out at `now`, longest overdue first.
pub fn overdue(q: &mut dyn Query, now: Instant, limit: u32) -> Result<Vec<TicketId>, StoreError> {
    let sql = "SELECT id FROM tickets WHERE deadline IS NOT NULL AND deadline <= $1 ORDER BY deadline, id LIMIT $2";
    q.rows(sql, &[now.into(), limit.into()])?.iter().map(|row| row.parsed("id")).collect()
}

fn awaits(ticket: &Ticket) -> Value {
    u32::from(ticket.awaits_after_review()).into()
}

/// When the clock runs out that runs now, if one does.
fn deadline(ticket: &Ticket) -> Option<Instant> {
    match ticket.state {
        State::Pending => Some(ticket.approval_expires_at),
        State::Approved { execution_expires_at, .. } => Some(execution_expires_at),
        _ => None,
    }
}

/// What a search looks in. None of it changes after the ticket was opened.
fn words(ticket: &Ticket) -> String {
    let action = &ticket.binding.action;
    let own = [ticket.statement.title.as_deref(), ticket.statement.description.as_deref()];
    let named = [&ticket.requester_name, &action.env, &action.action];
    let argv = action.command.iter().flat_map(|command| &command.argv);
    let mut words: Vec<&str> = own.into_iter().flatten().collect();
    words.extend(named.into_iter().chain(argv).map(String::as_str));
    words.extend(action.resources.iter());
    words.join("\n").replace('\0', " ").to_lowercase()
}
