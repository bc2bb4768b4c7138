//! Turns at reads of Postgres that take much memory, and turns of their own to carry edits over changes in memory.
//!
//! Older changes (for sessions that resume, and for edits on old bases) are apart from the rows that edits need and from
//! undos: one kind that waits for Postgres holds no turn of the others. Not here: the reads.
//!
//! Invariants: each read holds the most bytes that it may return; there are two turns at least, and an account has half
//! of them, a few at most. It waits for its own first, so accounts that wait have their turns one after the other.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use model::AccountId;
use model::budget::PerAccount;

/// Turns of one account at once, where there are many.
const OF_ACCOUNT: usize = 2;

/// Turns of each kind, however little memory there is: one account does not hold them all.
const LEAST: usize = 2;

/// The turns of one kind of reads.
#[derive(Debug)]
pub struct Replays {
    /// The bytes that each may hold.
    each: usize,
    server: Arc<Semaphore>,
    accounts: PerAccount<Semaphore>,
}

/// A turn, until it is dropped.
#[derive(Debug)]
pub struct ReplayTurn {
    _account: Option<OwnedSemaphorePermit>,
    _server: Option<OwnedSemaphorePermit>,
}

impl Replays {
    /// The turns of a share of which each may hold so many bytes; `least` of them in any case.
    pub(super) fn new(bytes: usize, each: usize, least: usize) -> Self {
        let turns = (bytes / each).max(least).max(LEAST);
        let of_account = OF_ACCOUNT.min(turns.div_ceil(2));
        let accounts = PerAccount::new(of_account, Semaphore::new);
        Self { each, server: Arc::new(Semaphore::new(turns)), accounts }
    }

    /// The turns of a share of which each may hold half, between `least` and `most` bytes.
    pub(super) fn halves(bytes: usize, least: usize, most: usize) -> Self {
        Self::new(bytes, (bytes / LEAST).clamp(least, most), LEAST)
    }

    /// The most bytes that a read at its turn may hold.
    pub(crate) fn bytes_each(&self) -> usize {
        self.each
    }

    /// Waits for a turn.
    pub async fn turn(&self, account: AccountId) -> ReplayTurn {
        // The semaphores are never closed. A permit keeps the semaphore of its account in the table.
        let of_account = self.accounts.of(account).acquire_owned().await.ok();
        let of_server = Arc::clone(&self.server).acquire_owned().await.ok();
        ReplayTurn { _account: of_account, _server: of_server }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::Poll;

    use futures_util::poll;
    use uuid::Uuid;

    use super::{OF_ACCOUNT, Replays};
    use crate::memory::SheetMemory;
    use model::AccountId;
    use model::memory::Memory;
    use model::sizes::{RESUME_BYTES, RESUME_LEAST_BYTES};

    /// Whatever one account holds of each kind, another has a turn of that kind.
    #[tokio::test]
    async fn one_account_with_a_silent_postgres_leaves_turns_of_each_kind() {
        let (greedy, other) = (AccountId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        for total in [512 << 20, 1 << 30, 4 << 30, 64 << 30] {
            let memory = SheetMemory::new(&Memory::of(total));
            let kinds = [
                ("rows", &memory.rows),
                ("undos", &memory.undos),
                ("revisions", &memory.revisions),
                ("replays", &memory.replays),
                ("carries", &memory.carries),
            ];
            let (mut held, mut waiting) = (Vec::new(), Vec::new());
            for (name, turns) in kinds {
                for _ in 0..8 {
                    let mut turn = Box::pin(turns.turn(greedy));
                    match poll!(&mut turn) {
                        Poll::Ready(turn) => held.push(turn),
                        Poll::Pending => waiting.push(turn),
                    }
                }
                assert!(!held.is_empty() && !waiting.is_empty(), "{name} of {total}");
            }
            // A task that never yields is made to wait.
            tokio::task::yield_now().await;
            for (name, turns) in kinds {
                let mut first = pin!(turns.turn(other));
                assert!(poll!(&mut first).is_ready(), "{name} of {total}");
            }
        }
    }

    /// Each account that waits has its turn before one that has had its own since.
    #[tokio::test]
    async fn accounts_that_wait_have_their_turns_one_after_the_other() {
        for total in [512 << 20, 4 << 30, 64 << 30] {
            let memory = SheetMemory::new(&Memory::of(total));
            for turns in [&memory.replays, &memory.carries, &memory.rows] {
                let account = |number| AccountId(Uuid::from_u128(number));
                // The first one asks for a hundred, and the others for three each.
                let asked = (0..100).map(|_| 1).chain((2..=9).flat_map(|other| [other; 3]));
                let mut waiting: Vec<_> =
                    asked.map(|number| (number, Box::pin(turns.turn(account(number))))).collect();
                let mut had: Vec<u128> = Vec::new();
                let mut held = std::collections::VecDeque::new();
                while had.iter().filter(|number| **number != 1).count() < 24 {
                    let mut left = Vec::new();
                    for (number, mut turn) in waiting {
                        match poll!(&mut turn) {
                            Poll::Ready(turn) => {
                                had.push(number);
                                held.push_back(turn);
                            }
                            Poll::Pending => left.push((number, turn)),
                        }
                        tokio::task::yield_now().await;
                    }
                    waiting = left;
                    drop(held.pop_front());
                }
                let greedy = had.iter().filter(|number| **number == 1).count();
                assert!(greedy <= 3 * OF_ACCOUNT + OF_ACCOUNT, "{total}: {had:?}");
            }
        }
    }

    /// All turns together stay within the share, where that has room for two of the least size.
    #[test]
    fn the_turns_share_the_bytes() {
        for total in [512 << 20, 2 << 30, 4 << 30, 8 << 30, 64 << 30] {
            let share = Memory::of(total).replays;
            let replays = Replays::halves(share, RESUME_LEAST_BYTES, RESUME_BYTES);
            let all = replays.server.available_permits() * replays.bytes_each();
            assert!(all <= share.max(2 * RESUME_LEAST_BYTES), "{total}: {all}");
        }
    }
}
