//! Equal values kept once, each under a number.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// Values by number, in the order in which they came.
#[derive(Debug)]
pub(crate) struct Interner<T: ?Sized> {
    values: Vec<Arc<T>>,
    numbers: HashMap<Arc<T>, u32>,
}

impl<T: ?Sized> Default for Interner<T> {
    fn default() -> Self {
        Self { values: vec![], numbers: HashMap::new() }
    }
}

impl<T: ?Sized + Eq + Hash> Interner<T> {
    /// The number of a value; whether it is new.
    pub(crate) fn number<'a>(&mut self, value: &'a T) -> (u32, bool)
    where
        Arc<T>: From<&'a T>,
    {
        match self.numbers.get(value) {
            Some(number) => (*number, false),
            None => (self.add(Arc::from(value)), true),
        }
    }

    /// As [`Self::number`], of a value that is at hand.
    pub(crate) fn number_of(&mut self, value: T) -> (u32, bool)
    where
        T: Sized,
    {
        match self.numbers.get(&value) {
            Some(number) => (*number, false),
            None => (self.add(Arc::new(value)), true),
        }
    }

    /// The number of a value that came before.
    pub(crate) fn find(&self, value: &T) -> Option<u32> {
        self.numbers.get(value).copied()
    }

    fn add(&mut self, value: Arc<T>) -> u32 {
        // A history is full long before this.
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(Arc::clone(&value));
        self.numbers.insert(value, number);
        number
    }

    /// The value of a number that was given out here.
    pub(crate) fn get(&self, number: u32) -> &T {
        &self.values[place(number)]
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.values.len()
    }
}

/// A number as an index.
pub(crate) fn place(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// How many, as reports count.
pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
