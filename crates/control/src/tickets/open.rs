//! Opening a ticket: ask policy, compute every digest here, draw the nonce.

use domain::Digest;
use domain::binding::{Action, BREAK_GLASS, Binding, Command, Nonce};
use domain::budget::Budget;
use domain::digest::Purpose;
use domain::event::{Event, Kind};
use domain::id::TicketId;
use domain::outcome::{Outcome, Requirement};
use domain::ticket::{State, Statement, Ticket};
use policy::Question;
use serde_json::json;

use crate::authenticate::Caller;
use crate::decide::Decision;
use crate::once::Once;
use crate::plugins::{self, Heard, Stage};
use crate::tickets::standing;
use crate::{Control, Error};

/// The environment in which a command hash is always needed.
const PRODUCTION: &str = "prod";
/// How long the requester's own words may be, in bytes.
const TITLE_MAX: usize = 200;
const DESCRIPTION_MAX: usize = 4000;

/// What a requester sends.
#[derive(Clone, Debug)]
pub struct Opening {
    /// What is to run.
    pub action: Action,
    /// What it says about it.
    pub statement: Statement,
    /// How often it may run, if a standing approval is asked for.
    pub budget: Option<Budget>,
    /// If given, must be the hash of the resources.
    pub resource_hash: Option<Digest>,
    /// If given, must be the hash of the command.
    pub command_hash: Option<Digest>,
    /// The same key with the same request gives the same ticket.
    pub idempotency_key: Option<String>,
}

/// An opening with all that is drawn once for it.
struct Asking {
    caller: Caller,
    opening: Opening,
    question: Question,
    nonce: Nonce,
}

impl Control {
    /// Opens a ticket, or finds the one that this idempotency key opened.
    #[expect(clippy::needless_pass_by_value, reason = "the caller has no use for it afterwards")]
    pub fn open_ticket(&self, caller: &Caller, opening: Opening) -> Result<TicketId, Error> {
        caller.require("decisions:request")?;
        caller.is_somebody()?;
        check(&opening)?;
        let mut request = json!([opening.action, opening.statement]);
        if let (Some(budget), Some(parts)) = (opening.budget, request.as_array_mut()) {
            parts.push(json!(budget));
        }
        let once = opening.idempotency_key.as_ref().map(|key| Once::new(key, "ticket", &request)).transpose()?;
        let nonce = Nonce::generate(self.entropy());
        let caller = caller.clone().once(once);
        for _ in 0..plugins::ROUNDS {
            let question = self.read(|q| self.question(q, &caller, &opening.action))?;
            let heard = self.heard(Stage::Ticket, &question)?;
            let (caller, opening, nonce) = (caller.clone(), opening.clone(), nonce.clone());
            if let Some(opened) = self.open_heard(Asking { caller, opening, question, nonce }, heard)? {
                return opened;
            }
        }
        Err(plugins::moved())
    }

    /// Opens it, if what plugins said is about it as it is asked now.
    fn open_heard(&self, asking: Asking, heard: Heard) -> Result<Option<Result<TicketId, Error>>, Error> {
        let Asking { caller, opening, question, nonce } = asking;
        self.write(move |control, mut tx| {
            if let Some(known) = caller.repeats(&mut tx)? {
                return Ok(Some(Ok(known.parse().map_err(|error| Error::Internal(format!("{error}")))?)));
            }
            let engine = control.live_engine(&mut tx)?;
            let question = Self::refreshed(&mut tx, &question)?;
            let Some((decision, decided)) = control.ask_heard(&engine, &caller.principal, &question, &heard)? else {
                return Ok(None);
            };
            let requirement = match decision.answer.outcome {
                Outcome::RequireApproval => decision.answer.requirement.clone(),
                Outcome::Allow => {
                    tx.commit(decided)?;
                    return Ok(Some(Err(Error::ApprovalNotNeeded)));
                }
                Outcome::Deny => {
                    tx.commit(decided)?;
                    return Ok(Some(Err(Error::PolicyDenied(decision.answer.reasons))));
                }
            };
            let requirement = requirement.ok_or_else(|| Error::Internal("an approval without a requirement".into()))?;
            if let Some(asked) = opening.budget
                && let Err(refused) = standing::allowed(&engine, asked, &requirement, &decision.answer.reasons)
            {
                tx.commit(decided)?;
                return Ok(Some(Err(Error::invalid("budget", refused.problem))));
            }
            let wish = Wish {
                action: &opening.action,
                statement: &opening.statement,
                found: Vec::new(),
                nonce: nonce.clone(),
                budget: opening.budget,
            };
            let (ticket, opened) = wish.draw_up(control, &caller, &decision, requirement);
            store::tickets::insert(&mut tx, &ticket)?;
            caller.remember(control, &mut tx, &ticket.id.to_string())?;
            tx.commit_all(vec![decided, opened])?;
            Ok(Some(Ok(ticket.id)))
        })
    }
}

/// What a ticket is asked for.
pub(crate) struct Wish<'a> {
    pub(crate) action: &'a Action,
    pub(crate) statement: &'a Statement,
    /// What was found of it before, a sentence each.
    pub(crate) found: Vec<String>,
    pub(crate) nonce: Nonce,
    pub(crate) budget: Option<Budget>,
}

impl Wish<'_> {
    /// The ticket, and the entry that records it; the caller keeps both.
    pub(crate) fn draw_up(
        self,
        control: &Control,
        caller: &Caller,
        decision: &Decision,
        requirement: Requirement,
    ) -> (Ticket, Event) {
        let now = control.now();
        let ticket = Ticket {
            id: TicketId::new(control.ids()),
            binding: Binding {
                subject_id: caller.principal.clone(),
                action: self.action.clone(),
                nonce: self.nonce,
                budget: self.budget,
            },
            requester_name: caller.name.clone(),
            never_counts: caller.never_counts.clone(),
            approval_expires_at: now.plus(requirement.approval_ttl_seconds),
            requirement,
            reasons: decision.answer.reasons.clone(),
            policy_set: decision.answer.policy_set,
            decision: decision.id,
            statement: self.statement.clone(),
            opened_at: now,
            reviews: Vec::new(),
            uses: Vec::new(),
            after_review: None,
            found: self.found,
            misses: 0,
            state: State::Pending,
        };
        let mut data = json!({
            "binding": ticket.binding,
            "digests": ticket.binding.digests(),
            "requirement": ticket.requirement,
            "decision": ticket.decision,
            "statement": ticket.statement,
            "approval_expires_at": ticket.approval_expires_at,
        });
        if !ticket.found.is_empty() {
            data["found"] = json!(ticket.found);
        }
        if let Some(reason) = self.action.emergency() {
            data[BREAK_GLASS] = reason.into();
        }
        let opened = super::event(Kind::TicketOpened, control, &caller.principal, ticket.id).with(data);
        (ticket, opened)
    }
}

fn check(opening: &Opening) -> Result<(), Error> {
    let Opening { action, statement, .. } = opening;
    let too_long = |text: &Option<String>, max| text.as_ref().is_some_and(|text| text.len() > max);
    if too_long(&statement.title, TITLE_MAX) {
        return Err(Error::invalid("statement.title", format!("at most {TITLE_MAX} bytes")));
    }
    if too_long(&statement.description, DESCRIPTION_MAX) {
        return Err(Error::invalid("statement.description", format!("at most {DESCRIPTION_MAX} bytes")));
    }
    // What is published is the resource itself, named by its digest: no command runs.
    if action.env == PRODUCTION && action.command.is_none() && action.action != policy::PUBLISH {
        return Err(Error::invalid("action.command", "in production a ticket names the command that will run"));
    }
    if action.command.as_ref().is_some_and(|command| command.argv.is_empty()) {
        return Err(Error::invalid("action.command.argv", "name at least the program"));
    }
    if let Some(budget) = opening.budget {
        standing::check(budget, action)?;
    }
    let resources = Digest::of_canonical(Purpose::Resources, &action.resources);
    if opening.resource_hash.is_some_and(|sent| sent != resources) {
        return Err(Error::DigestMismatch("resource_hash"));
    }
    let command = action.command.as_ref().map(Command::digest);
    if opening.command_hash.is_some() && opening.command_hash != command {
        return Err(Error::DigestMismatch("command_hash"));
    }
    Ok(())
}
