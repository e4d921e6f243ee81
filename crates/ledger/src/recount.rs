//! Counting a whole log again from its entries alone: what an auditor does, and what a store does to check itself.
//!
//! Needs nothing that was stored: only one hash per level is kept.

use tlog_tiles::tlog;

use crate::hash::{Hash, Head};

/// A tree that is grown entry by entry without being kept.
#[derive(Clone, Debug, Default)]
pub struct Recount {
    size: u64,
    /// The completed subtrees, largest first, each with its level.
    peaks: Vec<(u32, Hash)>,
}

impl Recount {
    /// Adds the next entry by its leaf hash; gives the hashes that a store keeps for it, in order of their positions.
    pub fn push(&mut self, leaf: Hash) -> Vec<Hash> {
        let (mut level, mut hash, mut stored) = (0, leaf, vec![leaf]);
        while let Some((_, left)) = self.peaks.pop_if(|(peak, _)| *peak == level) {
            hash = tlog::node_hash(left.into(), hash.into()).into();
            stored.push(hash);
            level += 1;
        }
        self.peaks.push((level, hash));
        self.size += 1;
        stored
    }

    /// The head of what was counted so far.
    #[must_use]
    pub fn head(&self) -> Head {
        let mut peaks = self.peaks.iter().rev().map(|(_, hash)| *hash);
        let Some(last) = peaks.next() else { return Head::EMPTY };
        let root = peaks.fold(last, |right, left| tlog::node_hash(left.into(), right.into()).into());
        Head { size: self.size, root }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leaf_hash;
    use crate::testing::{Memory, entry};

    #[test]
    fn a_recount_finds_the_same_heads_and_stored_hashes() {
        let mut memory = Memory::of(70);
        let mut recount = Recount::default();
        let mut stored = Vec::new();
        for n in 0..70 {
            assert_eq!(recount.head(), memory.head_at(n));
            stored.extend(recount.push(leaf_hash(&entry(n))));
        }
        assert_eq!(recount.head(), memory.head());
        assert_eq!(stored, memory.hashes);
    }
}
