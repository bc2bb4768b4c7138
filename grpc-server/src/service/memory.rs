//! A short memory of what was looked up in Postgres: tokens, owners of sheets.
//!
//! What is fresh need not be asked again; what is stale is good for as long as nobody can be asked.
//! Invariant: it never holds more than [`REMEMBERED`] answers.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long an answer is taken as known.
const FRESH: Duration = Duration::from_secs(30);
/// Answers remembered; past it, the one that was looked up longest ago is forgotten.
const REMEMBERED: usize = 10_000;

/// Answers by what was asked.
#[derive(Debug)]
pub(super) struct Memory<K, V> {
    known: Mutex<HashMap<K, Known<V>>>,
}

#[derive(Debug)]
struct Known<V> {
    answer: V,
    looked_up: Instant,
}

/// What the memory can say.
#[derive(Debug, PartialEq)]
pub(super) enum Found<V> {
    /// Known well enough.
    Fresh(V),
    /// Known a while ago.
    Stale(V),
    /// Not known.
    Nothing,
}

impl<K, V> Default for Memory<K, V> {
    fn default() -> Self {
        Self { known: Mutex::default() }
    }
}

impl<K: Hash + Eq + Clone, V: Clone> Memory<K, V> {
    pub(super) fn find(&self, key: &K, now: Instant) -> Found<V> {
        match self.lock().get(key) {
            Some(known) if now.saturating_duration_since(known.looked_up) < FRESH => {
                Found::Fresh(known.answer.clone())
            }
            Some(known) => Found::Stale(known.answer.clone()),
            None => Found::Nothing,
        }
    }

    pub(super) fn remember(&self, key: K, answer: V, now: Instant) {
        let mut known = self.lock();
        if !known.contains_key(&key) && known.len() >= REMEMBERED {
            let oldest = known.iter().min_by_key(|(_, known)| known.looked_up);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                known.remove(&oldest);
            }
        }
        known.insert(key, Known { answer, looked_up: now });
    }

    pub(super) fn forget(&self, key: &K) {
        self.lock().remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Known<V>>> {
        // Every change of the map is a single call, so a poisoned one is whole.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_fresh_then_stale_then_forgotten() {
        let (memory, now) = (Memory::default(), Instant::now());
        memory.remember("key", 7, now);
        assert_eq!(memory.find(&"key", now), Found::Fresh(7));
        assert_eq!(memory.find(&"key", now + FRESH), Found::Stale(7));
        memory.forget(&"key");
        assert_eq!(memory.find(&"key", now), Found::Nothing);
    }

    #[test]
    fn it_is_bounded() {
        let (memory, start) = (Memory::default(), Instant::now());
        for key in 0..=REMEMBERED {
            memory.remember(key, (), start + Duration::from_millis(key as u64));
        }
        assert_eq!(memory.lock().len(), REMEMBERED);
        assert_eq!(memory.find(&0, start), Found::Nothing);
    }
}
