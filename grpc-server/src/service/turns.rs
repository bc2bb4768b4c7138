//! Turns of a server that accounts share: each account has a part of them, and waits for its own part first.
//!
//! Not here: the work that a turn is for. Invariants: a caller that waits for its own account holds no turn of the
//! server, so accounts have their turns one after the other; for each caller that waits at most one holder is asked to
//! end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use model::AccountId;
use model::budget::PerAccount;

/// The turns.
#[derive(Debug)]
pub(super) struct Turns {
    accounts: PerAccount<Lane>,
    server: Arc<Lane>,
}

/// A turn, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    of_account: Held,
    of_server: Held,
}

/// Turns with one queue: those of an account, or of the server.
#[derive(Debug)]
struct Lane {
    free: Arc<Semaphore>,
    queue: watch::Sender<Queue>,
}

/// The callers that wait for a turn, and the turns that they are about to have.
#[derive(Clone, Copy, Debug, Default)]
struct Queue {
    waiting: usize,
    /// The holders that end for one of them.
    ending: usize,
    /// The turns that are free for callers that have not taken them yet.
    passing: usize,
}

/// A turn of one lane, until it is dropped.
#[derive(Debug)]
struct Held {
    permit: Option<OwnedSemaphorePermit>,
    lane: Arc<Lane>,
    ends: AtomicBool,
}

/// A caller in the queue, until it has its turn or leaves.
struct Waiting<'a> {
    queue: &'a watch::Sender<Queue>,
    has_turn: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.queue.send_modify(|queue| {
            queue.waiting -= 1;
            queue.passing = queue.passing.saturating_sub(usize::from(self.has_turn));
            // A caller that leaves with a turn that is free for it leaves the turn to the next one.
            queue.passing = queue.passing.min(queue.waiting);
        });
    }
}

impl Lane {
    fn new(turns: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(turns)), queue: watch::Sender::default() }
    }

    /// Waits for a turn. `None`: never, as no semaphore is closed.
    async fn turn(self: Arc<Self>) -> Option<Held> {
        let free = Arc::clone(&self.free);
        if let Ok(permit) = Arc::clone(&free).try_acquire_owned() {
            // It may be the turn of a caller that has not entered the queue of the semaphore yet.
            self.queue.send_if_modified(|queue| {
                let was_passing = queue.passing > 0;
                queue.passing -= usize::from(was_passing);
                was_passing
            });
            return Some(Held::new(permit, self));
        }
        self.queue.send_modify(|queue| queue.waiting += 1);
        let mut waiting = Waiting { queue: &self.queue, has_turn: false };
        let permit = free.acquire_owned().await.ok()?;
        waiting.has_turn = true;
        drop(waiting);
        Some(Held::new(permit, self))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.lane.queue.send_modify(|queue| {
            queue.ending -= usize::from(*self.ends.get_mut());
            queue.passing = (queue.passing + 1).min(queue.waiting);
        });
        drop(self.permit.take());
    }
}

impl Held {
    fn new(permit: OwnedSemaphorePermit, lane: Arc<Lane>) -> Self {
        Self { permit: Some(permit), lane, ends: AtomicBool::new(false) }
    }

    fn is_wanted(&self) -> bool {
        let mut is_wanted = false;
        self.lane.queue.send_if_modified(|queue| {
            let ends = self.ends.load(Ordering::Relaxed);
            let is_asked = !ends && queue.waiting > queue.ending + queue.passing;
            is_wanted = ends || is_asked;
            self.ends.store(is_wanted, Ordering::Relaxed);
            queue.ending += usize::from(is_asked);
            is_asked
        });
        is_wanted
    }

    async fn wanted(&self) {
        let mut queue = self.lane.queue.subscribe();
        while !self.is_wanted() {
            // The sender is in `self`.
            let _ = queue.changed().await;
        }
    }
}

impl Turns {
    /// So many turns of a server, and of each account.
    pub(super) fn new(of_server: usize, of_account: usize) -> Self {
        let accounts = PerAccount::new(of_account, Lane::new);
        Self { accounts, server: Arc::new(Lane::new(of_server)) }
    }

    /// Waits for a turn of the account, then for one of the server. `None`: never, as no semaphore is closed.
    pub(super) async fn turn(&self, account: AccountId) -> Option<Turn> {
        let of_account = self.accounts.of(account).turn().await?;
        let of_server = Arc::clone(&self.server).turn().await?;
        Some(Turn { of_account, of_server })
    }
}

impl Turn {
    /// Resolves when a caller waits for which no other holder ends. The holder must end then. Safe to cancel.
    pub(super) async fn wanted(&self) {
        self.of_server.wanted().await;
    }

    /// Whether such a caller waits now. The holder must end then.
    pub(super) fn is_wanted(&self) -> bool {
        self.of_server.is_wanted()
    }

    /// The same as [`Self::wanted`] for a caller of the holder's own account that waits for a turn of the account.
    pub(super) async fn wanted_by_own(&self) {
        self.of_account.wanted().await;
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::Poll;

    use futures_util::poll;
    use uuid::Uuid;

    use super::*;

    fn account(number: u128) -> AccountId {
        AccountId(Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn an_account_waits_for_its_own_turns_and_leaves_those_of_the_others() {
        let turns = Turns::new(4, 1);
        let held = turns.turn(account(1)).await.expect("is free");
        let mut further: Vec<_> = (0..20).map(|_| Box::pin(turns.turn(account(1)))).collect();
        for turn in &mut further {
            assert!(poll!(turn).is_pending(), "one turn of an account");
        }
        let mut others = Vec::new();
        for number in 2..=4 {
            others.push(turns.turn(account(number)).await.expect("is free"));
        }
        // Two accounts want the last turn, one of them many times: each has its turn.
        let mut fifth = pin!(turns.turn(account(5)));
        assert!(poll!(&mut fifth).is_pending());
        drop(held);
        assert!(poll!(&mut further[0]).is_pending(), "the other account waits longer");
        assert!(poll!(&mut fifth).is_ready());
        others.clear();
        assert!(poll!(&mut further[0]).is_ready());
    }

    #[tokio::test]
    async fn for_each_waiting_caller_one_holder_ends() {
        let turns = Turns::new(2, 2);
        let first = turns.turn(account(1)).await.expect("is free");
        let second = turns.turn(account(1)).await.expect("is free");
        let (mut ends, mut stays) = (Box::pin(first.wanted()), Box::pin(second.wanted()));
        assert!(poll!(&mut ends).is_pending() && poll!(&mut stays).is_pending());
        let mut waits = Box::pin(turns.turn(account(2)));
        assert!(poll!(&mut waits).is_pending());
        assert!(poll!(&mut ends).is_ready());
        assert!(poll!(&mut stays).is_pending(), "one holder ends for one caller");
        drop(ends);
        drop(first);
        assert!(poll!(&mut stays).is_pending(), "the caller has not taken its turn yet");
        let Poll::Ready(Some(_taken)) = poll!(&mut waits) else { panic!("a turn is free") };
        assert!(poll!(&mut stays).is_pending());
        // A caller that leaves the queue asks for nothing more.
        let mut leaves = Box::pin(turns.turn(account(3)));
        assert!(poll!(&mut leaves).is_pending());
        drop(leaves);
        assert!(poll!(&mut stays).is_pending());
        let mut third = Box::pin(turns.turn(account(3)));
        assert!(poll!(&mut third).is_pending());
        assert!(poll!(&mut stays).is_ready());
    }

    #[tokio::test]
    async fn a_turn_that_ends_alone_costs_no_other_one() {
        let turns = Turns::new(3, 3);
        let [first, second, third] = [1, 2, 3].map(account);
        let first = turns.turn(first).await.expect("is free");
        let second = turns.turn(second).await.expect("is free");
        let third = turns.turn(third).await.expect("is free");
        let mut waits = Box::pin(turns.turn(account(4)));
        let mut also = Box::pin(turns.turn(account(5)));
        assert!(poll!(&mut waits).is_pending() && first.is_wanted());
        drop(second);
        let Poll::Ready(Some(_taken)) = poll!(&mut waits) else { panic!("a turn is free") };
        assert!(poll!(&mut also).is_pending());
        assert!(first.is_wanted(), "it ends for the next caller");
        assert!(!third.is_wanted());
        drop(first);
        assert!(!third.is_wanted(), "a turn is free for the caller");
        let Poll::Ready(Some(_taken)) = poll!(&mut also) else { panic!("a turn is free") };
        assert!(!third.is_wanted());
    }

    #[tokio::test]
    async fn a_caller_that_waits_for_its_own_account_wants_only_the_turns_of_that_account() {
        let turns = Turns::new(3, 1);
        let own = turns.turn(account(1)).await.expect("is free");
        let other = turns.turn(account(2)).await.expect("is free");
        let mut waits = Box::pin(turns.turn(account(1)));
        assert!(poll!(&mut waits).is_pending());
        assert!(poll!(pin!(own.wanted())).is_pending(), "the server has a turn left");
        assert!(poll!(pin!(other.wanted_by_own())).is_pending(), "another account's");
        assert!(poll!(pin!(own.wanted_by_own())).is_ready());
        drop(own);
        assert!(poll!(&mut waits).is_ready());
    }
}
