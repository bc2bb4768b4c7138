//! Turns of sign-ins from known networks whose attempts are used up: one at a time for each address and network.
//!
//! Not the count of attempts. Invariants: a sign-in waits for a bounded number of others; a pair without a waiting sign-in
//! takes no memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;

use model::limits::edge::{PAIR_SIGN_IN_WAIT, PAIR_SIGN_INS_WAITING};

/// A keyed hash of an address and a network.
type Pair = [u8; 32];

/// The turns of all pairs at this node.
#[derive(Debug, Default)]
pub(super) struct KnownTurns(Mutex<HashMap<Pair, Arc<Semaphore>>>);

impl KnownTurns {
    /// Waits for a turn, and for the time that a turn takes. False: as many wait as may.
    pub(super) async fn wait(&self, pair: Pair) -> bool {
        let Some(place) = self.place(pair) else { return false };
        let Some(turn) = &place.turn else { return false };
        // The semaphore is never closed.
        let turn = turn.acquire().await;
        tokio::time::sleep(PAIR_SIGN_IN_WAIT).await;
        turn.is_ok()
    }

    fn place(&self, pair: Pair) -> Option<Place<'_>> {
        let mut turns = self.turns();
        let turn = turns.entry(pair).or_insert_with(|| Arc::new(Semaphore::new(1)));
        // The table has one reference.
        if Arc::strong_count(turn) > PAIR_SIGN_INS_WAITING {
            return None;
        }
        Some(Place { turns: self, pair, turn: Some(Arc::clone(turn)) })
    }

    fn turns(&self) -> MutexGuard<'_, HashMap<Pair, Arc<Semaphore>>> {
        // After a panic elsewhere the table is still valid.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A sign-in that waits.
struct Place<'a> {
    turns: &'a KnownTurns,
    pair: Pair,
    /// Until it is dropped.
    turn: Option<Arc<Semaphore>>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut turns = self.turns.turns();
        // Under the lock, so that the last of several sees that it is the last.
        self.turn = None;
        if turns.get(&self.pair).is_some_and(|turn| Arc::strong_count(turn) == 1) {
            turns.remove(&self.pair);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn sign_ins_of_one_pair_take_turns_and_too_many_are_refused() {
        let turns = KnownTurns::default();
        let begun = Instant::now();
        let waited = join_all((0..PAIR_SIGN_INS_WAITING + 2).map(|_| turns.wait([1; 32])));
        let (waited, other) = tokio::join!(waited, async {
            turns.wait([2; 32]).await;
            begun.elapsed()
        });
        assert_eq!(waited.iter().filter(|it| **it).count(), PAIR_SIGN_INS_WAITING);
        assert!(begun.elapsed() >= PAIR_SIGN_IN_WAIT * PAIR_SIGN_INS_WAITING as u32);
        assert!(other < PAIR_SIGN_IN_WAIT * 2, "another pair waits for its own turn alone");
        assert!(turns.turns().is_empty());
    }
}
