//! Tickets as somebody sees them: the inbox, and one ticket with what its reader may do about it.

use domain::Instant;
use domain::account::User;
use domain::id::{TicketId, UserId};
use domain::task::Task;
use domain::ticket::{Progress, State, Ticket};
use store::tickets::TicketFilter;

use crate::authenticate::Caller;
use crate::standing::{REVIEW, Standing};
use crate::{Control, Error};

/// Which tickets.
#[derive(Clone, Debug)]
pub struct InboxQuery {
    /// The list.
    pub view: View,
    /// Only of this environment.
    pub env: Option<String>,
    /// Only with this text.
    pub text: Option<String>,
    /// Older than this one.
    pub before: Option<TicketId>,
    /// How many at most.
    pub limit: u32,
}

/// The lists there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// What the caller can decide.
    Mine,
    /// What is open.
    Pending,
    /// What is settled.
    Closed,
    /// Emergencies that nobody has looked at since.
    AfterReview,
}

/// A row of the inbox.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The ticket.
    pub ticket: Ticket,
    /// How far.
    pub progress: Progress,
    /// Whether the caller can decide it now.
    pub mine: bool,
}

/// A page of the inbox with the counts beside it.
#[derive(Clone, Debug)]
pub struct InboxPage {
    /// The rows, newest first.
    pub rows: Vec<Summary>,
    /// Where the next page begins.
    pub next: Option<TicketId>,
    /// How many are open.
    pub pending: u32,
    /// How many of those the caller can decide.
    pub mine: u32,
    /// How many are settled.
    pub closed: u32,
    /// How many emergencies nobody has looked at since.
    pub after_review: u32,
}

/// Something the caller may or may not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// `approve`, `deny`, `cancel`, `revoke`, `after_review`.
    pub name: &'static str,
    /// Why not, if not.
    pub refusal: Option<String>,
}

/// A ticket as the caller sees it.
#[derive(Clone, Debug)]
pub struct TicketView {
    /// The ticket.
    pub ticket: Ticket,
    /// How far, counting only reviews that stand.
    pub progress: Progress,
    /// Who could still approve, with the groups they count for.
    pub candidates: Vec<(UserId, String, Vec<String>)>,
    /// Who revoked its approval, by name.
    pub revoked_by: Option<String>,
    /// What came of it: of a standing approval, of its last use.
    pub task: Option<Task>,
    /// What the caller may do.
    pub offers: Vec<Offer>,
}

/// How many open tickets are looked at to tell which are the caller's to decide.
const SCAN: u32 = 500;

impl Control {
    /// A page of the inbox.
    pub fn inbox(&self, caller: &Caller, query: &InboxQuery) -> Result<InboxPage, Error> {
        caller.require("approvals:read")?;
        let now = self.now();
        self.read(|q| {
            let standing = Standing::read(self, q)?;
            let me = caller.principal.user().and_then(|id| standing.person(id));
            let filter = |states: &[&'static str], limit, before| TicketFilter {
                states: states.to_vec(),
                requester: None,
                env: query.env.clone(),
                text: query.text.clone(),
                before,
                limit,
                awaits_after_review: query.view == View::AfterReview,
            };
            let summary = |ticket: Ticket| {
                let ticket = ticket.at(now);
                let progress = ticket.progress(|_| true);
                let mine = ticket.state == State::Pending && decide_refusal(&standing, me, caller, &ticket).is_none();
                Summary { ticket, progress, mine }
            };
            let plain = TicketFilter { states: vec!["pending"], limit: SCAN, ..TicketFilter::default() };
            let open: Vec<_> = store::tickets::list(q, &plain)?.into_iter().map(summary).collect();
            let mine = u32::try_from(open.iter().filter(|row| row.mine).count()).unwrap_or(u32::MAX);
            let counts = store::tickets::counts(q)?;
            let count = |states: &[&str]| states.iter().filter_map(|state| counts.get(*state)).sum();

            let (states, wanted): (&[&'static str], fn(&Summary) -> bool) = match query.view {
                View::Mine => (&["pending"], |row| row.mine),
                View::Pending => (State::OPEN, |row| row.ticket.state.is_open()),
                View::Closed => (State::CLOSED, |row| !row.ticket.state.is_open()),
                View::AfterReview => (&[], |row| row.ticket.awaits_after_review()),
            };
            let fetched = store::tickets::list(q, &filter(states, query.limit, query.before))?;
            let full = fetched.len() == usize::try_from(query.limit).unwrap_or(usize::MAX);
            let next = fetched.last().filter(|_| full).map(|ticket| ticket.id);
            let rows = fetched.into_iter().map(summary).filter(wanted).collect();
            let (pending, closed) = (count(State::OPEN), count(State::CLOSED));
            let after_review = store::tickets::awaiting_after_review(q)?;
            Ok(InboxPage { rows, next, pending, mine, closed, after_review })
        })
    }

    /// One ticket, for its requester and for readers of approvals.
    pub fn ticket(&self, caller: &Caller, id: TicketId) -> Result<TicketView, Error> {
        let now = self.now();
        self.read(|q| {
            let ticket = super::visible(q, id, super::may_see(caller))?.value.at(now);
            let standing = Standing::read(self, q)?;
            let me = caller.principal.user().and_then(|id| standing.person(id));
            let decide = decide_refusal(&standing, me, caller, &ticket);
            let last = match &ticket.state {
                State::Consumed { task, .. } => Some(*task),
                _ => ticket.uses.last().map(|used| used.task),
            };
            let task = match last {
                Some(task) => store::tasks::get(q, task)?.map(|task| task.at(now)),
                None => None,
            };
            let revoked_by = match ticket.state {
                State::Cancelled { by: Some(by), .. } => standing.person(by).map(|user| user.name.clone()),
                _ => None,
            };
            let candidates = match ticket.state {
                State::Pending => standing
                    .candidates(&ticket)
                    .map(|user| (user.id, user.name.clone(), standing.groups(user.id)))
                    .collect(),
                _ => Vec::new(),
            };
            Ok(TicketView {
                progress: ticket.progress(|cast| !ticket.state.is_open() || standing.stands(cast, &ticket)),
                candidates,
                revoked_by,
                task,
                offers: vec![
                    Offer { name: "approve", refusal: decide.clone() },
                    Offer { name: "deny", refusal: decide },
                    Offer { name: "cancel", refusal: cancel_refusal(caller, &ticket) },
                    Offer { name: "revoke", refusal: revoke_refusal(caller, &ticket) },
                    Offer { name: "after_review", refusal: after_review_refusal(&standing, me, caller, &ticket) },
                ],
                ticket,
            })
        })
    }

    /// Where a ticket stands, for a requester that waits.
    pub fn ticket_state(&self, caller: &Caller, id: TicketId) -> Result<(State, Instant), Error> {
        let now = self.now();
        self.read(|q| Ok((super::visible(q, id, super::may_see(caller))?.value.at(now).state, now)))
    }
}

fn decide_refusal(standing: &Standing, me: Option<&User>, caller: &Caller, ticket: &Ticket) -> Option<String> {
    let Some(user) = me else { return Some("only people review; service accounts and agents never do".into()) };
    if ticket.state != State::Pending {
        return Some(format!("the ticket is {} already", ticket.state.name()));
    }
    if !caller.scopes.contains(REVIEW) {
        return Some(format!("your session does not reach `{REVIEW}`"));
    }
    let rule = ticket.check_reviewer(user.id).map_err(|error| error.to_string());
    rule.and_then(|()| standing.check(user, ticket)).err()
}

fn cancel_refusal(caller: &Caller, ticket: &Ticket) -> Option<String> {
    if ticket.binding.subject_id != caller.principal {
        return Some("only its requester can cancel a ticket; to refuse it, deny it".into());
    }
    (!ticket.state.is_open()).then(|| format!("the ticket is {} already", ticket.state.name()))
}

fn revoke_refusal(caller: &Caller, ticket: &Ticket) -> Option<String> {
    if caller.principal.user().is_none() || !caller.scopes.contains(REVIEW) {
        return Some("only people who may review revoke an approval".into());
    }
    match ticket.state {
        State::Approved { .. } => None,
        State::Pending => Some("there is no approval to revoke yet; to refuse it, deny it".into()),
        ref other => Some(format!("the ticket is {} already", other.name())),
    }
}

fn after_review_refusal(standing: &Standing, me: Option<&User>, caller: &Caller, ticket: &Ticket) -> Option<String> {
    let Some(user) = me else { return Some("only people review; service accounts and agents never do".into()) };
    if let Err(refusal) = ticket.check_after_reviewer(user.id) {
        return Some(refusal.to_string());
    }
    if !caller.scopes.contains(REVIEW) {
        return Some(format!("your session does not reach `{REVIEW}`"));
    }
    standing.check(user, ticket).err()
}
