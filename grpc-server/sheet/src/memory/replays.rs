//! Turns to read older changes (for sessions that resume, and for edits on old bases) and the rows of text edits; and
//! turns of their own to carry edits over changes in memory.
//!
//! Not here: the reads (`history`). Invariant: each read holds the most bytes that it may return; one account has a
//! few turns.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use model::AccountId;
use model::budget::PerAccount;

/// Reads of one account at once.
const READS_OF_ACCOUNT: usize = 2;

/// The turns.
#[derive(Debug)]
pub(crate) struct Replays {
    server: Arc<Semaphore>,
    accounts: PerAccount<Semaphore>,
}

/// A turn, until it is dropped.
#[derive(Debug)]
pub(crate) struct ReplayTurn {
    _account: Option<OwnedSemaphorePermit>,
    _server: Option<OwnedSemaphorePermit>,
}

impl Replays {
    /// The turns of a share of which each may hold so many bytes.
    pub(super) fn new(bytes: usize, each: usize) -> Self {
        let reads = (bytes / each).max(1);
        let accounts = PerAccount::new(READS_OF_ACCOUNT, Semaphore::new);
        Self { server: Arc::new(Semaphore::new(reads)), accounts }
    }

    /// Waits for a turn.
    pub(crate) async fn turn(&self, account: AccountId) -> ReplayTurn {
        // The semaphores are never closed. A permit keeps the semaphore of its account in the table.
        let of_account = self.accounts.of(account).acquire_owned().await.ok();
        let of_server = Arc::clone(&self.server).acquire_owned().await.ok();
        ReplayTurn { _account: of_account, _server: of_server }
    }
}
