//! The entries that the rules have not seen yet, as far as they can be read.

use crate::entries::{self, Recorded};
use crate::error::StoreError;
use crate::log;
use crate::transaction::Query;

/// Entries of the ledger that come next.
#[derive(Clone, Debug, PartialEq)]
pub struct Upcoming {
    /// Those that can be read, oldest first.
    pub entries: Vec<Recorded>,
    /// Where the next ones begin.
    pub next: u64,
    /// How many in between are not there or cannot be read.
    pub lost: u64,
}

/// The entries from index `from` on, about `limit` of them. One that is damaged or gone is passed over: whoever damages one
/// must not blind the rules to all that come after it.
pub fn upcoming(q: &mut dyn Query, from: u64, limit: u32) -> Result<Upcoming, StoreError> {
    // Read first, so that nothing below it is still on its way.
    let size = log::head(q)?.size;
    let whole = u64::from(limit);
    let (entries, next) = match entries::range(q, from, limit) {
        Ok(entries) => {
            let seen = entries.last().and_then(|last| last.index).map_or(from, |index| index + 1);
            let full = u64::try_from(entries.len()).is_ok_and(|count| count >= whole);
            (entries, if full { seen } else { seen.max(size) })
        }
        Err(StoreError::Corrupt { .. }) => one_by_one(q, from, size.min(from.saturating_add(whole)).max(from))?,
        Err(error) => return Err(error),
    };
    let found = u64::try_from(entries.len()).unwrap_or(u64::MAX);
    Ok(Upcoming { entries, next, lost: (next - from).saturating_sub(found) })
}

fn one_by_one(q: &mut dyn Query, from: u64, to: u64) -> Result<(Vec<Recorded>, u64), StoreError> {
    let mut found = Vec::new();
    for index in from..to {
        match entries::by_index(q, index) {
            Ok(entry) => found.extend(entry),
            Err(StoreError::Corrupt { detail }) => tracing::error!(index, detail, "an entry cannot be read"),
            Err(error) => return Err(error),
        }
    }
    Ok((found, to))
}
