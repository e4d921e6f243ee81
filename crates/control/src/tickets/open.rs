//! Opening a ticket: ask policy, compute every digest here, draw the nonce.

use domain::Digest;
use domain::binding::{Action, Binding, Command, Nonce};
use domain::digest::Purpose;
use domain::event::Kind;
use domain::id::TicketId;
use domain::outcome::Outcome;
use domain::ticket::{State, Statement, Ticket};
use serde_json::json;

use crate::authenticate::Caller;
use crate::decide::BREAK_GLASS;
use crate::once::Once;
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
    /// If given, must be the hash of the resources.
    pub resource_hash: Option<Digest>,
    /// If given, must be the hash of the command.
    pub command_hash: Option<Digest>,
    /// The same key with the same request gives the same ticket.
    pub idempotency_key: Option<String>,
}

impl Control {
    /// Opens a ticket, or finds the one that this idempotency key opened.
    pub fn open_ticket(&self, caller: &Caller, opening: Opening) -> Result<TicketId, Error> {
        caller.require("decisions:request")?;
        caller.is_somebody()?;
        check(&opening)?;
        let request = json!([opening.action, opening.statement]);
        let once = opening.idempotency_key.as_ref().map(|key| Once::new(key, "ticket", &request)).transpose()?;
        let nonce = Nonce::generate(self.entropy());
        let caller = caller.clone().once(once);
        self.write(move |control, mut tx| {
            if let Some(known) = caller.repeats(&mut tx)? {
                return Ok(Ok(known.parse().map_err(|error| Error::Internal(format!("{error}")))?));
            }
            let engine = control.live_engine(&mut tx)?;
            let question = control.question(&mut tx, &caller, &opening.action)?;
            let (decision, decided) = control.ask(&engine, &caller.principal, &question)?;
            let requirement = match decision.answer.outcome {
                Outcome::RequireApproval => decision.answer.requirement.clone(),
                Outcome::Allow => {
                    tx.commit(decided)?;
                    return Ok(Err(Error::ApprovalNotNeeded));
                }
                Outcome::Deny => {
                    tx.commit(decided)?;
                    return Ok(Err(Error::PolicyDenied(decision.answer.reasons)));
                }
            };
            let requirement = requirement.ok_or_else(|| Error::Internal("an approval without a requirement".into()))?;
            let now = control.now();
            let ticket = Ticket {
                id: TicketId::new(control.ids()),
                binding: Binding {
                    subject_id: caller.principal.clone(),
                    action: opening.action.clone(),
                    nonce: nonce.clone(),
                },
                requester_name: caller.name.clone(),
                never_counts: caller.never_counts.clone(),
                approval_expires_at: now.plus(requirement.approval_ttl_seconds),
                requirement,
                reasons: decision.answer.reasons.clone(),
                policy_set: decision.answer.policy_set,
                decision: decision.id,
                statement: opening.statement.clone(),
                opened_at: now,
                reviews: Vec::new(),
                misses: 0,
                state: State::Pending,
            };
            store::tickets::insert(&mut tx, &ticket)?;
            caller.remember(control, &mut tx, &ticket.id.to_string())?;
            let opened = super::event(Kind::TicketOpened, control, &caller.principal, ticket.id);
            let mut data = json!({
                "binding": ticket.binding,
                "digests": ticket.binding.digests(),
                "requirement": ticket.requirement,
                "decision": ticket.decision,
                "statement": ticket.statement,
                "approval_expires_at": ticket.approval_expires_at,
            });
            if let Some(reason) = &question.context.break_glass {
                data[BREAK_GLASS] = reason.as_str().into();
            }
            tx.commit_all(vec![decided, opened.with(data)])?;
            Ok(Ok(ticket.id))
        })?
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
