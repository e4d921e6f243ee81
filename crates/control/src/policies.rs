//! The policy set in force, compiled once per version, and every version there was.

pub mod ask;
pub mod drafts;
mod lockout;
pub mod publish;
pub mod subject;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::Digest;
use policy::Engine;
pub use policy::{Effect, PolicyInfo, PolicySource};
use store::Query;
pub use store::policies::{PolicyVersion, VersionFacts};

use crate::authenticate::Caller;
use crate::{Control, Error};

/// Compiled policy sets by digest.
#[derive(Default)]
pub(crate) struct Engines(Mutex<BTreeMap<Digest, Arc<Engine>>>);

/// How many compiled sets are kept.
const KEPT: usize = 8;

impl Engines {
    fn known(&self, digest: &Digest) -> Option<Arc<Engine>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(digest).map(Arc::clone)
    }

    fn get(&self, version: &PolicyVersion) -> Result<Arc<Engine>, Error> {
        let mut engines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = engines.get(&version.digest) {
            return Ok(Arc::clone(engine));
        }
        let engine = Engine::compile(subject::texts(version)).map_err(|error| {
            Error::Internal(format!("policy version {} does not compile: {error}", version.version))
        })?;
        if engine.digest() != version.digest {
            return Err(Error::Internal(format!("policy version {} is not what was published", version.version)));
        }
        if engines.len() >= KEPT {
            engines.clear();
        }
        let engine = Arc::new(engine);
        engines.insert(version.digest, Arc::clone(&engine));
        Ok(engine)
    }
}

impl Control {
    /// The engine of the set in force, as this transaction sees it.
    pub(crate) fn live_engine(&self, q: &mut dyn Query) -> Result<Arc<Engine>, Error> {
        let digest = store::policies::live_digest(q)?;
        if let Some(known) = digest.and_then(|digest| self.inner.engines.known(&digest)) {
            return Ok(known);
        }
        let live = store::policies::live(q)?.ok_or_else(|| Error::not_found("policy set in force"))?;
        self.inner.engines.get(&live)
    }

    /// The policies in force, with their version.
    pub fn policies(&self) -> Result<(PolicyVersion, Vec<PolicyInfo>), Error> {
        self.read(|q| {
            let live = store::policies::live(q)?.ok_or_else(|| Error::not_found("policy set in force"))?;
            let engine = self.inner.engines.get(&live)?;
            Ok((live, engine.policies()))
        })
    }

    /// Every version without its texts, newest first.
    pub fn policy_versions(&self, caller: &Caller) -> Result<Vec<VersionFacts>, Error> {
        caller.require(drafts::READ)?;
        self.read(|q| Ok(store::policies::list(q)?))
    }

    /// One version.
    pub fn policy_version(&self, caller: &Caller, version: u32) -> Result<PolicyVersion, Error> {
        caller.require(drafts::READ)?;
        let known = self.read(|q| Ok(store::policies::get(q, version)?))?;
        known.ok_or_else(|| Error::not_found(format_args!("policy version {version}")))
    }
}
