//! Reading the trail: entries, checkpoints and proofs.

use domain::Instant;
use domain::event::Kind;
use store::entries::{EntryFilter, Recorded};
use store::log::Checkpoint;

use crate::authenticate::Caller;
use crate::{Control, Error};

const AUDIT: &str = "audit:read";

/// A page of the trail.
#[derive(Clone, Debug)]
pub struct TrailPage {
    /// Newest first; what has no place in the ledger yet comes first of all.
    pub entries: Vec<Recorded>,
    /// Where the next page begins.
    pub next: Option<u64>,
}

/// That something happened, without its particulars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place in the ledger.
    pub index: u64,
    /// When.
    pub at: Instant,
    /// What.
    pub kind: Kind,
    /// About what, if there is an id.
    pub about: Option<String>,
}

impl Control {
    /// A page of the audit trail.
    pub fn trail(&self, caller: &Caller, filter: &EntryFilter) -> Result<TrailPage, Error> {
        caller.require(AUDIT)?;
        self.read(|q| {
            let entries = store::entries::list(q, filter)?;
            let full = entries.len() >= usize::try_from(filter.limit).unwrap_or(usize::MAX);
            // Entries that wait for their place have none to go on from: what follows them begins at the newest that has one.
            let next = match entries.last().filter(|_| full) {
                Some(last) => Some(last.index.map_or_else(|| store::log::head(q).map(|head| head.size), Ok)?),
                None => None,
            };
            Ok(TrailPage { entries, next })
        })
    }

    /// The newest signed checkpoint with the public key that checks it.
    pub fn checkpoint(&self, caller: &Caller) -> Result<(Checkpoint, String), Error> {
        caller.require(AUDIT)?;
        let newest = self.read(|q| Ok(store::log::latest_checkpoint(q)?))?;
        let newest = newest.ok_or_else(|| Error::not_found("checkpoint yet; the first is signed within a second"))?;
        Ok((newest, self.inner.log_key.public().to_string()))
    }

    /// Proof that entry `index` is in the tree of `size` entries.
    pub fn inclusion(&self, caller: &Caller, index: u64, size: u64) -> Result<ledger::InclusionProof, Error> {
        caller.require(AUDIT)?;
        self.read(|q| {
            check_size(store::log::head(q)?.size, size)?;
            if index >= size {
                return Err(Error::invalid("index", format!("the tree of {size} entries has no entry {index}")));
            }
            Ok(store::log::inclusion_proof(q, index, size)?)
        })
    }

    /// Proof that the tree of `to` entries grew from the tree of `from`.
    pub fn consistency(&self, caller: &Caller, from: u64, to: u64) -> Result<ledger::ConsistencyProof, Error> {
        caller.require(AUDIT)?;
        self.read(|q| {
            check_size(store::log::head(q)?.size, to)?;
            if from > to {
                return Err(Error::invalid("from", format!("{from} is beyond {to}")));
            }
            Ok(store::log::consistency_proof(q, from, to)?)
        })
    }

    /// What happened from ledger index `from` on, oldest first. For those who listen for changes.
    pub fn changes(&self, from: u64, limit: u32) -> Result<Vec<Change>, Error> {
        self.read(|q| {
            let entries = store::entries::range(q, from, limit)?.into_iter().zip(from..);
            let told = entries.map(|(Recorded { entry, index, .. }, place)| Change {
                index: index.unwrap_or(place),
                at: entry.at,
                kind: entry.kind,
                about: entry.about,
            });
            Ok(told.collect())
        })
    }
}

fn check_size(known: u64, asked: u64) -> Result<(), Error> {
    if asked == 0 || asked > known {
        return Err(Error::invalid("size", format!("the ledger has {known} entries; ask for 1 to that many")));
    }
    Ok(())
}
