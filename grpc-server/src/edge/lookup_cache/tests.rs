//! The cache: fresh and stale answers, slow queries, and keys that are forgotten while a query runs.

use std::future::ready;

use tokio::sync::oneshot;

use super::*;

impl Key for &str {
    type Group = Self;

    fn group(&self) -> &Self {
        self
    }
}

impl Key for usize {
    type Group = Self;

    fn group(&self) -> &Self {
        self
    }
}

impl Key for (u8, u8) {
    type Group = u8;

    fn group(&self) -> &u8 {
        &self.0
    }
}

#[test]
fn the_answers_of_a_group_are_forgotten_together() {
    let (cache, now) = (LookupCache::new(Tasks::new()), Instant::now());
    for key in [(1, 1), (1, 2), (2, 1)] {
        cache.remember(key, key.1, now);
    }
    let (_, asked) = cache.find(&(1, 3), now);
    cache.forget(&1);
    assert_eq!(cache.find(&(1, 1), now).0, Found::Nothing);
    assert_eq!(cache.find(&(1, 2), now).0, Found::Nothing);
    assert_eq!(cache.find(&(2, 1), now).0, Found::Fresh(1));
    assert!(!cache.learn(&(1, 3), asked, Some(&3), now), "was asked before");
    let (_, asked) = cache.find(&(1, 3), now);
    assert!(cache.learn(&(1, 3), asked, Some(&3), now));
    assert_eq!(cache.find(&(1, 3), now).0, Found::Fresh(3));
}

type Question = Result<Option<u8>, StoreError>;

/// Remembers 7 as stale.
fn stale() -> Arc<LookupCache<&'static str, u8>> {
    let cache = Arc::new(LookupCache::new(Tasks::new()));
    cache.remember("key", 7, Instant::now());
    let mut state = cache.lock();
    state.known.get(&"key").expect("is known").fresh_until = Instant::now();
    drop(state);
    cache
}

fn find<V: Clone>(
    cache: &LookupCache<&'static str, V>,
    key: &'static str,
    now: Instant,
) -> Found<V> {
    cache.find(&key, now).0
}

#[test]
fn an_answer_is_fresh_then_stale_then_forgotten() {
    let (cache, now) = (LookupCache::new(Tasks::new()), Instant::now());
    cache.remember("key", 7, now);
    assert_eq!(find(&cache, "key", now), Found::Fresh(7));
    assert_eq!(find(&cache, "key", now + FRESH), Found::Stale(7));
    cache.doubt_all();
    assert_eq!(find(&cache, "key", now), Found::Stale(7));
    cache.forget(&"key");
    assert_eq!(find(&cache, "key", now), Found::Nothing);
}

#[test]
fn a_stale_answer_that_could_not_be_checked_is_good_for_a_moment() {
    let (cache, now) = (LookupCache::new(Tasks::new()), Instant::now());
    cache.remember("key", 7, now);
    let (later, asked) = (now + FRESH, Asked(0));
    assert!(cache.use_stale(&"key", asked, later));
    assert_eq!(find(&cache, "key", later), Found::Fresh(7));
    assert_eq!(find(&cache, "key", later + STALE_USED), Found::Stale(7));
    assert!(cache.use_stale(&"other", asked, later));
    assert_eq!(find(&cache, "other", later), Found::Nothing);
}

#[tokio::test(start_paused = true)]
async fn a_known_key_does_not_wait_long() {
    let silence = std::future::pending::<Question>;
    let cache = stale();
    assert_eq!(cache.look_up("key", silence).await.ok(), Some(Some(7)));
    let waits = timeout(QUERY_WITHIN * 100, cache.look_up("other", silence)).await;
    assert!(waits.is_err(), "gave up");
    let away = || ready(Question::Err(StoreError::Unavailable("away".into())));
    assert_eq!(stale().look_up("key", away).await.ok(), Some(Some(7)));
    assert!(cache.look_up("other", away).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_is_cached_all_the_same() {
    let cache = stale();
    let (answer, answered) = oneshot::channel();
    let answered = Mutex::new(Some(answered));
    let slow = || {
        let answered = answered.lock().expect("whole").take();
        async move { Ok(answered.expect("is asked once").await.ok()) }
    };
    assert_eq!(cache.look_up("key", slow).await.ok(), Some(Some(7)));
    answer.send(8).expect("is waited for");
    while find(&cache, "key", Instant::now()) != Found::Fresh(8) {
        tokio::task::yield_now().await;
    }
    let cache = stale();
    assert_eq!(cache.look_up("key", || ready(Ok(None))).await.ok(), Some(None));
    assert_eq!(find(&cache, "key", Instant::now()), Found::Nothing);
}

/// Asks, forgets the key while the query runs, and gives the query the answer of before.
async fn forgotten_meanwhile(cache: Arc<LookupCache<&'static str, u8>>, others: usize) {
    let (started, running) = oneshot::channel();
    let (answer, answered) = oneshot::channel();
    let first = Mutex::new(Some((started, answered)));
    let asking = tokio::spawn({
        let cache = cache.clone();
        async move {
            let question = || {
                let first = first.lock().expect("whole").take();
                async move {
                    // The second query finds the row deleted.
                    let Some((started, answered)) = first else { return Ok(None) };
                    started.send(()).expect("is waited for");
                    Ok(answered.await.ok())
                }
            };
            cache.look_up("key", question).await.ok()
        }
    });
    running.await.expect("the query runs");
    cache.forget(&"key");
    for other in 0..others {
        let other: &str = Box::leak(other.to_string().into_boxed_str());
        cache.forget(&other);
    }
    // The query of a stale answer has gone on in its own task.
    let _ = answer.send(7);
    assert_eq!(asking.await.expect("continues"), Some(None), "after {others} others");
    assert_eq!(find(&cache, "key", Instant::now()), Found::Nothing);
}

#[tokio::test(start_paused = true)]
async fn what_was_forgotten_does_not_come_back_with_an_earlier_query() {
    // Also when the notes about forgotten keys have been evicted meanwhile.
    for others in [0, 1, ANSWERS_MOST / 2, ANSWERS_MOST * 2] {
        forgotten_meanwhile(Arc::new(LookupCache::new(Tasks::new())), others).await;
        forgotten_meanwhile(stale(), others).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_postgres_does_not_extend_a_forgotten_answer() {
    let cache = stale();
    let asking = cache.look_up("key", std::future::pending::<Question>);
    let forgetting = async {
        tokio::task::yield_now().await;
        cache.forget(&"key");
        std::future::pending::<()>().await;
    };
    tokio::select! {
        answer = asking => panic!("{answer:?}"),
        () = forgetting => {}
        () = tokio::time::sleep(QUERY_WITHIN * 10) => {}
    }
}

#[test]
fn it_is_bounded() {
    let (cache, start) = (LookupCache::new(Tasks::new()), Instant::now());
    for key in 0..=ANSWERS_MOST {
        cache.remember(key, (), start);
    }
    let held = (0..=ANSWERS_MOST).filter(|key| cache.has(key)).count();
    assert!((ANSWERS_MOST / 2..=ANSWERS_MOST).contains(&held), "{held}");
    assert!(!cache.has(&0));
    for key in 0..=ANSWERS_MOST {
        cache.forget(&key);
    }
    assert_eq!(cache.lock().forgotten.count, ANSWERS_MOST as u64 + 1);
}
