//! Values by key, as long as their weights have room together; those that were used last stay.
//!
//! Not what a weight is. Invariants: the weights that are kept are at most those that were allowed; the cost of a use is a
//! look-up in each of two trees.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// The values.
#[derive(Debug)]
pub(in crate::service::tables) struct Lru<K, V> {
    most: usize,
    weight: usize,
    /// Rises with each use.
    uses: u64,
    values: HashMap<K, Kept<V>>,
    /// The keys by their last use.
    by_use: BTreeMap<u64, K>,
}

#[derive(Debug)]
struct Kept<V> {
    value: V,
    weight: usize,
    used: u64,
}

impl<K: Copy + Eq + Hash, V: Clone> Lru<K, V> {
    /// None yet, of at most this weight together.
    pub(in crate::service::tables) fn new(most: usize) -> Self {
        Self { most, weight: 0, uses: 0, values: HashMap::new(), by_use: BTreeMap::new() }
    }

    pub(in crate::service::tables) fn get(&mut self, key: K) -> Option<V> {
        let kept = self.values.get_mut(&key)?;
        self.by_use.remove(&kept.used);
        self.uses += 1;
        kept.used = self.uses;
        self.by_use.insert(self.uses, key);
        Some(kept.value.clone())
    }

    /// Keeps a value in place of an earlier one of its key. One that is heavier than all may be is not kept.
    pub(in crate::service::tables) fn put(&mut self, key: K, value: V, weight: usize) {
        self.remove(key);
        if weight > self.most {
            return;
        }
        while self.weight > self.most - weight
            && let Some((_, oldest)) = self.by_use.first_key_value()
        {
            self.remove(*oldest);
        }
        self.uses += 1;
        self.weight += weight;
        self.values.insert(key, Kept { value, weight, used: self.uses });
        self.by_use.insert(self.uses, key);
    }

    fn remove(&mut self, key: K) {
        if let Some(kept) = self.values.remove(&key) {
            self.weight -= kept.weight;
            self.by_use.remove(&kept.used);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(lru: &Lru<u32, char>) -> Vec<u32> {
        lru.by_use.values().copied().collect()
    }

    #[test]
    fn the_values_that_were_used_last_stay_within_the_weight() {
        let mut lru = Lru::new(10);
        for (key, value) in [(1, 'a'), (2, 'b'), (3, 'c')] {
            lru.put(key, value, 3);
        }
        assert_eq!(lru.get(1), Some('a'));
        lru.put(4, 'd', 4);
        assert_eq!((keys(&lru), lru.weight), (vec![3, 1, 4], 10));
        assert_eq!(lru.get(2), None);
        lru.put(3, 'e', 10);
        assert_eq!((keys(&lru), lru.weight, lru.get(3)), (vec![3], 10, Some('e')));
    }

    #[test]
    fn a_value_beyond_the_weight_replaces_and_is_not_kept() {
        let mut lru = Lru::new(10);
        lru.put(1, 'a', 0);
        lru.put(2, 'b', 10);
        lru.put(2, 'c', 11);
        assert_eq!((keys(&lru), lru.weight, lru.get(2)), (vec![1], 0, None));
    }
}
