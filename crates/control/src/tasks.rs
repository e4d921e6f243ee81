//! Tasks: what ran, under which decision, and how it ended.

use domain::event::{Event, Kind};
use domain::id::{DecisionId, TaskId};
use domain::outcome::Outcome;
use domain::task::{Ending, Task, TaskState};
use policy::{Answer, Question};
use serde_json::json;
use store::Query;

use crate::authenticate::Caller;
use crate::tickets::Consumed;
use crate::{Control, Error, known};

/// How long after an `allow` execution may begin, in seconds.
const ALLOW_TTL: u32 = 60;

impl Control {
    /// Execution begins after a decision that allowed it, once and within a minute.
    pub fn start_task(&self, caller: &Caller, decision: DecisionId) -> Result<Consumed, Error> {
        caller.require("decisions:request")?;
        let (caller, principal) = (caller.clone(), caller.principal.clone());
        self.write(move |control, mut tx| {
            if let Some(begun_before) = caller.repeats(&mut tx)? {
                return begun(&mut tx, &begun_before);
            }
            let wrong = |problem: &str| Error::invalid("decision", problem);
            let entry = store::entries::about(&mut tx, &decision.to_string(), Kind::DecisionMade)?
                .filter(|entry| entry.principal.as_ref() == Some(&principal))
                .ok_or_else(|| Error::not_found(format_args!("decision {decision}")))?;
            let recorded = |name: &str| entry.data.get(name).cloned().unwrap_or_default();
            let answer: Answer =
                serde_json::from_value(recorded("answer")).map_err(|error| wrong(&error.to_string()))?;
            let question: Question =
                serde_json::from_value(recorded("question")).map_err(|error| wrong(&error.to_string()))?;
            let now = control.now();
            if answer.outcome != Outcome::Allow || question.approval.is_some() {
                return Err(wrong("it did not allow this to run; open a ticket"));
            }
            if !now.is_before(entry.at.plus(ALLOW_TTL)) {
                return Err(wrong("it is older than a minute; ask again"));
            }
            // Whichever is shorter: the limit as it was when this was allowed, and as it is now.
            let fresh = known::of(&mut tx, question.resources.iter().map(String::as_str), now)?;
            let fresh = fresh.values().filter_map(|known| known.max_duration_seconds).min();
            let longest = question.max_duration_seconds().into_iter().chain(fresh).min();
            let deadline = longest.map(|seconds| now.plus(seconds));
            let task = Task {
                id: TaskId::new(control.ids()),
                ticket: None,
                use_number: None,
                decision,
                principal: principal.clone(),
                env: question.env,
                action: question.action,
                started_at: now,
                deadline,
                state: TaskState::Running,
                exit_code: None,
                signal: None,
                finished_at: None,
                output_digest: None,
            };
            store::tasks::insert(&mut tx, &task)?;
            caller.remember(control, &mut tx, &task.id.to_string())?;
            let event = Event::new(now, Kind::TaskStarted).by(&principal).about(task.id);
            tx.commit(event.with(json!({ "decision": decision, "deadline": deadline })))?;
            Ok(begun_as(&task))
        })
    }

    /// Execution ended; only who began it can say so.
    pub fn finish_task(&self, caller: &Caller, id: TaskId, ending: Ending) -> Result<(), Error> {
        caller.require("decisions:request")?;
        let principal = caller.principal.clone();
        self.write(move |control, mut tx| {
            let task = store::tasks::get(&mut tx, id)?
                .filter(|task| task.principal == principal)
                .ok_or_else(|| Error::not_found(format_args!("task {id}")))?;
            let now = control.now();
            let task = task.finish(ending, now).map_err(|error| Error::Conflict(error.to_string()))?;
            store::tasks::update(&mut tx, &task)?;
            let data = json!({
                "ticket": task.ticket,
                "state": task.state,
                "exit_code": task.exit_code,
                "signal": task.signal,
                "output_digest": task.output_digest,
            });
            Ok(tx.commit(Event::new(now, Kind::TaskFinished).by(&principal).about(id).with(data))?)
        })
    }

    /// What ran, newest first, and where the next page begins.
    pub fn tasks(
        &self,
        caller: &Caller,
        before: Option<TaskId>,
        limit: u32,
    ) -> Result<(Vec<Task>, Option<TaskId>), Error> {
        caller.require("tasks:read")?;
        let now = self.now();
        self.read(|q| {
            let tasks: Vec<_> = store::tasks::list(q, before, limit)?.into_iter().map(|task| task.at(now)).collect();
            let full = tasks.len() == usize::try_from(limit).unwrap_or(usize::MAX);
            let next = tasks.last().filter(|_| full).map(|task| task.id);
            Ok((tasks, next))
        })
    }
}

/// What a task's runner was told when it began, for one that asks again.
pub(crate) fn begun(q: &mut dyn Query, task: &str) -> Result<Consumed, Error> {
    let task: TaskId = task.parse().map_err(|error| Error::Internal(format!("{error}")))?;
    let begun = store::tasks::get(q, task)?.ok_or_else(|| Error::not_found(format_args!("task {task}")))?;
    Ok(begun_as(&begun))
}

fn begun_as(task: &Task) -> Consumed {
    let max_duration_seconds = task.deadline.map(|deadline| deadline.seconds_since(task.started_at));
    let Task { id: task, deadline, use_number, .. } = *task;
    Consumed { task, deadline, max_duration_seconds, use_number }
}
