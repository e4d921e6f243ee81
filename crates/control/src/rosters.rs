//! The roster: asking to be on it, and bringing a signed version into force. Signatures are checked here as everywhere
//! else; the control plane itself can sign none.

use std::sync::{Arc, Mutex, PoisonError};

use domain::Digest;
use domain::event::{Event, Kind};
use domain::id::{EnrolmentId, UserId};
use domain::key::PublicKey;
use domain::principal::Principal;
use domain::roster::{Chain, EnrolmentProof, Roster, SignedRoster};
use serde_json::json;
use store::enrolments::Enrolment;
use store::{Query, Transaction};

use crate::authenticate::Caller;
use crate::{Control, Error};

/// How old a login may be that changes the roster, in seconds.
const STEP_UP: u32 = 300;

/// The roster that was verified last. Its signatures are checked once: what held for these bytes holds for them.
#[derive(Default)]
pub(crate) struct KnownChain(Mutex<Option<(Digest, Arc<Chain>)>>);

impl KnownChain {
    fn verified(&self, versions: &[SignedRoster]) -> Result<Arc<Chain>, Error> {
        let bytes = serde_json::to_vec(versions).map_err(|error| Error::Internal(error.to_string()))?;
        let digest = Digest::of_content(&bytes);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, chain)) = known.as_ref().filter(|(of, _)| *of == digest) {
            return Ok(Arc::clone(chain));
        }
        let chain = Arc::new(Chain::verify(versions)?);
        *known = Some((digest, Arc::clone(&chain)));
        Ok(chain)
    }
}

impl Control {
    /// The roster, verified; `None` if there is none yet.
    pub(crate) fn verified_roster(&self, q: &mut dyn Query) -> Result<Option<Arc<Chain>>, Error> {
        let versions = store::rosters::chain(q)?;
        if versions.is_empty() { Ok(None) } else { self.inner.chain.verified(&versions).map(Some) }
    }

    /// Every roster version, version 1 first.
    pub fn roster(&self) -> Result<Vec<SignedRoster>, Error> {
        self.read(|q| Ok(store::rosters::chain(q)?))
    }

    /// A device asks for its key to be on the roster.
    pub fn enrol(&self, caller: &Caller, device: &str, key: PublicKey, proof: &str) -> Result<EnrolmentId, Error> {
        let user = caller.signed_in()?;
        let device = device.trim().to_owned();
        if device.is_empty() || device.chars().count() > 60 {
            return Err(Error::invalid("device", "name the device with 1 to 60 characters"));
        }
        EnrolmentProof { user, key: key.id(), device: device.clone() }
            .check(proof, &key)
            .map_err(|error| Error::invalid("proof", error))?;
        let caller = caller.clone();
        self.write(move |control, mut tx| {
            let waiting = store::enrolments::list(&mut tx, true)?;
            if let Some(known) = waiting.iter().find(|known| known.key == key && known.user == user) {
                return Ok(known.id);
            }
            let enrolment = Enrolment {
                id: EnrolmentId::new(control.ids()),
                user,
                name: caller.name.clone(),
                device: device.clone(),
                key: key.clone(),
                groups: caller.teams.clone(),
                requested_at: control.now(),
                settled_at: None,
                roster_version: None,
            };
            store::enrolments::insert(&mut tx, &enrolment)?;
            let event = Event::new(enrolment.requested_at, Kind::EnrolmentRequested);
            let data = json!({ "device": enrolment.device, "key": enrolment.key, "key_id": enrolment.key.id() });
            tx.commit(event.by(&caller.principal).about(enrolment.id).with(data))?;
            Ok(enrolment.id)
        })
    }

    /// Who asks to be on the roster.
    pub fn enrolments(&self, caller: &Caller) -> Result<Vec<Enrolment>, Error> {
        caller.require("roster:read")?;
        self.read(|q| Ok(store::enrolments::list(q, true)?))
    }

    /// Brings a signed version into force.
    pub fn publish_roster(&self, caller: &Caller, signed: &SignedRoster) -> Result<u32, Error> {
        caller.person()?;
        caller.require("roster:write")?;
        caller.stepped_up(STEP_UP, self.now())?;
        let (principal, signed) = (caller.principal.clone(), signed.clone());
        self.write(move |control, mut tx| {
            let mut versions = store::rosters::chain(&mut tx)?;
            versions.push(signed.clone());
            let chain = Chain::verify(&versions)?;
            let roster = chain.latest().clone();
            check_owners(&mut tx, &roster)?;
            store::rosters::append(&mut tx, roster.version, &signed)?;
            settle(control, &mut tx, &roster)?;
            let data = json!({ "version": roster.version, "digest": roster.digest(), "roster": signed });
            let event = Event::new(control.now(), Kind::RosterChanged).by(&principal);
            tx.commit(event.about(format_args!("roster/{}", roster.version)).with(data))?;
            Ok(roster.version)
        })
    }
}

fn check_owners(tx: &mut Transaction<'_>, roster: &Roster) -> Result<(), Error> {
    for key in &roster.keys {
        if !owner_is_active(tx, key.owner)? {
            return Err(Error::invalid("payload", format!("{} is no active user", Principal::User(key.owner))));
        }
    }
    Ok(())
}

fn owner_is_active(tx: &mut Transaction<'_>, owner: UserId) -> Result<bool, Error> {
    Ok(store::users::get(tx, owner)?.is_some_and(|user| user.active))
}

/// Marks every wish that the version fulfils.
fn settle(control: &Control, tx: &mut Transaction<'_>, roster: &Roster) -> Result<(), Error> {
    for mut enrolment in store::enrolments::list(tx, true)? {
        if roster.key(&enrolment.key.id()).is_some() {
            enrolment.settled_at = Some(control.now());
            enrolment.roster_version = Some(roster.version);
            store::enrolments::update(tx, &enrolment)?;
        }
    }
    Ok(())
}
