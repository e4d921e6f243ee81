//! Getting to the point where the action may run: an outright allow, or a grant that holds.

use std::cell::{Cell, OnceCell};
use std::time::Duration;

use contract::approvals::{Consumed, OpenTicket, Ticket};
use contract::tasks::StartTask;
use domain::ambient::SystemClock;
use domain::binding::Action;
use domain::grant::Grant;
use domain::id::{DecisionId, TicketId};
use domain::outcome::Outcome;
use domain::principal::Principal;
use domain::ticket::State;
use domain::{Clock as _, Instant};

use crate::commands::exec::Args;
use crate::commands::ticket;
use crate::connection::Connection;
use crate::exit::{Exit, Failure};
use crate::intent::{Intent, Sight};
use crate::once;
use crate::output::prose;
use crate::patience::{self, Patience};
use crate::signals::Signals;
use crate::trusted::Trust;

/// How long a call that opens a ticket is repeated, in seconds.
const OPENING: u32 = 30;
/// How long a ticket may take to be taken back when we are asked to end.
const TAKING_BACK: Duration = Duration::from_secs(5);

/// Why the action may run.
pub(crate) enum Clearance {
    /// Policy says so.
    Allowed(DecisionId),
    /// People said so, and their signatures were verified here.
    Granted(Box<Grant>),
}

impl Clearance {
    /// How long the command may take, by our own clock.
    pub(crate) fn longest(&self, begun: &Consumed) -> Option<Duration> {
        let deadline = begun.deadline?;
        let signed = match self {
            Self::Granted(grant) => grant.requirement.max_duration_seconds,
            Self::Allowed(_) => None,
        };
        let seconds = signed.into_iter().chain(begun.max_duration_seconds).min();
        let seconds = seconds.unwrap_or_else(|| deadline.seconds_since(SystemClock.now()));
        Some(Duration::from_secs(seconds.into()))
    }
}

/// What came of asking.
enum Answer {
    Allowed(DecisionId),
    Opened(Box<Ticket>),
}

/// One run's dealings with the control plane.
pub(crate) struct Desk<'a> {
    connection: &'a Connection,
    intent: &'a Intent,
    args: &'a Args,
    /// The key under which this run opens its ticket, once it has begun to.
    key: OnceCell<String>,
    /// The ticket that this run opened.
    opened: Cell<Option<TicketId>>,
    /// The key under which this run spends its ticket: once, however often it asks.
    spending: String,
}

impl<'a> Desk<'a> {
    pub(crate) fn new(connection: &'a Connection, intent: &'a Intent, args: &'a Args) -> Self {
        let (key, opened) = (OnceCell::new(), Cell::new(None));
        Self { connection, intent, args, key, opened, spending: once::key(None) }
    }

    /// Asks, and waits for an approval if one is required.
    pub(crate) async fn clear(&self, sight: &Sight) -> Result<Clearance, Failure> {
        let me = self.connection.api.who_am_i().await?.principal;
        let trust = self.trust()?;
        let ticket = match self.args.ticket {
            Some(id) => self.known(id, &me, &sight.action).await?,
            None => match self.ask(sight, &trust).await? {
                Answer::Allowed(decision) => return Ok(Clearance::Allowed(decision)),
                Answer::Opened(ticket) => *ticket,
            },
        };
        let approved = self.wait(ticket).await?;
        let grant = self.verified(&approved, &me, &trust).await?;
        Ok(Clearance::Granted(Box::new(grant)))
    }

    /// Asks policy, and opens a ticket if it wants an approval.
    async fn ask(&self, sight: &Sight, trust: &Trust) -> Result<Answer, Failure> {
        let decision = self.connection.api.decide(&sight.action).await?;
        match decision.outcome {
            Outcome::Allow => {
                trust.check_allow(self.intent.env())?;
                Ok(Answer::Allowed(decision.id))
            }
            Outcome::Deny => {
                let why = ticket::sentences(&decision.reasons);
                Err(Failure::new(Exit::Denied, format!("policy denies it: {why}")))
            }
            Outcome::RequireApproval => {
                // An approval that could not be used is not worth asking for.
                trust.check_quorum(decision.requirement.as_ref(), self.intent.env())?;
                trust.check_roster(&self.connection.api.roster().await?.versions)?;
                self.open(sight).await.map(|ticket| Answer::Opened(Box::new(ticket)))
            }
        }
    }

    fn trust(&self) -> Result<Trust, Failure> {
        let issuer = self.connection.issuer();
        let trusted = self.connection.trust.get(&issuer)?;
        Ok(self.args.trust.of(&trusted, &issuer, self.intent.env()))
    }

    /// The ticket that was named, if it is about this action.
    async fn known(&self, id: TicketId, me: &Principal, action: &Action) -> Result<Ticket, Failure> {
        let ticket = self.connection.api.ticket(id).await?;
        check_same(&ticket, me, action)?;
        Ok(ticket)
    }

    fn request(&self, sight: &Sight) -> OpenTicket {
        self.intent.opening(sight, self.args.standing.budget())
    }

    async fn open(&self, sight: &Sight) -> Result<Ticket, Failure> {
        let (request, key) = (self.request(sight), self.key.get_or_init(|| once::key(None)));
        let until = SystemClock.now().plus(OPENING);
        let api = &self.connection.api;
        let open = async || api.open_ticket(&request, key).await;
        let ticket = Patience::new(self.connection.out).call(until, open).await?;
        self.opened.set(Some(ticket.id));
        Ok(ticket)
    }

    async fn wait(&self, ticket: Ticket) -> Result<Ticket, Failure> {
        let (id, out) = (ticket.id, self.connection.out);
        if let Some(refusal) = ticket::refusal(&ticket) {
            return Err(refusal);
        }
        if ticket.state == State::Pending {
            out.note(&ticket::waits(&ticket));
        }
        let later = format!("once it is approved, run the same with `--ticket {id}`");
        if self.args.no_wait && ticket.state == State::Pending {
            out.result(&ticket, |ticket| ticket.id.to_string())?;
            return Err(Failure::new(Exit::NotApproved, format!("ticket {id} is not approved yet")).hint(later));
        }
        let settling = patience::until_settled(&self.connection.api, ticket, out);
        let settled = match self.args.wait {
            None => settling.await?,
            Some(span) => tokio::time::timeout(span.duration(), settling).await.map_err(|_| {
                let waited = span.seconds();
                Failure::new(Exit::NotApproved, format!("ticket {id} was not approved within {waited} seconds"))
                    .hint(later)
            })??,
        };
        ticket::refusal(&settled).map_or(Ok(settled), Err)
    }

    /// Fetches the grant and verifies it against what would run now.
    async fn verified(&self, ticket: &Ticket, me: &Principal, trust: &Trust) -> Result<Grant, Failure> {
        let (api, out) = (&self.connection.api, self.connection.out);
        let until = last_moment(ticket);
        let grant = Patience::new(out).call(until, async || api.grant(ticket.id).await).await?;
        let now = self.intent.look()?;
        check_same(ticket, me, &now.action)?;
        let verified = trust.verify(&grant, me, &now.action)?;
        if grant.ticket != ticket.id {
            return Err(Failure::new(Exit::Refused, format!("the grant is for another ticket than {}", ticket.id)));
        }
        trust.follow(self.connection, &grant, &verified)?;
        let names = verified.approvers.iter().map(|(_, name)| prose(name)).collect::<Vec<_>>().join(", ");
        out.note(&format!("approved by {names}; verified against roster version {}", verified.pin.version));
        Ok(grant)
    }

    /// Spends the ticket, or tells that what was allowed begins.
    pub(crate) async fn begin(
        &self,
        cleared: &Clearance,
        sight: &Sight,
        signals: &mut Signals,
    ) -> Result<Consumed, Failure> {
        let api = &self.connection.api;
        let grant = match cleared {
            Clearance::Allowed(decision) => {
                return Ok(api.start_task(&StartTask { decision: *decision }).await?);
            }
            Clearance::Granted(grant) => grant,
        };
        let mut patience = Patience::new(self.connection.out);
        // The same call again under its key spends nothing twice, and tells what the first one began.
        loop {
            match api.consume(grant.ticket, &sight.action, &self.spending).await {
                Ok(consumed) => {
                    self.tell_use(grant, &consumed);
                    return Ok(consumed);
                }
                Err(error)
                    if patience::is_silence(&error) && SystemClock.now().is_before(grant.execution_expires_at) =>
                {
                    tokio::select! {
                        () = patience.wait(&error) => {}
                        signal = signals.ending() => {
                            self.take_back(sight, &format!("{signal} before it ran")).await;
                            return Err(Failure::Signalled(signal));
                        }
                    }
                }
                Err(error) => return Err(Failure::from(error).nothing_ran()),
            }
        }
    }

    /// Says which use this is, and how there can be another.
    fn tell_use(&self, grant: &Grant, consumed: &Consumed) {
        let Some(used) = consumed.use_number else { return };
        let more = if used.number < used.of {
            format!("; until {} run the same with `--ticket {}`", grant.execution_expires_at, grant.ticket)
        } else {
            "; it was the last".to_owned()
        };
        self.connection.out.note(&format!("use {used} of ticket {}{more}", grant.ticket));
    }

    /// Takes the ticket back that this run has opened, if it has.
    pub(crate) async fn take_back(&self, sight: &Sight, reason: &str) {
        let Some(key) = self.key.get() else { return };
        let request = self.request(sight);
        let taken = tokio::time::timeout(TAKING_BACK, self.cancel(&request, key, reason)).await;
        let out = self.connection.out;
        match taken {
            Ok(Ok(id)) => out.note(&format!("ticket {id} was cancelled")),
            Ok(Err(error)) => out.note(&format!("the ticket could not be cancelled: {}", prose(&error.to_string()))),
            Err(_) => out.note("the ticket could not be cancelled: the control plane does not answer"),
        }
    }

    async fn cancel(&self, request: &OpenTicket, key: &str, reason: &str) -> Result<TicketId, client::ClientError> {
        let api = &self.connection.api;
        let id = match self.opened.get() {
            Some(id) => id,
            // Whether the call arrived is not known; the same key finds its ticket.
            None => api.open_ticket(request, key).await?.id,
        };
        api.cancel_ticket(id, reason).await.map(|ticket| ticket.id)
    }
}

/// Refuses, naming the first field that differs, if a ticket is about something else than what would run.
fn check_same(ticket: &Ticket, me: &Principal, action: &Action) -> Result<(), Failure> {
    let Some(field) = ticket.binding.mismatch(me, action) else { return Ok(()) };
    let sentence = format!("`{field}` differs from what ticket {} is about; nothing ran", ticket.id);
    Err(Failure::new(Exit::Refused, sentence).hint("run it as it was asked for, or open a new ticket for the change"))
}

fn last_moment(ticket: &Ticket) -> Instant {
    match ticket.state {
        State::Approved { execution_expires_at, .. } => execution_expires_at,
        _ => ticket.approval_expires_at,
    }
}
