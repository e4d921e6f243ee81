//! Spending an approved ticket: once, or one use of a standing approval.
//!
//! The requester presents the action again. In one transaction: clocks, every bound field, the standing of each
//! approver, policy with the approval as its input, then the ticket is spent and its task begins. Each use of a standing
//! approval is all of this again. A stranger cannot wear a ticket out; its own requester can, after five presentations
//! that do not fit.

use domain::Instant;
use domain::binding::{Action, BREAK_GLASS};
use domain::budget::UseNumber;
use domain::event::{Event, Kind};
use domain::id::{TaskId, TicketId};
use domain::outcome::Outcome;
use domain::task::{Task, TaskState};
use domain::ticket::{ConsumeError, State, Ticket};
use policy::{Approval, Question};
use serde_json::json;
use store::Transaction;

use crate::authenticate::Caller;
use crate::plugins::{self, Heard, Stage};
use crate::standing::Standing;
use crate::tickets::standing::withdrawn;
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
    /// Which use this is, if it is one of a standing approval.
    pub use_number: Option<UseNumber>,
}

/// A ticket spent in a transaction that is not committed yet. Its task has begun.
pub(crate) struct Spent {
    pub(crate) task: Task,
    /// How long it may take, in seconds.
    pub(crate) max_duration_seconds: Option<u32>,
    /// What is to be committed with it.
    pub(crate) events: Vec<Event>,
}

/// A ticket that was not spent; the presentation is to be recorded all the same.
pub(crate) struct Unspent {
    pub(crate) error: Error,
    /// What is to be committed.
    pub(crate) events: Vec<Event>,
}

impl Control {
    /// Spends the ticket for this action. The same request of a caller that does not want it done twice spends nothing
    /// more, and gives the task that it began.
    pub fn consume_ticket(&self, caller: &Caller, id: TicketId, presented: &Action) -> Result<Consumed, Error> {
        caller.require("decisions:request")?;
        for _ in 0..plugins::ROUNDS {
            let question = self.read(|q| self.question(q, caller, presented))?;
            let heard = self.heard_before_spending(caller, id, presented, &question)?;
            if let Some(spent) = self.consume_heard(caller, id, presented, question, heard)? {
                return spent;
            }
        }
        Err(plugins::moved())
    }

    /// What plugins say to the question as it would be asked now, with the approval; nobody, where it would be refused
    /// anyway.
    pub(crate) fn heard_before_spending(
        &self,
        caller: &Caller,
        id: TicketId,
        presented: &Action,
        question: &Question,
    ) -> Result<Heard, Error> {
        if !self.inner.plugins.concern(question) {
            return Ok(Heard::default());
        }
        let asked = self.read(|q| {
            let ticket = super::visible(q, id, |ticket| ticket.binding.subject_id == caller.principal)?.value;
            let standing = Standing::read(self, q)?;
            let stands = |cast: &_| standing.stands(cast, &ticket);
            let task = TaskId::new(self.ids());
            if ticket.clone().consume(&caller.principal, presented, task, standing.now, stands).is_err() {
                return Ok(None);
            }
            let question = Question { approval: Some(approval(&ticket, &standing)?), ..question.clone() };
            let answer = standing.engine.decide(&question)?;
            Ok(Some((question, answer)))
        })?;
        let hear = |(question, answer)| self.inner.plugins.hear(Stage::Consumption, &question, &answer);
        Ok(asked.map_or_else(Heard::default, hear))
    }

    /// Spends it, if what plugins said is about it as it stands now.
    fn consume_heard(
        &self,
        caller: &Caller,
        id: TicketId,
        presented: &Action,
        question: Question,
        heard: Heard,
    ) -> Result<Option<Result<Consumed, Error>>, Error> {
        let (caller, presented) = (caller.clone(), presented.clone());
        self.write(move |control, mut tx| {
            if let Some(begun) = caller.repeats(&mut tx)? {
                return Ok(Some(Ok(crate::tasks::begun(&mut tx, &begun)?)));
            }
            let Some(spent) = control.spend(&mut tx, &caller, id, &presented, &question, &heard)? else {
                return Ok(None);
            };
            let (events, done) = match spent {
                Ok(Spent { task, max_duration_seconds, events }) => {
                    caller.remember(control, &mut tx, &task.id.to_string())?;
                    let Task { id: task, deadline, use_number, .. } = task;
                    (events, Ok(Consumed { task, deadline, max_duration_seconds, use_number }))
                }
                Err(Unspent { error, events }) => match caller.repeats(&mut tx)? {
                    // It was done while this waited for the ticket.
                    Some(begun) => return Ok(Some(Ok(crate::tasks::begun(&mut tx, &begun)?))),
                    None => (events, Err(error)),
                },
            };
            tx.commit_all(events)?;
            Ok(Some(done))
        })
    }

    /// Spends the ticket for this action as a part of a change. Whatever comes of it, its events are to be committed;
    /// nothing, if what plugins said is about something else by now.
    pub(crate) fn spend(
        &self,
        tx: &mut Transaction<'_>,
        caller: &Caller,
        id: TicketId,
        presented: &Action,
        question: &Question,
        heard: &Heard,
    ) -> Result<Option<Result<Spent, Unspent>>, Error> {
        let found = super::visible(tx, id, |ticket| ticket.binding.subject_id == caller.principal)?;
        let standing = Standing::read(self, tx)?;
        let before = found.value;
        let task = TaskId::new(self.ids());
        let stands = |cast: &_| standing.stands(cast, &before);
        let spent = before.clone().consume(&caller.principal, presented, task, standing.now, stands);
        let spent = match spent {
            Ok(spent) => spent,
            Err(refusal) => {
                return refuse(self, tx, caller, &before, found.revision, refusal).map(|unspent| Some(Err(unspent)));
            }
        };

        let mut question = Self::refreshed(tx, question)?;
        if let Some(budget) = before.binding.budget
            && let Some(reasons) = withdrawn(&standing.engine, budget, &question)?
        {
            let refused = super::event(Kind::TicketConsumeRefused, self, &caller.principal, id);
            let why = json!({ "reason": "policy no longer allows so large a standing approval" });
            return Ok(Some(Err(Unspent { error: Error::PolicyChanged(reasons), events: vec![refused.with(why)] })));
        }
        question.approval = Some(approval(&before, &standing)?);
        let asked = self.ask_heard(&standing.engine, &caller.principal, &question, heard)?;
        let Some((decision, decided)) = asked else { return Ok(None) };
        if decision.answer.outcome != Outcome::Allow {
            let refused = super::event(Kind::TicketConsumeRefused, self, &caller.principal, id);
            let why = json!({ "reason": "policy no longer allows it", "decision": decision.id });
            let (error, events) = (Error::PolicyChanged(decision.answer.reasons), vec![decided, refused.with(why)]);
            return Ok(Some(Err(Unspent { error, events })));
        }

        let started = self.now();
        // What was signed, and what the pipeline allows by now.
        let longest = [before.requirement.max_duration_seconds, question.max_duration_seconds()];
        let longest = longest.into_iter().flatten().min();
        let deadline = longest.map(|seconds| started.plus(seconds));
        let record = Task {
            id: task,
            ticket: Some(id),
            use_number: spent.used(),
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
        store::tickets::update(tx, &spent, found.revision)?;
        store::tasks::insert(tx, &record)?;
        let mut spending = json!({ "task": task, "binding_digest": before.binding.digests().binding_digest });
        if let Some(reason) = &question.context.break_glass {
            spending[BREAK_GLASS] = reason.as_str().into();
        }
        if let Some(used) = record.use_number {
            spending["use"] = json!(used);
        }
        let consumed = super::event(Kind::TicketConsumed, self, &caller.principal, id).with(spending);
        let begun = Event::new(started, Kind::TaskStarted)
            .by(&caller.principal)
            .about(task)
            .with(json!({ "ticket": id, "decision": decision.id, "deadline": deadline }));
        Ok(Some(Ok(Spent { task: record, max_duration_seconds: longest, events: vec![decided, consumed, begun] })))
    }
}

/// Counts a presentation that did not fit.
fn refuse(
    control: &Control,
    tx: &mut Transaction<'_>,
    caller: &Caller,
    ticket: &Ticket,
    revision: i64,
    refusal: ConsumeError,
) -> Result<Unspent, Error> {
    let mut events = Vec::new();
    if let ConsumeError::Mismatch { .. } = refusal {
        let missed = ticket.clone().missed(control.now());
        store::tickets::update(tx, &missed, revision)?;
        if let State::Cancelled { reason, .. } = &missed.state {
            let ended = super::event(Kind::TicketCancelled, control, &caller.principal, ticket.id);
            events.push(ended.with(super::with_uses(json!({ "reason": reason }), &missed)));
        }
    }
    let refused = super::event(Kind::TicketConsumeRefused, control, &caller.principal, ticket.id);
    events.insert(0, refused.with(json!({ "reason": refusal.to_string() })));
    Ok(Unspent { error: refusal.into(), events })
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
