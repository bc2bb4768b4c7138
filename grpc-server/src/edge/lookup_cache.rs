//! A cache of lookups in Postgres: tokens, owners of sheets.
//!
//! A fresh answer is used without a query. A stale one is used while Postgres does not answer, after a
//! short wait. Invariants: the cache never holds more than [`ANSWERS_MOST`] answers, and after
//! [`LookupCache::forget`] no call uses the answer to an earlier query. No operation walks over the answers.

mod generations;

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tasks::Tasks;
use tokio::time::timeout;

use self::generations::Generations;
use store::StoreError;

/// How long an answer is used without a query.
const FRESH: Duration = Duration::from_secs(30);
/// How long a call with a stale answer waits for the query.
const QUERY_WITHIN: Duration = Duration::from_millis(250);
/// How long a stale answer is used without a query after such a wait, so that not each call waits again.
const STALE_USED: Duration = Duration::from_secs(5);
/// Answers in the cache; beyond it, those that were not used for longest are evicted.
const ANSWERS_MOST: usize = 10_000;

/// The key of a lookup. The answers of a group are forgotten together.
pub(crate) trait Key: Hash + Eq + Clone {
    /// What is forgotten.
    type Group: Hash + Eq + Clone + std::fmt::Debug;

    /// The group of this key.
    fn group(&self) -> &Self::Group;
}

/// Answers by the key of the lookup.
#[derive(Debug)]
pub(crate) struct LookupCache<K: Key, V> {
    state: Mutex<State<K, V>>,
    /// The owner of queries that no caller waits for.
    tasks: Tasks,
}

#[derive(Debug)]
struct State<K: Key, V> {
    known: Generations<K, Known<V>>,
    forgotten: Forgotten<K::Group>,
    /// How often all answers were doubted.
    doubts: u64,
}

#[derive(Clone, Debug)]
struct Known<V> {
    answer: V,
    /// The moment before its query.
    asked: Asked,
    /// Until then the answer is used without a query.
    fresh_until: Instant,
    /// The doubts that were there before the answer.
    doubts: u64,
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

/// The moment of a query, before it was sent: how often a group had been forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked(u64);

/// The groups that were forgotten, and when. The answer to an earlier query must not come back.
#[derive(Debug)]
pub(crate) struct Forgotten<K> {
    keys: Generations<K, u64>,
    count: u64,
    /// The count when `keys` began its young generation.
    young_since: u64,
    /// For a key that `keys` does not hold: it may have been forgotten up to here.
    up_to: u64,
}

impl<K: Hash + Eq + Clone> Default for Forgotten<K> {
    fn default() -> Self {
        Self { keys: Generations::new(ANSWERS_MOST), count: 0, young_since: 0, up_to: 0 }
    }
}

impl<K: Hash + Eq + Clone> Forgotten<K> {
    /// The moment of a query that begins now.
    pub(crate) fn now(&self) -> Asked {
        Asked(self.count)
    }

    /// Notes a key. Returns notes to be freed.
    pub(crate) fn add(&mut self, key: K) -> Option<HashMap<K, u64>> {
        self.count += 1;
        let evicted = self.keys.insert(key, self.count);
        if evicted.is_some() {
            self.up_to = self.young_since;
            self.young_since = self.count;
        }
        evicted
    }

    /// Whether a key may have been forgotten since a query.
    pub(crate) fn since(&mut self, key: &K, asked: Asked) -> bool {
        self.keys.get(key).map_or(self.up_to, |at| *at) > asked.0
    }
}

impl<K: Key, V: Clone> LookupCache<K, V> {
    /// A cache without answers. The tasks are those of its queries.
    pub(crate) fn new(tasks: Tasks) -> Self {
        let known = Generations::new(ANSWERS_MOST);
        let state = State { known, forgotten: Forgotten::default(), doubts: 0 };
        Self { state: Mutex::new(state), tasks }
    }

    fn find(&self, key: &K, now: Instant) -> (Found<V>, Asked) {
        let mut state = self.lock();
        let State { known, forgotten, doubts } = &mut *state;
        let doubts = *doubts;
        let mut is_valid = |known: &Known<V>| !forgotten.since(key.group(), known.asked);
        let found = match known.get(key).map(|known| &*known).filter(|known| is_valid(known)) {
            Some(known) if now < known.fresh_until && known.doubts == doubts => {
                Found::Fresh(known.answer.clone())
            }
            Some(known) => Found::Stale(known.answer.clone()),
            None => Found::Nothing,
        };
        (found, state.forgotten.now())
    }

    /// The answer that is known, fresh or not.
    pub(crate) fn known(&self, key: &K) -> Option<V> {
        match self.find(key, Instant::now()).0 {
            Found::Fresh(answer) | Found::Stale(answer) => Some(answer),
            Found::Nothing => None,
        }
    }

    /// Whether an answer is known, fresh or not.
    pub(crate) fn has(&self, key: &K) -> bool {
        self.known(key).is_some()
    }

    #[cfg(test)]
    pub(crate) fn remember(&self, key: K, answer: V, now: Instant) {
        let mut state = self.lock();
        let (asked, doubts) = (state.forgotten.now(), state.doubts);
        let known = Known { answer, asked, fresh_until: now + FRESH, doubts };
        let evicted = state.known.insert(key, known);
        drop(state);
        drop(evicted);
    }

    /// Uses a stale answer for [`STALE_USED`], because Postgres does not answer. False when it was forgotten
    /// since the query.
    fn use_stale(&self, key: &K, asked: Asked, now: Instant) -> bool {
        let mut state = self.lock();
        if state.forgotten.since(key.group(), asked) {
            return false;
        }
        let doubts = state.doubts;
        if let Some(known) = state.known.get(key) {
            known.doubts = doubts;
            known.fresh_until = known.fresh_until.max(now + STALE_USED);
        }
        true
    }

    /// Forgets the answers for a group, also those that are on their way.
    pub(crate) fn forget(&self, group: &K::Group) {
        let mut state = self.lock();
        let evicted = state.forgotten.add(group.clone());
        drop(state);
        drop(evicted);
    }

    /// Makes all answers stale.
    pub(crate) fn doubt_all(&self) {
        self.lock().doubts += 1;
    }

    /// The moment of a query or a change that begins now.
    pub(crate) fn asked(&self) -> Asked {
        self.lock().forgotten.now()
    }

    /// Caches the answer to a query; false when its group was forgotten since.
    pub(crate) fn learn(&self, key: &K, asked: Asked, answer: Option<&V>, now: Instant) -> bool {
        let mut state = self.lock();
        if state.forgotten.since(key.group(), asked) {
            return false;
        }
        let evicted = match answer {
            Some(answer) => {
                let (answer, doubts) = (answer.clone(), state.doubts);
                let known = Known { answer, asked, fresh_until: now + FRESH, doubts };
                state.known.insert(key.clone(), known)
            }
            None => {
                state.known.remove(key);
                None
            }
        };
        drop(state);
        drop(evicted);
        true
    }

    fn lock(&self) -> MutexGuard<'_, State<K, V>> {
        // A poisoned state is whole up to its last change, and the next lookup makes up for that one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> LookupCache<K, V>
where
    K: Key<Group: Send> + Send + Sync + 'static,
    V: Clone + Send + 'static,
{
    /// The answer in the cache, or that of Postgres; `None` when there is no such row. With a stale
    /// answer the call waits for the query [`QUERY_WITHIN`] at most; the query continues in a task of its own, so a
    /// slow answer is cached, too. A query during which the group of its key is forgotten is made again.
    ///
    /// # Errors
    /// That of the query, when no answer is known.
    pub(crate) async fn look_up<Q>(
        self: &Arc<Self>,
        key: K,
        question: impl Fn() -> Q,
    ) -> Result<Option<V>, StoreError>
    where
        Q: Future<Output = Result<Option<V>, StoreError>> + Send + 'static,
    {
        loop {
            let (found, asked) = self.find(&key, Instant::now());
            let answer = match found {
                Found::Fresh(answer) => return Ok(Some(answer)),
                Found::Nothing => self.ask(&key, asked, question()).await?,
                Found::Stale(stale) => self.ask_beside(&key, asked, question(), stale).await?,
            };
            if let Answered::InTime(answer) = answer {
                return Ok(answer);
            }
        }
    }

    async fn ask(
        &self,
        key: &K,
        asked: Asked,
        question: impl Future<Output = Result<Option<V>, StoreError>>,
    ) -> Result<Answered<V>, StoreError> {
        let answer = question.await?;
        let is_learnt = self.learn(key, asked, answer.as_ref(), Instant::now());
        Ok(if is_learnt { Answered::InTime(answer) } else { Answered::Outdated })
    }

    async fn ask_beside<Q>(
        self: &Arc<Self>,
        key: &K,
        asked: Asked,
        question: Q,
        stale: V,
    ) -> Result<Answered<V>, StoreError>
    where
        Q: Future<Output = Result<Option<V>, StoreError>> + Send + 'static,
    {
        let (cache, of) = (Arc::clone(self), key.clone());
        let asking = self.tasks.spawn(async move { cache.ask(&of, asked, question).await });
        match timeout(QUERY_WITHIN, asking).await {
            Ok(Ok(Err(error))) if !error.is_unavailable() => Err(error),
            Ok(Ok(Err(_))) | Err(_) => match self.use_stale(key, asked, Instant::now()) {
                true => Ok(Answered::InTime(Some(stale))),
                false => Ok(Answered::Outdated),
            },
            Ok(Ok(answer)) => answer,
            Ok(Err(panic)) => Err(StoreError::Internal(panic.to_string())),
        }
    }
}

/// The answer to a query.
#[derive(Debug)]
enum Answered<V> {
    /// It may be used.
    InTime(Option<V>),
    /// The group was forgotten since the query.
    Outdated,
}

#[cfg(test)]
mod tests;
