//! The accounts whose sheets are to be measured, and the callers that wait for that.
//!
//! Not the measurements (`measuring`). Invariant: accounts take turns.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::timeout;

use model::AccountId;

/// The accounts whose sheets are to be measured.
#[derive(Debug)]
pub(super) struct Measures {
    asked: Mutex<VecDeque<AccountId>>,
    wake: Notify,
    /// Counts the accounts that are done.
    done: watch::Sender<u64>,
}

impl Measures {
    pub(super) fn new() -> Self {
        Self { asked: Mutex::default(), wake: Notify::new(), done: watch::Sender::new(0) }
    }

    /// Asks for measurements of the sheets of an account.
    pub(super) fn ask(&self, account: AccountId) {
        let mut asked = self.lock();
        if !asked.contains(&account) {
            asked.push_back(account);
        }
        drop(asked);
        self.wake.notify_one();
    }

    /// Waits until the sheets of an account are measured, at most for a time.
    pub(super) async fn finished(&self, account: AccountId, at_most: Duration) {
        let mut done = self.done.subscribe();
        let finished = done.wait_for(|_| !self.lock().contains(&account));
        // After that time the counts decide.
        let _ = timeout(at_most, finished).await;
    }

    /// Waits until an account is asked for.
    pub(super) async fn woken(&self) {
        self.wake.notified().await;
    }

    pub(super) fn finish(&self, account: AccountId) {
        self.lock().retain(|asked| *asked != account);
        self.done.send_modify(|done| *done += 1);
    }

    /// The account whose turn it is; its next turn comes after those of the others.
    pub(super) fn next(&self) -> Option<AccountId> {
        let mut asked = self.lock();
        let next = asked.pop_front();
        asked.extend(next);
        next
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<AccountId>> {
        // Each change of the list is one call, so a poisoned list is whole.
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;
    use uuid::Uuid;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn accounts_take_turns_and_callers_wait_for_their_own_and_not_long() {
        let measures = Measures::new();
        let accounts = [1, 2].map(|id| AccountId(Uuid::from_u128(id)));
        for account in [0, 0, 1] {
            measures.ask(accounts[account]);
        }
        let turns: Vec<_> = std::iter::repeat_with(|| measures.next()).take(3).collect();
        assert_eq!(turns, [0, 1, 0].map(|at| Some(accounts[at])));
        let begun = Instant::now();
        measures.finished(accounts[0], Duration::from_secs(1)).await;
        assert_eq!(begun.elapsed(), Duration::from_secs(1));
        measures.finish(accounts[1]);
        measures.finished(accounts[1], Duration::from_secs(1)).await;
        assert_eq!(begun.elapsed(), Duration::from_secs(1));
    }
}
