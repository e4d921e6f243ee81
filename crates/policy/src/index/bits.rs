//! Sets of policies, by their places in the text.

/// A bit for each policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    /// The empty set.
    pub(crate) const fn none() -> Self {
        Self(vec![])
    }

    /// Those for which it is so, of so many.
    pub(crate) fn of(size: usize, each: impl Iterator<Item = bool>) -> Self {
        let mut bits = Self(vec![0; size.div_ceil(64)]);
        for (at, is) in each.enumerate() {
            if is {
                bits.add(at);
            }
        }
        bits
    }

    /// Adds one; it must be one of those that the set was made for.
    pub(crate) fn add(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    /// Whether it is among them.
    pub(crate) fn contains(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word & 1 << (at % 64) != 0)
    }

    /// Leaves only what is in both.
    pub(crate) fn intersect(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= other;
        }
    }

    /// Leaves only what is not in the other.
    pub(crate) fn without(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= !other;
        }
    }

    /// The places, in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(word_at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(word_at * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_intersected_subtracted_and_walked_in_order() {
        let of = |every: usize| Bits::of(200, (0..200).map(|at| at % every == 0));
        let (mut both, mut without) = (of(6), of(6));
        both.intersect(&of(10));
        assert_eq!(both.iter().collect::<Vec<_>>(), [0, 30, 60, 90, 120, 150, 180]);
        without.without(&of(4));
        assert!(without.iter().eq((0..200).filter(|at| at % 6 == 0 && at % 4 != 0)));
        assert!(both.contains(180) && !both.contains(181) && !both.contains(1000));
        assert_eq!(Bits::none().iter().next(), None);
    }
}
