//! Turns at reads of Postgres that take much memory, and turns of their own to carry edits over changes in memory.
//!
//! Older changes (for sessions that resume, and for edits on old bases) are apart from the rows that edits need and from
//! undos: one kind that waits for Postgres holds no turn of the others. Not here: the reads.
//!
//! Invariants: each read holds the most bytes that it may return; an account has half of the turns, a few at most, and
//! waits for its own first.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use model::AccountId;
use model::budget::PerAccount;

/// Turns of one account at once, where there are many.
const OF_ACCOUNT: usize = 2;

/// The turns of one kind of reads.
#[derive(Debug)]
pub struct Replays {
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
        let turns = (bytes / each).max(least);
        let of_account = OF_ACCOUNT.min(turns.div_ceil(2));
        let accounts = PerAccount::new(of_account, Semaphore::new);
        Self { server: Arc::new(Semaphore::new(turns)), accounts }
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

    use crate::memory::SheetMemory;
    use model::AccountId;
    use model::memory::Memory;

    /// Whatever one account holds of each kind, another has a turn of that kind, or follows right after.
    #[tokio::test]
    async fn one_account_with_a_silent_postgres_leaves_turns_of_each_kind() {
        let (greedy, other) = (AccountId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        for total in [512 << 20, 1 << 30, 4 << 30, 64 << 30] {
            let memory = SheetMemory::new(&Memory::of(total));
            let kinds = [
                ("rows", &memory.rows, true),
                ("undos", &memory.undos, true),
                ("revisions", &memory.revisions, true),
                ("replays", &memory.replays, total >= 8 << 30),
            ];
            let (mut held, mut waiting) = (Vec::new(), Vec::new());
            for (name, turns, _) in kinds {
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
            for (name, turns, is_free) in kinds {
                let mut first = pin!(turns.turn(other));
                assert_eq!(poll!(&mut first).is_ready(), is_free, "{name} of {total}");
            }
        }
    }
}
