//! A short memory of what was looked up in Postgres: tokens, owners of sheets.
//!
//! What is fresh need not be asked again; what is stale is good for as long as nobody can be asked,
//! and who is known does not wait long to find that out. Invariant: it never holds more than [`REMEMBERED`] answers.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::timeout;

use store::StoreError;

/// How long an answer is taken as known.
const FRESH: Duration = Duration::from_secs(30);
/// How long Postgres has to answer a question to which a stale answer is known.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long a stale answer is taken as known after that, so that not everybody waits again.
const EXCUSED: Duration = Duration::from_secs(5);
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
    /// Until then nobody needs to be asked.
    fresh_until: Instant,
}

/// What the memory can say.
#[derive(Debug, PartialEq)]
enum Found<V> {
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
    fn find(&self, key: &K, now: Instant) -> Found<V> {
        match self.lock().get(key) {
            Some(known) if now < known.fresh_until => Found::Fresh(known.answer.clone()),
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
        known.insert(key, Known { answer, looked_up: now, fresh_until: now + FRESH });
    }

    /// Nobody answers: what is known is good for a moment.
    fn excuse(&self, key: &K, now: Instant) {
        if let Some(known) = self.lock().get_mut(key) {
            known.fresh_until = known.fresh_until.max(now + EXCUSED);
        }
    }

    pub(super) fn forget(&self, key: &K) {
        self.lock().remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Known<V>>> {
        // Every change of the map is a single call, so a poisoned one is whole.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> Memory<K, V>
where
    K: Hash + Eq + Clone + Send + 'static,
    V: Clone + Send + 'static,
{
    /// What is known, after asking Postgres where it should be asked; `None` when there is no such
    /// thing. Where a stale answer is known the question is waited for a moment only, but it goes on
    /// by itself, so that a slow answer is learnt, too.
    ///
    /// # Errors
    /// What the question comes to, where nothing is known.
    pub(super) async fn look_up(
        self: &Arc<Self>,
        key: K,
        question: impl Future<Output = Result<Option<V>, StoreError>> + Send + 'static,
    ) -> Result<Option<V>, StoreError> {
        let stale = match self.find(&key, Instant::now()) {
            Found::Fresh(answer) => return Ok(Some(answer)),
            Found::Nothing => return self.learn(key, question.await),
            Found::Stale(answer) => answer,
        };
        let (memory, asked) = (Arc::clone(self), key.clone());
        let asking = tokio::spawn(async move { memory.learn(asked, question.await) });
        match timeout(PATIENCE, asking).await {
            Ok(Ok(Err(error))) if !error.is_unavailable() => Err(error),
            Ok(Ok(Err(_))) | Err(_) => {
                self.excuse(&key, Instant::now());
                Ok(Some(stale))
            }
            Ok(Ok(answer)) => answer,
            Ok(Err(panic)) => Err(StoreError::Internal(panic.to_string())),
        }
    }

    fn learn(
        &self,
        key: K,
        answer: Result<Option<V>, StoreError>,
    ) -> Result<Option<V>, StoreError> {
        match &answer {
            Ok(Some(known)) => self.remember(key, known.clone(), Instant::now()),
            Ok(None) => self.forget(&key),
            Err(_) => {}
        }
        answer
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
    fn a_stale_answer_that_could_not_be_checked_is_good_for_a_moment() {
        let (memory, now) = (Memory::default(), Instant::now());
        memory.remember("key", 7, now);
        let later = now + FRESH;
        memory.excuse(&"key", later);
        assert_eq!(memory.find(&"key", later), Found::Fresh(7));
        assert_eq!(memory.find(&"key", later + EXCUSED), Found::Stale(7));
        memory.excuse(&"other", later);
        assert_eq!(memory.find(&"other", later), Found::Nothing);
    }

    type Question = Result<Option<u8>, StoreError>;

    /// Remembers 7 as stale.
    fn stale() -> Arc<Memory<&'static str, u8>> {
        let memory = Arc::new(Memory::default());
        memory.remember("key", 7, Instant::now());
        memory.lock().values_mut().for_each(|known| known.fresh_until = known.looked_up);
        memory
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_known_does_not_wait_long() {
        let silence = || std::future::pending::<Question>();
        let memory = stale();
        assert_eq!(memory.look_up("key", silence()).await.ok(), Some(Some(7)));
        let waits = timeout(PATIENCE * 100, memory.look_up("other", silence())).await;
        assert!(waits.is_err(), "gave up");
        let away = || async { Question::Err(StoreError::Unavailable("away".into())) };
        assert_eq!(stale().look_up("key", away()).await.ok(), Some(Some(7)));
        assert!(memory.look_up("other", away()).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_answer_is_learnt_all_the_same() {
        let memory = stale();
        let (answer, answered) = tokio::sync::oneshot::channel();
        let slow = async move { Ok(answered.await.ok()) };
        assert_eq!(memory.look_up("key", slow).await.ok(), Some(Some(7)));
        answer.send(8).expect("is waited for");
        while memory.find(&"key", Instant::now()) != Found::Fresh(8) {
            tokio::task::yield_now().await;
        }
        let memory = stale();
        assert_eq!(memory.look_up("key", async { Ok(None) }).await.ok(), Some(None));
        assert_eq!(memory.find(&"key", Instant::now()), Found::Nothing);
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
