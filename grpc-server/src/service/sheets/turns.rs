//! Turns of a server that accounts share: each account has a part of them, and waits for its own part first.
//!
//! Not here: the work that a turn is for. Invariants: a caller that waits for its own account holds no turn of the
//! server, so accounts have their turns one after the other; for each caller that waits at most one holder is asked to
//! end.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use model::AccountId;
use model::budget::PerAccount;

/// The turns.
#[derive(Debug)]
pub(super) struct Turns {
    accounts: PerAccount<Semaphore>,
    server: Arc<Semaphore>,
    queue: Arc<watch::Sender<Queue>>,
}

/// The callers that wait for a turn of the server, and the holders that end for one of them.
#[derive(Clone, Copy, Debug, Default)]
struct Queue {
    waiting: usize,
    ending: usize,
}

/// A turn, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _account: OwnedSemaphorePermit,
    _server: OwnedSemaphorePermit,
    queue: Arc<watch::Sender<Queue>>,
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
            // The holder that has ended for this caller.
            queue.ending -= usize::from(self.has_turn && queue.ending > 0);
            queue.ending = queue.ending.min(queue.waiting);
        });
    }
}

impl Turns {
    /// So many turns of a server, and of each account.
    pub(super) fn new(of_server: usize, of_account: usize) -> Self {
        Self {
            accounts: PerAccount::new(of_account, Semaphore::new),
            server: Arc::new(Semaphore::new(of_server)),
            queue: Arc::new(watch::Sender::default()),
        }
    }

    /// Waits for a turn of the account, then for one of the server. `None`: never, as no semaphore is closed.
    pub(super) async fn turn(&self, account: AccountId) -> Option<Turn> {
        // A permit keeps the semaphore of its account in the table.
        let of_account = self.accounts.of(account).acquire_owned().await.ok()?;
        self.of_server(of_account).await
    }

    /// The same where the account has a turn left; else `None`.
    pub(super) async fn turn_if_left(&self, account: AccountId) -> Option<Turn> {
        let of_account = self.accounts.of(account).try_acquire_owned().ok()?;
        self.of_server(of_account).await
    }

    async fn of_server(&self, _account: OwnedSemaphorePermit) -> Option<Turn> {
        let queue = Arc::clone(&self.queue);
        if let Ok(_server) = Arc::clone(&self.server).try_acquire_owned() {
            return Some(Turn { _account, _server, queue });
        }
        self.queue.send_modify(|queue| queue.waiting += 1);
        let mut waiting = Waiting { queue: &self.queue, has_turn: false };
        let _server = Arc::clone(&self.server).acquire_owned().await.ok()?;
        waiting.has_turn = true;
        drop(waiting);
        Some(Turn { _account, _server, queue })
    }
}

impl Turn {
    /// Resolves when a caller waits for which no other holder ends. The holder must end then. Safe to cancel.
    pub(super) async fn wanted(&self) {
        let mut queue = self.queue.subscribe();
        let claim = |queue: &mut Queue| {
            let is_wanted = queue.waiting > queue.ending;
            queue.ending += usize::from(is_wanted);
            is_wanted
        };
        while !self.queue.send_if_modified(claim) {
            // The sender is in `self`.
            let _ = queue.changed().await;
        }
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
        assert!(turns.turn_if_left(account(1)).await.is_none());
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
}
