//! A bounded map that evicts by generation: half of its keys at once, those that were not used for longest.
//!
//! Not a clock: nothing here expires. Invariant: it never holds more keys than it may, and no operation walks over
//! them.

use std::collections::HashMap;
use std::hash::Hash;

/// Values by key, in two generations.
#[derive(Debug)]
pub(super) struct Generations<K, V> {
    /// Keys that were used since the last change of generations.
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    /// Keys of one generation.
    most: usize,
}

impl<K: Hash + Eq + Clone, V> Generations<K, V> {
    /// At most this many keys.
    pub(super) fn new(most: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), most: most / 2 }
    }

    /// The value of a key, which counts as a use.
    pub(super) fn get(&mut self, key: &K) -> Option<&mut V> {
        if self.old.contains_key(key)
            && self.young.len() < self.most
            && let Some(value) = self.old.remove(key)
        {
            self.young.insert(key.clone(), value);
        }
        // A full young generation leaves the key where it is, until the next insertion makes room.
        match self.young.get_mut(key) {
            Some(value) => Some(value),
            None => self.old.get_mut(key),
        }
    }

    /// Sets the value of a key. Returns the evicted generation, so that it is freed where no lock is held.
    pub(super) fn insert(&mut self, key: K, value: V) -> Option<HashMap<K, V>> {
        self.old.remove(&key);
        let full = self.young.len() >= self.most && !self.young.contains_key(&key);
        let evicted = full.then(|| {
            let young = std::mem::take(&mut self.young);
            std::mem::replace(&mut self.old, young)
        });
        self.young.insert(key, value);
        evicted
    }

    pub(super) fn remove(&mut self, key: &K) {
        self.young.remove(key);
        self.old.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_and_keeps_the_keys_that_are_used() {
        let mut map = Generations::new(100);
        map.insert(0, 0);
        for key in 1..10_000 {
            map.insert(key, key);
            assert!(map.young.len() + map.old.len() <= 100);
            assert_eq!(map.get(&0), Some(&mut 0), "is used at {key}");
            assert_eq!(map.get(&key), Some(&mut key.clone()));
        }
        assert_eq!(map.get(&9_000), None);
        map.remove(&0);
        assert_eq!(map.get(&0), None);
    }

    /// The other insertions look at no key but their own.
    #[test]
    fn one_insertion_of_a_generation_evicts_and_evicts_a_whole_one() {
        let mut map = Generations::new(100);
        let evicted = (0..1_000).filter_map(|key| map.insert(key, ())).map(|gone| gone.len());
        let expected: Vec<usize> = std::iter::once(0).chain([50; 18]).collect();
        assert_eq!(evicted.collect::<Vec<_>>(), expected);
    }
}
