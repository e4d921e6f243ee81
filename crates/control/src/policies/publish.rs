//! Bringing a draft into force, which is an action under the policies in force like any other.
//!
//! What takes long (compiling, tests, proofs) is done before the transaction; in it the draft, what it was held against and
//! the answer of the policies in force are looked at again, the ticket is spent, and the version is appended with its entry.
//! The invariant: what comes into force is what was approved, and somebody can bring another one into force after it.

mod checks;
mod difference;
mod proofs;
mod refusal;

use domain::binding::{Action, Nonce};
use domain::digest::Digest;
use domain::event::{Event, Kind};
use domain::id::{DraftId, TicketId};
use domain::outcome::{Outcome, Reason, Requirement};
use domain::policy::{Draft, PublishCommand};
use domain::task::Ending;
use domain::ticket::{State, Statement, Ticket};
use policy::{Engine, PUBLISH, Question, QuestionError};
use serde_json::json;
use store::Transaction;
use store::policies::PolicyVersion;
use store::tickets::TicketFilter;

use crate::authenticate::Caller;
use crate::decide::Decision;
use crate::plugins::{self, Heard, Stage};
use crate::tickets::{Spent, Unspent, Wish};
use crate::{Control, Error};

use checks::Candidate;
pub use refusal::PublishError;

/// The environment in which it is asked.
const ENV: &str = "prod";

/// What is to be published.
#[derive(Clone, Copy, Debug)]
pub struct Publishing {
    /// The digest that the caller has looked at.
    pub digest: Digest,
    /// The approved ticket, once there is one.
    pub ticket: Option<TicketId>,
    /// That invariants which no solver could prove are taken on trust.
    pub accept_unproved: bool,
}

/// What became of it.
#[derive(Clone, Debug)]
pub enum Publication {
    /// It is in force.
    Published {
        /// As this version.
        version: u32,
        /// Whose digest is this.
        digest: Digest,
    },
    /// It waits for an approval.
    ApprovalRequired {
        /// The ticket that was opened, now or before.
        ticket: TicketId,
        /// What it takes.
        requirement: Requirement,
        /// Why.
        reasons: Vec<Reason>,
    },
}

impl Control {
    /// Publishes a draft if policy allows it; opens a ticket for it if an approval is needed.
    pub fn publish_draft(&self, caller: &Caller, id: DraftId, wanted: Publishing) -> Result<Publication, Error> {
        caller.require(super::drafts::WRITE)?;
        caller.is_somebody()?;
        caller.fresh(self.now())?;
        if let Some(known) = self.read(|q| caller.repeats(q))? {
            let version = known.parse().map_err(|error| Error::Internal(format!("{error}")))?;
            return Ok(Publication::Published { version, digest: wanted.digest });
        }
        let approved = self.approved_on_trust(caller, wanted.ticket)?;
        let accept_unproved = wanted.accept_unproved || approved;
        let candidate = self.candidate(id, &Publishing { accept_unproved, ..wanted })?;
        // Whoever approved what was proved has taken nothing on trust: that takes another ticket.
        let ticket = wanted.ticket.filter(|_| approved || !candidate.is_on_trust());
        let action = candidate.action(candidate.is_on_trust() || (approved && ticket.is_some()))?;
        let question = self.read(|q| self.question(q, caller, &action))?;
        let question = candidate.known_to(question);
        let heard = match ticket {
            Some(ticket) => self.heard_before_spending(caller, ticket, &action, &question),
            None => self.heard(Stage::Ticket, &question),
        };
        // A set of before there was this action cannot be asked about it, and nobody is heard.
        let heard = heard.or_else(|error| match error {
            Error::Question(_) => Ok(Heard::default()),
            error => Err(error),
        })?;
        let nonce = Nonce::generate(self.entropy());
        let caller = caller.clone();
        self.write(move |control, mut tx| {
            let draft = candidate.unchanged(&mut tx)?;
            let live = control.live_engine(&mut tx)?;
            let (caller, candidate) = (&caller, &candidate);
            let attempt =
                Attempt { control, caller, candidate, draft, action: &action, question: &question, heard: &heard };
            if !governs(&live, &question) {
                return attempt.put_in_force(tx, Vec::new(), None).map(Ok);
            }
            match ticket {
                Some(ticket) => attempt.with(tx, ticket),
                None => attempt.without_a_ticket(tx, &live, nonce.clone()),
            }
        })?
    }

    /// Whether a ticket of the caller's lets invariants be taken on trust.
    fn approved_on_trust(&self, caller: &Caller, ticket: Option<TicketId>) -> Result<bool, Error> {
        let Some(id) = ticket else { return Ok(false) };
        let known = self.read(|q| Ok::<_, Error>(store::tickets::get(q, id)?))?.map(|known| known.value);
        let known = known.filter(|ticket| ticket.binding.subject_id == caller.principal);
        Ok(known.and_then(|ticket| PublishCommand::of(&ticket.binding.action)).is_some_and(|command| command.on_trust))
    }
}

/// Whether a set says who may publish. One of before it could leaves that to the scope.
pub(super) fn governs(engine: &Engine, question: &Question) -> bool {
    !matches!(engine.decide(question), Err(QuestionError::Unknown { field, .. }) if field == "action")
}

/// One try to publish, inside its transaction.
struct Attempt<'a> {
    control: &'a Control,
    caller: &'a Caller,
    candidate: &'a Candidate,
    /// As this transaction has read it.
    draft: Draft,
    action: &'a Action,
    question: &'a Question,
    /// What plugins said to it before.
    heard: &'a Heard,
}

impl Attempt<'_> {
    fn without_a_ticket(
        &self,
        mut tx: Transaction<'_>,
        live: &Engine,
        nonce: Nonce,
    ) -> Result<Result<Publication, Error>, Error> {
        let asked = self.control.ask_heard(live, &self.caller.principal, self.question, self.heard)?;
        let Some((decision, decided)) = asked else { return Err(plugins::moved()) };
        match decision.answer.outcome {
            Outcome::Allow => self.put_in_force(tx, vec![decided], None).map(Ok),
            Outcome::Deny => {
                tx.commit(decided)?;
                Ok(Err(Error::PolicyDenied(decision.answer.reasons)))
            }
            Outcome::RequireApproval => {
                let requirement = decision.answer.requirement.clone();
                let requirement =
                    requirement.ok_or_else(|| Error::Internal("an approval without a requirement".into()))?;
                let mut events = vec![decided];
                let ticket = match self.asked_before(&mut tx, &requirement)? {
                    Some(ticket) => ticket,
                    None => self.ask_for_approval(&mut tx, &decision, &requirement, nonce, &mut events)?,
                };
                tx.commit_all(events)?;
                Ok(Ok(Publication::ApprovalRequired { ticket, requirement, reasons: decision.answer.reasons }))
            }
        }
    }

    /// The caller's open ticket for exactly this, if there is one that takes what is required now.
    fn asked_before(&self, tx: &mut Transaction<'_>, requirement: &Requirement) -> Result<Option<TicketId>, Error> {
        let Some(id) = self.draft.ticket(Some(&self.caller.principal)) else { return Ok(None) };
        let known = store::tickets::get(tx, id)?.map(|known| known.value.at(self.control.now()));
        let fits = |ticket: &Ticket| {
            let asks_this = ticket.binding.action == *self.action && ticket.requirement == *requirement;
            asks_this && ticket.state.is_open()
        };
        Ok(known.filter(fits).map(|ticket| ticket.id))
    }

    fn ask_for_approval(
        &self,
        tx: &mut Transaction<'_>,
        decision: &Decision,
        requirement: &Requirement,
        nonce: Nonce,
        events: &mut Vec<Event>,
    ) -> Result<TicketId, Error> {
        let draft = &self.draft;
        let statement = Statement { title: Some(draft.title.clone()), description: None };
        let found = self.candidate.found();
        let wish = Wish { action: self.action, statement: &statement, found, nonce, budget: None };
        let (ticket, opened) = wish.draw_up(self.control, self.caller, decision, requirement.clone());
        store::tickets::insert(tx, &ticket)?;
        let asked = draft.clone().ask(ticket.id, self.caller.principal.clone())?;
        store::policy_drafts::update(tx, &asked)?;
        events.push(opened);
        Ok(ticket.id)
    }

    /// Spends the ticket: publishing is the task that it was for.
    fn with(&self, mut tx: Transaction<'_>, ticket: TicketId) -> Result<Result<Publication, Error>, Error> {
        let spent = self.control.spend(&mut tx, self.caller, ticket, self.action, self.question, self.heard)?;
        match spent.ok_or_else(plugins::moved)? {
            Err(Unspent { error, events }) => {
                tx.commit_all(events)?;
                Ok(Err(error))
            }
            Ok(Spent { task, mut events, .. }) => {
                let now = self.control.now();
                let ending = Ending { exit_code: Some(0), signal: None, output_digest: None };
                let ended = task.finish(ending, now).map_err(|error| Error::Internal(error.to_string()))?;
                store::tasks::update(&mut tx, &ended)?;
                let finished = Event::new(now, Kind::TaskFinished).by(&self.caller.principal).about(ended.id);
                let data = json!({ "ticket": ticket, "state": ended.state, "exit_code": ended.exit_code });
                events.push(finished.with(data));
                self.put_in_force(tx, events, Some(ticket)).map(Ok)
            }
        }
    }

    fn put_in_force(
        &self,
        mut tx: Transaction<'_>,
        mut events: Vec<Event>,
        ticket: Option<TicketId>,
    ) -> Result<Publication, Error> {
        let (draft, content) = (&self.draft, &self.candidate.content);
        let (now, by) = (self.control.now(), &self.caller.principal);
        let number = draft.base_version + 1;
        let version = PolicyVersion {
            version: number,
            schema: content.schema.clone(),
            policies: content.policies.clone(),
            invariants: content.invariants.clone(),
            digest: draft.digest,
            cases: content.cases.clone(),
            published_at: now,
            published_by: Some(by.clone()),
            sample: false,
            title: draft.title.clone(),
            ticket,
            restores: draft.restores,
        };
        store::policies::append(&mut tx, &version)?;
        let published: Draft = draft.clone().publish(by.clone(), number, ticket, now)?;
        store::policy_drafts::update(&mut tx, &published)?;
        self.caller.remember(self.control, &mut tx, &number.to_string())?;
        let governed = !events.is_empty();
        let mut data = json!({
            "version": number,
            "digest": draft.digest,
            "title": draft.title,
            "draft": draft.id,
            "ticket": ticket,
            "restores": draft.restores,
            "sample": false,
            "tests": content.cases.len(),
        });
        data["invariants"] = self.candidate.proofs.clone();
        data["tests_dropped"] = self.candidate.dropped.into();
        data["difference"] = self.candidate.difference.told().clone();
        if !governed {
            data["ungoverned"] = format!("the set in force has no action `{PUBLISH}`, so the scope was enough").into();
        }
        let event = Event::new(now, Kind::PolicyPublished).by(by).about(format_args!("policies/{number}"));
        events.push(event.with(data));
        events.extend(self.call_off_the_others(&mut tx, number)?);
        tx.commit_all(events)?;
        Ok(Publication::Published { version: number, digest: draft.digest })
    }

    /// Whatever else waits to come into force was held against the version before, and binds its number.
    fn call_off_the_others(&self, tx: &mut Transaction<'_>, number: u32) -> Result<Vec<Event>, Error> {
        let filter = TicketFilter {
            states: State::OPEN.to_vec(),
            text: Some(PUBLISH.to_owned()),
            limit: u32::MAX,
            ..TicketFilter::default()
        };
        let waiting = store::tickets::list(tx, &filter)?;
        let waiting = waiting.into_iter().filter(|ticket| ticket.binding.action.action == PUBLISH);
        let reason = format!("policy version {number} came into force: what is to follow it has to be held against it");
        let ended = waiting.map(|ticket| self.control.call_off(tx, ticket.id, &self.caller.principal, &reason));
        Ok(ended.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }
}
