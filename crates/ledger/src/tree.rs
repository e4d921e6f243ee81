//! How the tree grows. Every entry adds its leaf hash and the hashes of the subtrees that it completes; they are kept
//! for ever at consecutive positions (tlog's stored-hash order), and everything else is computed from them.
//!
//! A hash once stored never changes: that is why a proof for an old size can be made at any later time.

use std::cell::RefCell;

use tlog_tiles::tlog;

use crate::hash::{Hash, Head};

/// Where the stored hashes are read from. The store implements it.
pub trait Hashes {
    /// Why they could not be read.
    type Error: From<MissingHash>;

    /// The hashes at these positions, in the order asked for. If one is missing, that is an error.
    fn read(&mut self, positions: &[u64]) -> Result<Vec<Hash>, Self::Error>;
}

/// A hash that the tree has was not given: what is stored is not the tree it is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stored hashes of the log are missing")]
pub struct MissingHash;

/// Entries about to be appended to a tree.
#[derive(Debug)]
pub struct Append {
    size: u64,
    first: u64,
    fresh: Vec<Hash>,
}

/// What a store keeps after appending: `hashes` at positions `first`, `first + 1`, …, and the new head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The new head.
    pub head: Head,
    /// The position of the first of `hashes`.
    pub first: u64,
    /// The hashes to store.
    pub hashes: Vec<Hash>,
}

impl Append {
    /// Begins after the `size` entries that are there.
    #[must_use]
    pub fn after(size: u64) -> Self {
        Self { size, first: tlog::stored_hash_index(0, size), fresh: Vec::new() }
    }

    /// Appends one entry by its leaf hash and gives its index.
    pub fn push<H: Hashes>(&mut self, leaf: Hash, stored: &mut H) -> Result<u64, H::Error> {
        let mut overlay = Overlay { first: self.first, fresh: &self.fresh, stored };
        let added = with(&mut overlay, |reader| tlog::stored_hashes_for_record_hash(self.size, leaf.into(), reader))?;
        self.fresh.extend(added.into_iter().map(Hash::from));
        self.size += 1;
        Ok(self.size - 1)
    }

    /// Computes the new head.
    pub fn finish<H: Hashes>(self, stored: &mut H) -> Result<Appended, H::Error> {
        let mut overlay = Overlay { first: self.first, fresh: &self.fresh, stored };
        let head = Head::read(self.size, &mut overlay)?;
        Ok(Appended { head, first: self.first, hashes: self.fresh })
    }
}

impl Head {
    /// Computes the head of the tree of the first `size` entries from stored hashes.
    pub fn read<H: Hashes>(size: u64, stored: &mut H) -> Result<Self, H::Error> {
        let root = with(stored, |reader| tlog::tree_hash(size, reader))?.into();
        Ok(Self { size, root })
    }
}

/// The position at which the leaf hash of the entry with this index is stored.
#[must_use]
pub fn leaf_position(index: u64) -> u64 {
    tlog::stored_hash_index(0, index)
}

/// Stored hashes with those on top that are not stored yet.
struct Overlay<'a, H> {
    first: u64,
    fresh: &'a [Hash],
    stored: &'a mut H,
}

impl<H: Hashes> Hashes for Overlay<'_, H> {
    type Error = H::Error;

    fn read(&mut self, positions: &[u64]) -> Result<Vec<Hash>, H::Error> {
        let old: Vec<u64> = positions.iter().copied().filter(|position| *position < self.first).collect();
        let mut old = if old.is_empty() { Vec::new() } else { self.stored.read(&old)? }.into_iter();
        positions
            .iter()
            .map(|position| match position.checked_sub(self.first) {
                None => old.next(),
                Some(at) => usize::try_from(at).ok().and_then(|at| self.fresh.get(at)).copied(),
            })
            .collect::<Option<_>>()
            .ok_or_else(|| MissingHash.into())
    }
}

/// Runs one of tlog's functions over our hashes. Its errors are ours: it has none of its own on this path.
pub(crate) fn with<H: Hashes, T>(
    stored: &mut H,
    run: impl FnOnce(&Reader<'_, H>) -> Result<T, tlog::Error>,
) -> Result<T, H::Error> {
    let reader = Reader(RefCell::new((stored, None)));
    run(&reader).map_err(|_| reader.0.into_inner().1.unwrap_or_else(|| MissingHash.into()))
}

/// tlog reads through a shared reference and knows only its own errors; this keeps ours aside.
pub(crate) struct Reader<'a, H: Hashes>(RefCell<(&'a mut H, Option<H::Error>)>);

impl<H: Hashes> tlog::HashReader for Reader<'_, H> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        if indexes.is_empty() {
            return Ok(Vec::new());
        }
        let (stored, failed) = &mut *self.0.borrow_mut();
        // tlog panics when it gets fewer hashes than it asked for.
        match stored.read(indexes) {
            Ok(hashes) if hashes.len() == indexes.len() => Ok(hashes.into_iter().map(tlog::Hash::from).collect()),
            Ok(_) => Err(tlog::Error::IndexesNotInTree),
            Err(error) => {
                *failed = Some(error);
                Err(tlog::Error::IndexesNotInTree)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Memory, entry, reference};

    /// The vectors that Certificate Transparency publishes with RFC 6962: eight leaves and the root after each.
    const PUBLISHED: [(&str, &str); 8] = [
        ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
        ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
        ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
        ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
        ("606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ];

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn the_published_roots_come_out() {
        let mut memory = Memory::default();
        assert_eq!(memory.head(), Head::EMPTY);
        let empty = unhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(Head::EMPTY.root.as_bytes().as_slice(), empty);
        for (leaf, root) in PUBLISHED {
            memory.append(&[&unhex(leaf)]);
            assert_eq!(memory.head().root.as_bytes().as_slice(), unhex(root), "after {leaf}");
        }
    }

    #[test]
    fn a_batch_and_single_appends_store_the_same_hashes_as_the_definition_asks() {
        for size in 0..=70 {
            let entries: Vec<_> = (0..size).map(entry).collect();
            let refs: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
            let mut batch = Memory::default();
            batch.append(&refs);
            let mut single = Memory::default();
            for entry in &refs {
                single.append(&[entry]);
            }
            assert_eq!(batch.hashes, single.hashes, "{size}");
            assert_eq!(*batch.head().root.as_bytes(), reference::root(&refs), "{size}");
        }
    }

    #[test]
    fn a_node_cannot_pass_as_a_leaf() {
        let mut two = Memory::default();
        two.append(&[b"left", b"right"]);
        let pair = [leaf_of(b"left"), leaf_of(b"right")].concat();
        let mut one = Memory::default();
        one.append(&[&pair]);
        assert_ne!(one.head().root, two.head().root);
        let mut prefixed = Memory::default();
        prefixed.append(&[&[&[1], pair.as_slice()].concat()]);
        assert_ne!(prefixed.head().root, two.head().root);
    }

    fn leaf_of(entry: &[u8]) -> [u8; 32] {
        *crate::leaf_hash(entry).as_bytes()
    }

    #[test]
    fn a_missing_hash_is_an_error_and_not_a_panic() {
        let mut memory = Memory::default();
        memory.append(&[b"a", b"b", b"c"]);
        memory.hashes.truncate(1);
        assert_eq!(Head::read(3, &mut memory).unwrap_err(), MissingHash);
        assert_eq!(Append::after(3).push(crate::leaf_hash(b"d"), &mut memory).unwrap_err(), MissingHash);
    }
}
