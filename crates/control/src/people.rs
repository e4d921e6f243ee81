//! People.

mod standing;

use domain::account::User;
use domain::event::{Event, Kind};
use domain::id::UserId;
use domain::secret::{Secret, SecretKind};
use serde_json::json;

use crate::accounts::grantable;
use crate::authenticate::Caller;
use crate::password::Password;
use crate::{Control, Error};

/// Someone to be added.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// What they sign in with.
    pub email: String,
    /// How they are called.
    pub name: String,
    /// Their teams.
    pub teams: Vec<String>,
    /// What they may do.
    pub scopes: Vec<String>,
}

impl NewPerson {
    /// The record, its fields checked.
    pub(crate) fn into_user(self, id: UserId, control: &Control) -> Result<User, Error> {
        let email = self.email.trim().to_lowercase();
        let name = self.name.trim().to_owned();
        let plausible = email.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
        if !plausible || email.len() > 254 || email.contains(char::is_whitespace) {
            return Err(Error::invalid("email", "it should look like `ada@example.com`"));
        }
        if name.is_empty() || name.chars().count() > 100 {
            return Err(Error::invalid("name", "1 to 100 characters"));
        }
        let mut teams = self.teams;
        teams.sort();
        teams.dedup();
        let scopes = control.catalogue()?.parse(self.scopes).map_err(|error| Error::invalid("scopes", error))?;
        Ok(User { id, email, name, teams, scopes, active: true, created_at: control.now() })
    }
}

impl Control {
    /// Whether the person has a key on the newest roster.
    pub fn is_on_roster(&self, id: UserId) -> Result<bool, Error> {
        self.read(|q| Ok(self.verified_roster(q)?.is_some_and(|chain| chain.latest().has(id))))
    }

    /// Everyone, and whether they have a key on the roster.
    pub fn people(&self, caller: &Caller) -> Result<Vec<(User, bool)>, Error> {
        caller.require("accounts:read")?;
        self.read(|q| {
            let chain = self.verified_roster(q)?;
            let on_roster = |id| chain.as_ref().is_some_and(|chain| chain.latest().has(id));
            Ok(store::users::list(q)?
                .into_iter()
                .map(|user| (on_roster(user.id), user))
                .map(|(on, user)| (user, on))
                .collect())
        })
    }

    /// Adds a person with a first password, which is in what this returns and nowhere else.
    pub fn create_person(&self, caller: &Caller, person: NewPerson) -> Result<(UserId, Secret), Error> {
        caller.signed_in()?;
        caller.require("accounts:write")?;
        caller.fresh(self.now())?;
        let user = person.into_user(UserId::new(self.ids()), self)?;
        grantable("scopes", &user.scopes, caller)?;
        let first = Secret::generate(SecretKind::FirstPassword, self.entropy());
        let hash = self.inner.passwords.hash(&Password::new(first.reveal().to_owned()), self.entropy())?;
        let caller = caller.clone();
        let id = self.write(move |control, mut tx| {
            caller.refuse_repeat(&mut tx, "disable the account and add the person anew")?;
            if store::users::by_email(&mut tx, &user.email)?.is_some() {
                return Err(Error::Conflict(format!(
                    "there is a user with the e-mail address `{}` already",
                    user.email
                )));
            }
            store::users::insert(&mut tx, &user, Some(&hash))?;
            let data = json!({ "email": user.email, "name": user.name, "teams": user.teams, "scopes": user.scopes });
            let event = Event::new(control.now(), Kind::UserCreated).by(&caller.principal).about(user.id);
            caller.remember(control, &mut tx, &user.id.to_string())?;
            tx.commit(event.with(data))?;
            Ok(user.id)
        })?;
        Ok((id, first))
    }
}
