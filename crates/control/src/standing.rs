//! Whether a person's review counts: asked when it is cast and again when the ticket is spent.
//!
//! A review stands while its approver is active, has its key on the newest roster, holds the scope, and policy lets
//! them review this ticket.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::Instant;
use domain::account::User;
use domain::id::UserId;
use domain::principal::Principal;
use domain::review::VerifiedReview;
use domain::roster::Roster;
use domain::ticket::{CastReview, Ticket};
use policy::{Engine, PrincipalKind, Reviewer, TicketFacts};
use store::Query;

use crate::{Control, Error};

/// The scope that lets a person review.
pub(crate) const REVIEW: &str = "approvals:review";

/// What is needed to tell whether somebody stands, read in one transaction.
pub(crate) struct Standing {
    pub(crate) engine: Arc<Engine>,
    pub(crate) roster: Option<Roster>,
    pub(crate) people: Vec<User>,
    pub(crate) now: Instant,
    /// Whether a signed text holds by this roster and now: asked more than once of the same review.
    signed: RefCell<BTreeMap<String, bool>>,
}

impl Standing {
    pub(crate) fn read(control: &Control, q: &mut dyn Query) -> Result<Self, Error> {
        let roster = control.verified_roster(q)?.map(|chain| chain.latest().clone());
        let engine = control.live_engine(q)?;
        Ok(Self { engine, roster, people: store::users::list(q)?, now: control.now(), signed: RefCell::default() })
    }

    /// The same people and roster under another set.
    pub(crate) fn under(self, engine: Arc<Engine>) -> Self {
        Self { engine, ..self }
    }

    pub(crate) fn person(&self, id: UserId) -> Option<&User> {
        self.people.iter().find(|user| user.id == id)
    }

    /// Refuses, in words for the person, if they may not review this ticket.
    pub(crate) fn check(&self, user: &User, ticket: &Ticket) -> Result<(), String> {
        if !user.active {
            return Err("your account is disabled".into());
        }
        if !user.scopes.contains(REVIEW) {
            return Err(format!("you do not hold the scope `{REVIEW}`"));
        }
        match &self.roster {
            None => return Err("there is no roster yet: found it with this device's key".into()),
            Some(roster) if !roster.has(user.id) => return Err("your key is not on the roster".into()),
            Some(_) => {}
        }
        let answer = self.engine.may_review(&self.reviewer(user), &facts(ticket)).map_err(|error| error.to_string())?;
        if answer.allowed {
            return Ok(());
        }
        Err(answer
            .reasons
            .first()
            .map_or_else(|| answer.ground.sentence().to_owned(), |reason| reason.sentence.clone()))
    }

    /// Whether a review that was cast still counts.
    pub(crate) fn stands(&self, cast: &CastReview, ticket: &Ticket) -> bool {
        self.is_signed(&cast.jws) && self.person(cast.approver).is_some_and(|user| self.check(user, ticket).is_ok())
    }

    fn is_signed(&self, jws: &str) -> bool {
        let Some(roster) = &self.roster else { return false };
        let mut known = self.signed.borrow_mut();
        if let Some(signed) = known.get(jws) {
            return *signed;
        }
        let signed = VerifiedReview::check(jws, roster, self.now).is_ok();
        known.insert(jws.to_owned(), signed);
        signed
    }

    /// Everyone who could still approve, by name.
    pub(crate) fn candidates<'a>(&'a self, ticket: &'a Ticket) -> impl Iterator<Item = &'a User> {
        self.people.iter().filter(|user| ticket.check_reviewer(user.id).is_ok() && self.check(user, ticket).is_ok())
    }

    /// The groups that a person counts for, from the roster.
    pub(crate) fn groups(&self, user: UserId) -> Vec<String> {
        let keys = self.roster.iter().flat_map(|roster| &roster.keys).filter(|key| key.owner == user);
        keys.flat_map(|key| key.groups.iter().cloned()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn reviewer(&self, user: &User) -> Reviewer {
        Reviewer {
            principal: policy::Principal {
                kind: PrincipalKind::User,
                id: user.id.to_string(),
                name: user.name.clone(),
                teams: user.teams.clone(),
                scopes: user.scopes.iter().map(str::to_owned).collect(),
                workspaces: Vec::new(),
                owner: None,
            },
            now: self.now,
        }
    }
}

fn facts(ticket: &Ticket) -> TicketFacts {
    let action = &ticket.binding.action;
    TicketFacts {
        id: ticket.id.to_string(),
        requester: ticket.binding.subject_id.to_string(),
        on_behalf_of: ticket.never_counts.iter().map(|user| Principal::User(*user).to_string()).collect(),
        action: action.action.clone(),
        resources: action.resources.iter().map(str::to_owned).collect(),
        env: action.env.clone(),
    }
}
