//! Tokens that verified a moment ago, so that a busy client does not make us verify the same signature each time.
//!
//! The invariant: an entry is good for at most 30 seconds, never at or past the token's `exp`, and only for the keys it
//! was verified with. The key is the SHA-256 of the whole token; nothing is kept for a token that was refused.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use domain::{Digest, Instant};

use crate::jwt::Verified;

const SECONDS: u32 = 30;
const MOST_ENTRIES: usize = 10_000;

/// The issuer, by its place in the list, and the generation of its keys.
type Place = (usize, u64);

#[derive(Default)]
pub(crate) struct Cache {
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    by_token: HashMap<Digest, Entry>,
    by_use: BTreeMap<u64, Digest>,
    uses: u64,
}

struct Entry {
    verified: Arc<Verified>,
    place: Place,
    from: Instant,
    until: Instant,
    used: u64,
}

impl Cache {
    pub(crate) fn get(&self, token: &str, place: Place, now: Instant) -> Option<Arc<Verified>> {
        let digest = Digest::of_content(token.as_bytes());
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.by_token.get(&digest)?;
        // A clock that was set back must not lengthen the entry's life.
        if entry.place != place || !now.is_before(entry.until) || now.is_before(entry.from) {
            entries.remove(&digest);
            return None;
        }
        let verified = entry.verified.clone();
        entries.touch(&digest);
        Some(verified)
    }

    pub(crate) fn put(&self, token: &str, place: Place, now: Instant, verified: &Arc<Verified>) {
        let digest = Digest::of_content(token.as_bytes());
        let until = now.plus(SECONDS).min(verified.expires_at);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.remove(&digest);
        if entries.by_token.len() >= MOST_ENTRIES {
            let oldest = entries.by_use.first_key_value().map(|(_, digest)| *digest);
            if let Some(oldest) = oldest {
                entries.remove(&oldest);
            }
        }
        entries.by_token.insert(digest, Entry { verified: verified.clone(), place, from: now, until, used: 0 });
        entries.touch(&digest);
    }
}

impl Entries {
    fn touch(&mut self, digest: &Digest) {
        self.uses += 1;
        if let Some(entry) = self.by_token.get_mut(digest) {
            self.by_use.remove(&entry.used);
            entry.used = self.uses;
            self.by_use.insert(self.uses, *digest);
        }
    }

    fn remove(&mut self, digest: &Digest) {
        if let Some(entry) = self.by_token.remove(digest) {
            self.by_use.remove(&entry.used);
        }
    }
}
