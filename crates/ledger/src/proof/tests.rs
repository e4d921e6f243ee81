use proptest::prelude::*;

use super::*;
use crate::testing::{Memory, entry, reference};

const MOST: u64 = 70;

fn entries(size: u64) -> Vec<Vec<u8>> {
    (0..size).map(entry).collect()
}

fn bytes(hashes: &[Hash]) -> Vec<[u8; 32]> {
    hashes.iter().map(|hash| *hash.as_bytes()).collect()
}

fn flipped(hash: Hash, bit: usize) -> Hash {
    let mut bytes = *hash.as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    Hash::from_bytes(bytes)
}

fn bent_head(head: Head, bit: usize) -> Head {
    Head { root: flipped(head.root, bit), ..head }
}

fn index(n: u64) -> usize {
    usize::try_from(n).unwrap()
}

#[test]
fn every_inclusion_proof_is_the_one_of_the_definition_and_verifies_for_its_entry_alone() {
    let mut memory = Memory::of(MOST);
    let all = entries(MOST);
    for size in 1..=MOST {
        let refs: Vec<&[u8]> = all[..index(size)].iter().map(Vec::as_slice).collect();
        let head = memory.head_at(size);
        for at in 0..size {
            let proof = InclusionProof::make(at, size, &mut memory).unwrap().unwrap();
            assert_eq!(bytes(&proof.hashes), reference::path(index(at), &refs), "{at} of {size}");
            proof.verify(&entry(at), &head).unwrap();
            let other = entry(at + 1);
            assert_eq!(proof.verify(&other, &head).unwrap_err(), ProofError::Mismatch);
            let moved = InclusionProof { index: (at + 1) % size, ..proof.clone() };
            assert!(size == 1 || moved.verify(&entry(at), &head).is_err());
        }
        assert_eq!(InclusionProof::make(size, size, &mut memory).unwrap(), None);
    }
}

#[test]
fn every_consistency_proof_is_the_one_of_the_definition_and_verifies() {
    let mut memory = Memory::of(MOST);
    let all = entries(MOST);
    for to in 0..=MOST {
        let refs: Vec<&[u8]> = all[..index(to)].iter().map(Vec::as_slice).collect();
        for from in 0..=to {
            let proof = ConsistencyProof::make(from, to, &mut memory).unwrap().unwrap();
            if from > 0 {
                assert_eq!(bytes(&proof.hashes), reference::subproof(index(from), &refs, true), "{from} to {to}");
            }
            proof.verify(&memory.head_at(from), &memory.head_at(to)).unwrap();
        }
        assert_eq!(ConsistencyProof::make(to + 1, to, &mut memory).unwrap(), None);
    }
}

/// From the Go and C++ implementations of Certificate Transparency: `d0` … `d6` are the published eight leaves.
#[test]
fn a_published_path_verifies() {
    let leaves: [&[u8]; 8] =
        [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43", b"PQRSTUVW", b"`abcdefghijklmno"];
    let mut memory = Memory::default();
    memory.append(&leaves);
    let proof = InclusionProof::make(5, 8, &mut memory).unwrap().unwrap();
    let published = [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    let hex: Vec<String> = proof.hashes.iter().map(|hash| domain::Digest::from_bytes(*hash.as_bytes()).hex()).collect();
    assert_eq!(hex, published);
    proof.verify(b"\x40\x41\x42\x43", &memory.head()).unwrap();
}

#[test]
fn a_node_offered_as_an_entry_is_refused() {
    let mut memory = Memory::of(4);
    let head = memory.head();
    let pair = [crate::leaf_hash(&entry(0)), crate::leaf_hash(&entry(1))].map(|hash| *hash.as_bytes()).concat();
    let whole = InclusionProof::make(0, 4, &mut memory).unwrap().unwrap();
    let shorter = InclusionProof { hashes: whole.hashes[1..].to_vec(), ..whole };
    assert_eq!(shorter.verify(&pair, &head).unwrap_err(), ProofError::Mismatch);
    let as_two = InclusionProof { size: 2, ..shorter };
    assert_eq!(as_two.verify(&pair, &head).unwrap_err(), ProofError::OtherSize { proved: 2, wanted: 4 });
}

#[test]
fn sizes_indexes_and_lengths_from_outside_are_refused_without_work() {
    let mut memory = Memory::of(3);
    let head = memory.head();
    let proof = InclusionProof::make(1, 3, &mut memory).unwrap().unwrap();
    let outside = InclusionProof { index: 3, ..proof.clone() };
    assert_eq!(outside.verify(&entry(1), &head).unwrap_err(), ProofError::Outside { index: 3, size: 3 });
    let long = InclusionProof { hashes: vec![head.root; 1_000_000], ..proof.clone() };
    assert_eq!(long.verify(&entry(1), &head).unwrap_err(), ProofError::Mismatch);
    let huge = Head { size: u64::MAX, ..head };
    for index in [0, 1, u64::MAX - 1] {
        let proof = InclusionProof { index, size: u64::MAX, hashes: vec![head.root; 64] };
        assert_eq!(proof.verify(&entry(1), &huge).unwrap_err(), ProofError::Mismatch);
        let proof = ConsistencyProof { from: index + 1, to: u64::MAX, hashes: vec![head.root; 63] };
        assert!(proof.verify(&Head { size: index + 1, ..head }, &huge).is_err());
    }
}

#[test]
fn nothing_is_consistent_with_a_wrong_beginning() {
    let mut memory = Memory::of(5);
    let head = memory.head();
    let none = ConsistencyProof { from: 0, to: 5, hashes: vec![] };
    none.verify(&Head::EMPTY, &head).unwrap();
    assert!(none.verify(&Head { size: 0, root: head.root }, &head).is_err());
    assert!(ConsistencyProof { hashes: vec![head.root], ..none }.verify(&Head::EMPTY, &head).is_err());
    let nothing = ConsistencyProof { from: 0, to: 0, hashes: vec![] };
    assert!(nothing.verify(&Head::EMPTY, &Head { size: 0, root: head.root }).is_err());
    let same = ConsistencyProof { from: 5, to: 5, hashes: vec![] };
    same.verify(&head, &head).unwrap();
    assert!(same.verify(&head, &Head { size: 5, root: memory.head_at(4).root }).is_err());
}

#[test]
fn proofs_travel_as_plain_json() {
    let mut memory = Memory::of(3);
    let proof = InclusionProof::make(2, 3, &mut memory).unwrap().unwrap();
    let json = serde_json::to_value(&proof).unwrap();
    let root = memory.head_at(2).root.to_string();
    assert_eq!(json, serde_json::json!({"index": 2, "size": 3, "hashes": [root]}));
    assert_eq!(serde_json::from_value::<InclusionProof>(json.clone()).unwrap(), proof);
    let mut more = json;
    more["trust_me"] = true.into();
    assert!(serde_json::from_value::<InclusionProof>(more).is_err());
}

proptest! {
    #[test]
    fn one_flipped_bit_anywhere_breaks_an_inclusion_proof(
        size in 1..=MOST,
        at in 0..MOST,
        bit in 0..256_usize,
        which in 0..64_usize,
    ) {
        let at = at % size;
        let mut memory = Memory::of(size);
        let head = memory.head();
        let proof = InclusionProof::make(at, size, &mut memory).unwrap().unwrap();

        let mut leaf = entry(at);
        let place = bit % (leaf.len() * 8);
        leaf[place / 8] ^= 1 << (place % 8);
        prop_assert!(proof.verify(&leaf, &head).is_err());
        prop_assert!(proof.verify(&entry(at), &bent_head(head, bit)).is_err());
        if !proof.hashes.is_empty() {
            let mut bent = proof.clone();
            let which = which % bent.hashes.len();
            bent.hashes[which] = flipped(bent.hashes[which], bit);
            prop_assert!(bent.verify(&entry(at), &head).is_err());
            bent = proof.clone();
            bent.hashes.remove(which);
            prop_assert!(bent.verify(&entry(at), &head).is_err());
        }
        let mut longer = proof;
        longer.hashes.insert(which % (longer.hashes.len() + 1), head.root);
        prop_assert!(longer.verify(&entry(at), &head).is_err());
    }

    #[test]
    fn one_flipped_bit_anywhere_breaks_a_consistency_proof(
        to in 2..=MOST,
        from in 1..MOST,
        bit in 0..256_usize,
        which in 0..64_usize,
    ) {
        let from = from % (to - 1) + 1;
        let mut memory = Memory::of(to);
        let (old, new) = (memory.head_at(from), memory.head());
        let proof = ConsistencyProof::make(from, to, &mut memory).unwrap().unwrap();
        prop_assert!(proof.verify(&bent_head(old, bit), &new).is_err());
        prop_assert!(proof.verify(&old, &bent_head(new, bit)).is_err());
        let mut bent = proof;
        let which = which % bent.hashes.len();
        bent.hashes[which] = flipped(bent.hashes[which], bit);
        prop_assert!(bent.verify(&old, &new).is_err());
    }

    #[test]
    fn a_rewritten_past_is_not_consistent(to in 2..=MOST, from in 1..MOST, changed in 0..MOST) {
        let from = from % (to - 1) + 1;
        let changed = changed % from;
        let old = Memory::of(from).head();
        let mut forged = Memory::default();
        for n in 0..to {
            forged.append(&[&if n == changed { b"another".to_vec() } else { entry(n) }]);
        }
        let proof = ConsistencyProof::make(from, to, &mut forged).unwrap().unwrap();
        prop_assert_eq!(proof.verify(&old, &forged.head()).unwrap_err(), ProofError::Mismatch);
    }
}
