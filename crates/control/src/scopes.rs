//! The catalogue of scopes: what comes with the product, and what this installation added.

use domain::event::{Event, Kind};
use domain::scope::{CATALOGUE, Catalogue, Scopes};
use serde_json::json;
use store::{Query, Transaction};

use crate::authenticate::{Caller, Proof};
use crate::{Control, Error};

/// Under which name the scopes are kept that the database has seen.
const SEEN: &str = "scopes-seen";
/// What there was before databases kept a list of what they had seen.
const FIRST: &[&str] = &[
    "pipelines:execute",
    "pipelines:stop",
    "deploy.app.update",
    "artifacts:read",
    "artifacts:write",
    "logs:read",
    "decisions:request",
    "approvals:read",
    "approvals:review",
    "tasks:read",
    "audit:read",
    "accounts:read",
    "accounts:write",
    "admin:tokens:read",
    "admin:tokens:write",
    "roster:read",
    "roster:write",
    "policies:read",
    "policies:write",
];

/// Notes that these are the scopes there are, so that a later version knows which ones came with it.
pub(crate) fn note_all(tx: &mut Transaction<'_>) -> Result<(), Error> {
    let text = serde_json::to_string(&Scopes::all()).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(store::settings::set(tx, SEEN, &text)?)
}

impl Control {
    /// What there is now.
    pub fn catalogue(&self) -> Result<Catalogue, Error> {
        self.read(|q| catalogue(q))
    }

    /// Adds a scope. Its name is never taken back and never means anything else.
    pub fn add_scope(&self, caller: &Caller, name: &str, sentence: &str) -> Result<(), Error> {
        caller.require("scopes:write")?;
        let names = Scopes::parse([name]).map_err(|error| Error::invalid("name", error))?;
        if !name.contains([':', '.']) {
            return Err(Error::invalid("name", "own scopes have two parts or more, like `shop:refund`"));
        }
        let sentence = sentence.trim().to_owned();
        if !(3..=200).contains(&sentence.chars().count()) {
            return Err(Error::invalid("description", "say in 3 to 200 characters what it lets its holder do"));
        }
        let (caller, names, name) = (caller.clone(), names.clone(), names.to_string());
        self.write(move |control, mut tx| {
            if caller.repeats(&mut tx)?.is_some() {
                return Ok(());
            }
            if catalogue(&mut tx)?.has(&name) {
                return Err(Error::Conflict(format!("there is a scope `{name}` already")));
            }
            store::scopes::insert(&mut tx, &name, &sentence, control.now())?;
            caller.remember(control, &mut tx, &name)?;
            let event = Event::new(control.now(), Kind::ScopeAdded).by(&caller.principal).about(&name);
            let mut events = vec![event.with(json!({ "description": sentence }))];
            events.extend(control.hold(&mut tx, &caller, &names)?);
            Ok(tx.commit_all(events)?)
        })
    }

    /// Gives a person, in the session that they are in, what they have just made: otherwise nobody could ever give it to
    /// anyone.
    fn hold(&self, tx: &mut Transaction<'_>, caller: &Caller, scopes: &Scopes) -> Result<Option<Event>, Error> {
        let Proof::Session { id, .. } = caller.proof else { return Ok(None) };
        let Some(mut session) = store::sessions::get(tx, id)? else { return Ok(None) };
        let Some(mut user) = store::users::get(tx, session.user)? else { return Ok(None) };
        user.scopes = user.scopes.union(scopes);
        session.scopes = session.scopes.union(scopes);
        store::users::update(tx, &user)?;
        store::sessions::update(tx, &session)?;
        let data = json!({ "scopes": user.scopes, "reason": "holds the scope that they added" });
        let event = Event::new(self.now(), Kind::UserChanged).by(&caller.principal).about(user.id);
        Ok(Some(event.with(data)))
    }

    /// Gives the scopes that came with this version to everyone who held all that there were before it: otherwise nobody
    /// could ever give them to anyone. Called once, when a process starts.
    pub fn extend_scopes(&self) -> Result<(), Error> {
        self.write(|control, mut tx| {
            // Before anybody is there nobody holds anything; founding notes what there was then.
            if store::users::count(&mut tx)? == 0 {
                return Ok(());
            }
            let seen: Scopes = match store::settings::get(&mut tx, SEEN)? {
                Some(text) => serde_json::from_str(&text).map_err(|error| Error::Internal(error.to_string()))?,
                None => Scopes::parse(FIRST).map_err(|error| Error::Internal(error.to_string()))?,
            };
            let now = Scopes::all();
            if now.beyond(&seen).is_none() {
                return Ok(());
            }
            let mut events = Vec::new();
            for mut user in store::users::list(&mut tx)? {
                if seen.beyond(&user.scopes).is_none() && now.beyond(&user.scopes).is_some() {
                    user.scopes = user.scopes.union(&now);
                    store::users::update(&mut tx, &user)?;
                    let data = json!({ "scopes": user.scopes, "reason": "held every scope of the version before" });
                    events.push(Event::new(control.now(), Kind::ScopesExtended).about(user.id).with(data));
                }
            }
            note_all(&mut tx)?;
            if events.is_empty() {
                let names: Vec<_> = CATALOGUE.iter().map(|scope| scope.name).collect();
                events.push(Event::new(control.now(), Kind::ScopesExtended).with(json!({ "catalogue": names })));
            }
            Ok(tx.commit_all(events)?)
        })
    }

    /// Names as they came with a request: in the catalogue, wildcards spelled out where the operator allows them.
    pub(crate) fn wanted_scopes(
        &self,
        tx: &mut Transaction<'_>,
        field: &'static str,
        names: &[String],
    ) -> Result<Scopes, Error> {
        let catalogue = catalogue(tx)?;
        let names = if self.config().tokens.wildcards {
            catalogue.expand(names).map_err(|error| Error::invalid(field, error))?
        } else {
            names.to_vec()
        };
        catalogue.parse(names).map_err(|error| Error::invalid(field, error))
    }
}

pub(crate) fn catalogue(q: &mut dyn Query) -> Result<Catalogue, Error> {
    Ok(Catalogue::with(store::scopes::own(q)?))
}
