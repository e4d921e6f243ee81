//! What becomes of a person: disabled, enabled, with another password.
//!
//! Whoever is disabled has no session from that moment on, and none of the old ones comes back. There is always somebody
//! left who can change accounts.

use domain::Instant;
use domain::account::User;
use domain::event::{Event, Kind};
use domain::id::{SessionId, UserId};
use domain::principal::Principal;
use serde_json::json;
use store::Transaction;

use crate::accounts::{because, grantable};
use crate::authenticate::{Caller, Proof};
use crate::password::Password;
use crate::{Control, Error};

const WRITE: &str = "accounts:write";
/// How old a login may be that changes a password, in seconds.
const STEP_UP: u32 = 300;

impl Control {
    /// Takes a person's say and sessions away, or gives them their say back.
    pub fn set_person_active(
        &self,
        caller: &Caller,
        id: UserId,
        active: bool,
        reason: Option<&str>,
    ) -> Result<User, Error> {
        caller.require(WRITE)?;
        if active {
            caller.signed_in()?;
        } else if caller.principal.user() == Some(id) {
            return Err(Error::Conflict("nobody disables themselves; ask another administrator".into()));
        }
        let (caller, reason) = (caller.clone(), because(reason)?);
        self.write(move |control, mut tx| {
            let found = store::users::get(&mut tx, id)?;
            let user = found.ok_or_else(|| Error::not_found(format_args!("user `{id}`")))?;
            if user.active == active {
                return Ok(user);
            }
            let now = control.now();
            let user = User { active, ..user };
            let mut events = Vec::new();
            if active {
                grantable("user", &user.scopes, &caller)?;
            } else {
                keep_an_administrator(&mut tx, id)?;
                events = end_sessions(&mut tx, id, None, "the account was disabled", now)?;
            }
            store::users::update(&mut tx, &user)?;
            let event = Event::new(now, Kind::UserChanged).by(&caller.principal).about(id);
            events.insert(0, event.with(json!({ "active": active, "reason": reason })));
            tx.commit_all(events)?;
            Ok(user)
        })
    }

    /// Gives the caller another password and ends all their other sessions.
    pub fn change_password(&self, caller: &Caller, current: &Password, new: &Password) -> Result<(), Error> {
        let id = caller.signed_in()?;
        caller.stepped_up(STEP_UP, self.now())?;
        new.check_choice().map_err(|error| match error {
            Error::Invalid { problem, .. } => Error::Invalid { field: "new", problem },
            error => error,
        })?;
        let email = caller.email.as_deref().unwrap_or_default();
        if self.check_password(email, current, caller.address)?.is_none() {
            return Err(Error::invalid("current", "this is not your password"));
        }
        let hash = self.inner.passwords.hash(new, self.entropy())?;
        let own = match caller.proof {
            Proof::Session { id, .. } => Some(id),
            Proof::Credential(_) | Proof::Federated(_) | Proof::Bootstrap | Proof::Nothing => None,
        };
        let principal = caller.principal.clone();
        self.write(move |control, mut tx| {
            let now = control.now();
            let found = store::users::get(&mut tx, id)?;
            found.filter(|user| user.active).ok_or_else(|| Error::not_found(format_args!("user `{id}`")))?;
            store::users::set_password(&mut tx, id, Some(&hash))?;
            let mut events = end_sessions(&mut tx, id, own, "the password was changed", now)?;
            events.insert(0, Event::new(now, Kind::PasswordChanged).by(&principal).about(id));
            Ok(tx.commit_all(events)?)
        })
    }
}

/// Ends a person's living sessions but one, and what could still become one.
fn end_sessions(
    tx: &mut Transaction<'_>,
    user: UserId,
    but: Option<SessionId>,
    why: &str,
    now: Instant,
) -> Result<Vec<Event>, Error> {
    store::codes::void(tx, user)?;
    let living = |session: &store::sessions::Session| session.ended_at.is_none() && now.is_before(session.expires_at);
    let sessions = store::sessions::list(tx, user)?;
    let mut events = Vec::new();
    for mut session in sessions.into_iter().filter(|session| living(session) && Some(session.id) != but) {
        session.ended_at = Some(now);
        store::sessions::update(tx, &session)?;
        let event = Event::new(now, Kind::SessionEnded).by(&Principal::User(user)).about(session.id);
        events.push(event.with(json!({ "reason": why })));
    }
    Ok(events)
}

/// Refuses unless somebody else can change accounts. That person's row is written again: of two who disable each other at
/// once, one comes too late.
fn keep_an_administrator(tx: &mut Transaction<'_>, leaving: UserId) -> Result<(), Error> {
    let people = store::users::list(tx)?;
    let other = people.iter().find(|user| user.id != leaving && user.active && user.scopes.contains(WRITE));
    match other {
        Some(other) => Ok(store::users::update(tx, other)?),
        None if people.iter().any(|user| user.id == leaving && user.scopes.contains(WRITE)) => {
            Err(Error::Conflict("they are the last who can change accounts; make another administrator first".into()))
        }
        None => Ok(()),
    }
}
