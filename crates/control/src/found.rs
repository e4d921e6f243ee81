//! The first administrator, and the policy set that comes with the product.
//!
//! Possible once: while nobody is there. Afterwards people are added by people.

use domain::event::{Event, Kind};
use domain::id::UserId;
use domain::principal::Principal;
use domain::scope::Scopes;
use policy::PolicySource;
use serde_json::json;
use store::Transaction;
use store::policies::PolicyVersion;

use crate::password::Password;
use crate::people::NewPerson;
use crate::{Control, Error};

/// Who founds a control plane.
#[derive(Clone, Debug)]
pub struct Founder {
    /// How they are called.
    pub name: String,
    /// What they will sign in with.
    pub email: String,
}

impl Control {
    /// Whether somebody has founded it.
    pub fn is_founded(&self) -> Result<bool, Error> {
        self.read(|q| Ok(store::users::count(q)? > 0))
    }

    /// Makes the founding administrator and brings the shipped policy set into force. `samples` adds sample accounts
    /// in the same transaction.
    pub fn found(&self, founder: &Founder, password: &Password, samples: bool) -> Result<UserId, Error> {
        password.check_choice()?;
        let person = NewPerson {
            email: founder.email.clone(),
            name: founder.name.clone(),
            teams: vec!["security".into()],
            scopes: Scopes::all().iter().map(str::to_owned).collect(),
        };
        let user = person.into_user(UserId::new(self.ids()), self)?;
        let hash = self.inner.passwords.hash(password, self.entropy())?;
        self.write(move |control, mut tx| {
            if store::users::count(&mut tx)? > 0 {
                return Err(Error::Conflict("this control plane is founded already; sign in".into()));
            }
            store::users::insert(&mut tx, &user, Some(&hash))?;
            crate::scopes::note_all(&mut tx)?;
            let principal = Principal::User(user.id);
            let mut events = vec![
                Event::new(control.now(), Kind::SystemFounded)
                    .by(&principal)
                    .about(user.id)
                    .with(json!({ "email": user.email, "name": user.name })),
                publish_shipped(control, &mut tx, &principal, samples)?,
            ];
            if samples {
                events.extend(crate::samples::install(control, &mut tx)?);
            }
            tx.commit_all(events)?;
            Ok(user.id)
        })
    }
}

fn publish_shipped(control: &Control, tx: &mut Transaction<'_>, by: &Principal, sample: bool) -> Result<Event, Error> {
    let source = PolicySource::shipped();
    let version = PolicyVersion {
        version: 1,
        digest: source.digest(),
        schema: source.schema,
        policies: source.policies,
        invariants: source.invariants,
        cases: Vec::new(),
        published_at: control.now(),
        published_by: Some(by.clone()),
        sample,
        title: String::new(),
        ticket: None,
        restores: None,
    };
    store::policies::append(tx, &version)?;
    let data = json!({ "version": 1, "digest": version.digest, "sample": sample });
    Ok(Event::new(control.now(), Kind::PolicyPublished).by(by).about("policies/1").with(data))
}
