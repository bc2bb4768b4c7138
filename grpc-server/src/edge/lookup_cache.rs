//! A cache of lookups in Postgres: tokens, owners of sheets.
//!
//! A fresh answer is used without a query. A stale one is used while Postgres does not answer, after a
//! short wait. Invariant: the cache never holds more than [`ANSWERS_MOST`] answers.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::timeout;

use store::StoreError;

/// How long an answer is used without a query.
const FRESH: Duration = Duration::from_secs(30);
/// How long a call with a stale answer waits for the query.
const QUERY_WITHIN: Duration = Duration::from_millis(250);
/// How long a stale answer is used without a query after such a wait, so that not each call waits again.
const STALE_USED: Duration = Duration::from_secs(5);
/// Answers in the cache; beyond it, the one that was looked up longest ago is evicted.
const ANSWERS_MOST: usize = 10_000;

/// Answers by the key of the lookup.
#[derive(Debug)]
pub(crate) struct LookupCache<K, V> {
    known: Mutex<HashMap<K, Known<V>>>,
}

#[derive(Debug)]
struct Known<V> {
    answer: V,
    looked_up: Instant,
    /// Until then the answer is used without a query.
    fresh_until: Instant,
}

/// The cached answer for a key.
#[derive(Debug, PartialEq)]
enum Found<V> {
    /// Known, and fresh.
    Fresh(V),
    /// Known, but stale.
    Stale(V),
    /// Not known.
    Nothing,
}

impl<K, V> Default for LookupCache<K, V> {
    fn default() -> Self {
        Self { known: Mutex::default() }
    }
}

impl<K: Hash + Eq + Clone, V: Clone> LookupCache<K, V> {
    fn find(&self, key: &K, now: Instant) -> Found<V> {
        match self.lock().get(key) {
            Some(known) if now < known.fresh_until => Found::Fresh(known.answer.clone()),
            Some(known) => Found::Stale(known.answer.clone()),
            None => Found::Nothing,
        }
    }

    pub(crate) fn remember(&self, key: K, answer: V, now: Instant) {
        let mut known = self.lock();
        if !known.contains_key(&key) && known.len() >= ANSWERS_MOST {
            let oldest = known.iter().min_by_key(|(_, known)| known.looked_up);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                known.remove(&oldest);
            }
        }
        known.insert(key, Known { answer, looked_up: now, fresh_until: now + FRESH });
    }

    /// Uses a stale answer for [`STALE_USED`], because Postgres does not answer.
    fn use_stale(&self, key: &K, now: Instant) {
        if let Some(known) = self.lock().get_mut(key) {
            known.fresh_until = known.fresh_until.max(now + STALE_USED);
        }
    }

    pub(crate) fn forget(&self, key: &K) {
        self.lock().remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Known<V>>> {
        // Every change of the map is a single call, so a poisoned one is whole.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> LookupCache<K, V>
where
    K: Hash + Eq + Clone + Send + 'static,
    V: Clone + Send + 'static,
{
    /// The answer in the cache, or that of Postgres; `None` when there is no such row. With a stale
    /// answer the call waits for the query [`QUERY_WITHIN`] at most; the query continues in a task of its own, so a
    /// slow answer is cached, too.
    ///
    /// # Errors
    /// That of the query, when no answer is known.
    pub(crate) async fn look_up(
        self: &Arc<Self>,
        key: K,
        question: impl Future<Output = Result<Option<V>, StoreError>> + Send + 'static,
    ) -> Result<Option<V>, StoreError> {
        let stale = match self.find(&key, Instant::now()) {
            Found::Fresh(answer) => return Ok(Some(answer)),
            Found::Nothing => return self.learn(key, question.await),
            Found::Stale(answer) => answer,
        };
        let (cache, asked) = (Arc::clone(self), key.clone());
        let asking = tokio::spawn(async move { cache.learn(asked, question.await) });
        match timeout(QUERY_WITHIN, asking).await {
            Ok(Ok(Err(error))) if !error.is_unavailable() => Err(error),
            Ok(Ok(Err(_))) | Err(_) => {
                self.use_stale(&key, Instant::now());
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
        let (cache, now) = (LookupCache::default(), Instant::now());
        cache.remember("key", 7, now);
        assert_eq!(cache.find(&"key", now), Found::Fresh(7));
        assert_eq!(cache.find(&"key", now + FRESH), Found::Stale(7));
        cache.forget(&"key");
        assert_eq!(cache.find(&"key", now), Found::Nothing);
    }

    #[test]
    fn a_stale_answer_that_could_not_be_checked_is_good_for_a_moment() {
        let (cache, now) = (LookupCache::default(), Instant::now());
        cache.remember("key", 7, now);
        let later = now + FRESH;
        cache.use_stale(&"key", later);
        assert_eq!(cache.find(&"key", later), Found::Fresh(7));
        assert_eq!(cache.find(&"key", later + STALE_USED), Found::Stale(7));
        cache.use_stale(&"other", later);
        assert_eq!(cache.find(&"other", later), Found::Nothing);
    }

    type Question = Result<Option<u8>, StoreError>;

    /// Remembers 7 as stale.
    fn stale() -> Arc<LookupCache<&'static str, u8>> {
        let cache = Arc::new(LookupCache::default());
        cache.remember("key", 7, Instant::now());
        cache.lock().values_mut().for_each(|known| known.fresh_until = known.looked_up);
        cache
    }

    #[tokio::test(start_paused = true)]
    async fn a_known_key_does_not_wait_long() {
        let silence = || std::future::pending::<Question>();
        let cache = stale();
        assert_eq!(cache.look_up("key", silence()).await.ok(), Some(Some(7)));
        let waits = timeout(QUERY_WITHIN * 100, cache.look_up("other", silence())).await;
        assert!(waits.is_err(), "gave up");
        let away = || async { Question::Err(StoreError::Unavailable("away".into())) };
        assert_eq!(stale().look_up("key", away()).await.ok(), Some(Some(7)));
        assert!(cache.look_up("other", away()).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_answer_is_cached_all_the_same() {
        let cache = stale();
        let (answer, answered) = tokio::sync::oneshot::channel();
        let slow = async move { Ok(answered.await.ok()) };
        assert_eq!(cache.look_up("key", slow).await.ok(), Some(Some(7)));
        answer.send(8).expect("is waited for");
        while cache.find(&"key", Instant::now()) != Found::Fresh(8) {
            tokio::task::yield_now().await;
        }
        let cache = stale();
        assert_eq!(cache.look_up("key", async { Ok(None) }).await.ok(), Some(None));
        assert_eq!(cache.find(&"key", Instant::now()), Found::Nothing);
    }

    #[test]
    fn it_is_bounded() {
        let (cache, start) = (LookupCache::default(), Instant::now());
        for key in 0..=ANSWERS_MOST {
            cache.remember(key, (), start + Duration::from_millis(key as u64));
        }
        assert_eq!(cache.lock().len(), ANSWERS_MOST);
        assert_eq!(cache.find(&0, start), Found::Nothing);
    }
}
