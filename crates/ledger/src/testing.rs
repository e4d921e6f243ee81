//! A log in memory, and RFC 6962's definitions written out, for the tests of this crate.

use crate::hash::{Hash, Head, leaf_hash};
use crate::tree::{Append, Hashes, MissingHash};

#[derive(Clone, Default)]
pub(crate) struct Memory {
    pub(crate) size: u64,
    pub(crate) hashes: Vec<Hash>,
}

impl Hashes for Memory {
    type Error = MissingHash;

    fn read(&mut self, positions: &[u64]) -> Result<Vec<Hash>, MissingHash> {
        let at = |position: &u64| self.hashes.get(usize::try_from(*position).unwrap()).copied();
        positions.iter().map(at).collect::<Option<_>>().ok_or(MissingHash)
    }
}

impl Memory {
    pub(crate) fn append(&mut self, entries: &[&[u8]]) {
        let mut append = Append::after(self.size);
        for entry in entries {
            append.push(leaf_hash(entry), self).unwrap();
        }
        let appended = append.finish(self).unwrap();
        assert_eq!(appended.first, self.hashes.len() as u64, "positions are consecutive");
        self.hashes.extend(appended.hashes);
        self.size = appended.head.size;
    }

    pub(crate) fn head(&mut self) -> Head {
        Head::read(self.size, self).unwrap()
    }

    pub(crate) fn head_at(&mut self, size: u64) -> Head {
        Head::read(size, self).unwrap()
    }

    pub(crate) fn of(size: u64) -> Self {
        let mut memory = Self::default();
        for n in 0..size {
            memory.append(&[&entry(n)]);
        }
        memory
    }
}

pub(crate) fn entry(n: u64) -> Vec<u8> {
    format!("entry {n}").into_bytes()
}

/// RFC 6962 §2.1, word for word and slow.
pub(crate) mod reference {
    use sha2::{Digest, Sha256};

    pub(crate) fn root(entries: &[&[u8]]) -> [u8; 32] {
        match entries {
            [] => Sha256::digest([]).into(),
            [one] => Sha256::digest([&[0], *one].concat()).into(),
            many => {
                let (left, right) = many.split_at(split(many.len()));
                node(root(left), root(right))
            }
        }
    }

    pub(crate) fn node(left: [u8; 32], right: [u8; 32]) -> [u8; 32] {
        Sha256::digest([&[1], left.as_slice(), right.as_slice()].concat()).into()
    }

    /// §2.1.1: `PATH(m, D[n])`.
    pub(crate) fn path(m: usize, entries: &[&[u8]]) -> Vec<[u8; 32]> {
        if entries.len() <= 1 {
            return vec![];
        }
        let k = split(entries.len());
        let (left, right) = entries.split_at(k);
        let (mut path, other) = if m < k { (path(m, left), root(right)) } else { (path(m - k, right), root(left)) };
        path.push(other);
        path
    }

    /// §2.1.2: `SUBPROOF(m, D[n], b)`.
    pub(crate) fn subproof(m: usize, entries: &[&[u8]], whole: bool) -> Vec<[u8; 32]> {
        if m == entries.len() {
            return if whole { vec![] } else { vec![root(entries)] };
        }
        let k = split(entries.len());
        let (left, right) = entries.split_at(k);
        let (mut proof, other) =
            if m <= k { (subproof(m, left, whole), root(right)) } else { (subproof(m - k, right, false), root(left)) };
        proof.push(other);
        proof
    }

    /// The largest power of two smaller than `n`.
    fn split(n: usize) -> usize {
        n.next_power_of_two() / 2
    }
}
