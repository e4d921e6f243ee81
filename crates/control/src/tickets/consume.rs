//! Spending an approved ticket, once.
//!
//! The requester presents the action again. In one transaction: clocks, every bound field, the standing of each
//! approver, policy with the approval as its input, then the ticket is spent and its task begins. A stranger cannot
//! wear a ticket out; its own requester can, after five presentations that do not fit.

use domain::Instant;
use domain::binding::Action;
use domain::event::Kind;
use domain::id::{TaskId, TicketId};
use domain::outcome::Outcome;
use domain::task::{Task, TaskState};
use domain::ticket::{ConsumeError, State, Ticket};
use policy::Approval;
use serde_json::json;
use store::Transaction;

use crate::authenticate::Caller;
use crate::decide::BREAK_GLASS;
use crate::standing::Standing;
use crate::{Control, Error};

/// A spent ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consumed {
    /// The task that records what runs now.
    pub task: TaskId,
    /// Until when it should have ended.
    pub deadline: Option<Instant>,
    /// The same from its start, in seconds.
    pub max_duration_seconds: Option<u32>,
}

impl Control {
    /// Spends the ticket for this action.
    pub fn consume_ticket(&self, caller: &Caller, id: TicketId, presented: &Action) -> Result<Consumed, Error> {
        caller.require("decisions:request")?;
        let (caller, presented) = (caller.clone(), presented.clone());
        self.write(move |control, mut tx| {
            let found = super::visible(&mut tx, id, |ticket| ticket.binding.subject_id == caller.principal)?;
            let standing = Standing::read(control, &mut tx)?;
            let before = found.value;
            let task = TaskId::new(control.ids());
            let stands = |cast: &_| standing.stands(cast, &before);
            let spent = before.clone().consume(&caller.principal, &presented, task, standing.now, stands);
            let spent = match spent {
                Ok(spent) => spent,
                Err(refusal) => return refuse(control, tx, &caller, &before, found.revision, refusal),
            };

            let mut question = control.question(&mut tx, &caller, &presented)?;
            question.approval = Some(approval(&before, &standing)?);
            let (decision, decided) = control.ask(&standing.engine, &caller.principal, &question)?;
            if decision.answer.outcome != Outcome::Allow {
                let refused = super::event(Kind::TicketConsumeRefused, control, &caller.principal, id);
                let why = json!({ "reason": "policy no longer allows it", "decision": decision.id });
                tx.commit_all(vec![decided, refused.with(why)])?;
                return Ok(Err(Error::PolicyChanged(decision.answer.reasons)));
            }

            let started = control.now();
            // What was signed, and what the pipeline allows by now.
            let longest = [before.requirement.max_duration_seconds, question.max_duration_seconds()];
            let longest = longest.into_iter().flatten().min();
            let deadline = longest.map(|seconds| started.plus(seconds));
            let record = Task {
                id: task,
                ticket: Some(id),
                decision: decision.id,
                principal: caller.principal.clone(),
                env: presented.env.clone(),
                action: presented.action.clone(),
                started_at: started,
                deadline,
                state: TaskState::Running,
                exit_code: None,
                signal: None,
                finished_at: None,
                output_digest: None,
            };
            store::tickets::update(&mut tx, &spent, found.revision)?;
            store::tasks::insert(&mut tx, &record)?;
            let mut spending = json!({ "task": task, "binding_digest": before.binding.digests().binding_digest });
            if let Some(reason) = &question.context.break_glass {
                spending[BREAK_GLASS] = reason.as_str().into();
            }
            let consumed = super::event(Kind::TicketConsumed, control, &caller.principal, id).with(spending);
            let begun = domain::event::Event::new(started, Kind::TaskStarted)
                .by(&caller.principal)
                .about(task)
                .with(json!({ "ticket": id, "decision": decision.id, "deadline": deadline }));
            tx.commit_all(vec![decided, consumed, begun])?;
            Ok(Ok(Consumed { task, deadline, max_duration_seconds: longest }))
        })?
    }
}

/// Records the refusal, and counts a presentation that did not fit.
fn refuse(
    control: &Control,
    mut tx: Transaction<'_>,
    caller: &Caller,
    ticket: &Ticket,
    revision: i64,
    refusal: ConsumeError,
) -> Result<Result<Consumed, Error>, Error> {
    let mut events = Vec::new();
    if let ConsumeError::Mismatch { .. } = refusal {
        let missed = ticket.clone().missed(control.now());
        store::tickets::update(&mut tx, &missed, revision)?;
        if let State::Cancelled { reason, .. } = &missed.state {
            let ended = super::event(Kind::TicketCancelled, control, &caller.principal, ticket.id);
            events.push(ended.with(json!({ "reason": reason })));
        }
    }
    let refused = super::event(Kind::TicketConsumeRefused, control, &caller.principal, ticket.id);
    events.insert(0, refused.with(json!({ "reason": refusal.to_string() })));
    tx.commit_all(events)?;
    Ok(Err(refusal.into()))
}

/// The approval as policy sees it: only reviews that stand count.
fn approval(ticket: &Ticket, standing: &Standing) -> Result<Approval, Error> {
    let State::Approved { at, execution_expires_at } = ticket.state else {
        return Err(Error::Internal("a ticket was spent that is not approved".into()));
    };
    let standing_reviews: Vec<_> = ticket.reviews.iter().filter(|cast| standing.stands(cast, ticket)).collect();
    let mut groups: Vec<_> = standing_reviews.iter().flat_map(|cast| cast.groups.iter().cloned()).collect();
    groups.sort();
    groups.dedup();
    Ok(Approval {
        approvers: ticket.progress(|cast| standing.stands(cast, ticket)).approved,
        groups,
        granted_at: at,
        expires_at: execution_expires_at,
        ticket: Some(ticket.id.to_string()),
    })
}
