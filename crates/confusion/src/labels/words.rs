//! Numbers for strings.

use foldhash::quality::FixedState;
use std::hash::BuildHasher;

/// Strings, each with the number of its first occurrence.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    /// A power of two of them, at most half of them used.
    slots: Vec<Slot>,
    words: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    key: Key,
    number: u32,
}

const EMPTY: Slot = Slot { key: Key { low: 0, high: 0, length: 0 }, number: u32::MAX };

/// With its length, all of a string of at most sixteen bytes; of a longer one a hash.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Key {
    low: u64,
    high: u64,
    length: usize,
}

impl Key {
    /// First and last bytes, which overlap where the string is shorter than both: no loop, and no byte is read twice over.
    #[inline(always)]
    fn of(word: &[u8]) -> Self {
        let length = word.len();
        let (low, high) = if let (Some(first), Some(last)) = (word.first_chunk(), word.last_chunk()) {
            if length > 16 {
                let hash = FixedState::default().hash_one(word);
                (hash, hash.rotate_left(32))
            } else {
                (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
            }
        } else if let (Some(first), Some(last)) = (word.first_chunk(), word.last_chunk()) {
            (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into())
        } else if let [first, .., last] = word {
            (u64::from(*first) << 8 | u64::from(word[length / 2]), (*last).into())
        } else {
            (word.first().copied().unwrap_or(0).into(), 0)
        };
        Self { low, high, length }
    }

    /// Multiplied and folded: all bits of both words reach the lowest.
    #[inline(always)]
    fn hash(self) -> usize {
        let product = u128::from(self.low ^ 0x9e37_79b9_7f4a_7c15)
            * u128::from(self.high.rotate_left(29) ^ (self.length as u64) ^ 0xd6e8_feb8_6659_fd93);
        (product as u64 ^ (product >> 64) as u64) as usize
    }
}

impl Words {
    /// The number of a word that is known.
    #[inline(always)]
    pub(super) fn get(&self, word: &[u8]) -> Option<u32> {
        self.find(Key::of(word), word).ok()
    }

    /// The number, or the slot where it belongs.
    #[inline(always)]
    fn find(&self, key: Key, word: &[u8]) -> Result<u32, usize> {
        if self.slots.is_empty() {
            return Err(0);
        }
        let mask = self.slots.len() - 1;
        let mut place = key.hash() & mask;
        loop {
            let slot = self.slots[place];
            if slot.number == EMPTY.number {
                return Err(place);
            }
            if slot.key == key && (key.length <= 16 || self.words[slot.number as usize].as_bytes() == word) {
                return Ok(slot.number);
            }
            place = (place + 1) & mask;
        }
    }

    /// The number of a word that is not known yet.
    pub(super) fn insert(&mut self, word: &str) -> u32 {
        if 2 * (self.words.len() + 1) > self.slots.len() {
            self.refill((2 * self.slots.len()).max(64));
        }
        let number = self.words.len() as u32;
        self.place(Key::of(word.as_bytes()), number);
        self.words.push(word.to_owned());
        number
    }

    /// Only the first words again.
    pub(super) fn truncate(&mut self, words: usize) {
        if words < self.words.len() {
            self.words.truncate(words);
            self.refill(self.slots.len());
        }
    }

    /// All words in so many slots.
    fn refill(&mut self, slots: usize) {
        self.slots = vec![EMPTY; slots];
        for number in 0..self.words.len() {
            self.place(Key::of(self.words[number].as_bytes()), number as u32);
        }
    }

    fn place(&mut self, key: Key, number: u32) {
        let mask = self.slots.len() - 1;
        let mut place = key.hash() & mask;
        while self.slots[place].number != EMPTY.number {
            place = (place + 1) & mask;
        }
        self.slots[place] = Slot { key, number };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_word_has_one_number_and_no_two_share_it(words in prop::collection::vec("[ab\0é]{0,20}", 0..300)) {
            let mut numbers = Words::default();
            let mut seen = std::collections::HashMap::new();
            for word in &words {
                let known = numbers.get(word.as_bytes());
                prop_assert_eq!(known, seen.get(word).copied());
                if known.is_none() {
                    seen.insert(word.clone(), numbers.insert(word));
                }
            }
            for (word, number) in &seen {
                prop_assert_eq!(numbers.get(word.as_bytes()), Some(*number));
                prop_assert!((*number as usize) < seen.len());
            }
        }
    }
}
