//! A digest as a few pronounceable words, to compare on a second device by ear or by eye.
//!
//! Each word carries 16 bits as consonant, vowel, consonant, vowel, consonant (the proquint encoding, arXiv:0901.4016).

use crate::Digest;

const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
const VOWELS: &[u8; 4] = b"aiou";
/// 64 bits: enough that nobody finds a second digest with the same words by trying.
const WORDS: usize = 4;

/// The words of a digest's first 64 bits.
#[must_use]
pub fn words(digest: &Digest) -> Vec<String> {
    digest.as_bytes().chunks_exact(2).take(WORDS).map(|pair| word(u16::from_be_bytes([pair[0], pair[1]]))).collect()
}

fn word(bits: u16) -> String {
    let consonant = |shift: u32| char::from(CONSONANTS[usize::from(bits >> shift & 15)]);
    let vowel = |shift: u32| char::from(VOWELS[usize::from(bits >> shift & 3)]);
    [consonant(12), vowel(10), consonant(6), vowel(4), consonant(0)].iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_examples_hold() {
        // 127.0.0.1 and 63.84.220.193 in the paper.
        assert_eq!([word(0x7f00), word(0x0001)], ["lusab", "babad"]);
        assert_eq!([word(0x3f54), word(0xdcc1)], ["gutih", "tugad"]);
    }

    #[test]
    fn no_two_numbers_share_a_word() {
        let all: std::collections::BTreeSet<_> = (0..=u16::MAX).map(word).collect();
        assert_eq!(all.len(), 65_536);
    }
}
