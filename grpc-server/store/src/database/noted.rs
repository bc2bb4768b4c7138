//! The accounts that have new notices, from the statements that write them to the one reader in this process.
//!
//! Not the notices. Invariant: an account is passed on after its notice has committed. A full queue drops it, and its
//! reader looks at intervals.

use std::sync::OnceLock;

use tokio::sync::mpsc;

use model::AccountId;

/// The queue, once it has a reader.
#[derive(Debug, Default)]
pub(crate) struct Noted(OnceLock<mpsc::Sender<AccountId>>);

impl Noted {
    /// The queue's reading end; `None` when another reader has it.
    pub(crate) fn read(&self, queued: usize) -> Option<mpsc::Receiver<AccountId>> {
        let (queue, accounts) = mpsc::channel(queued);
        self.0.set(queue).ok().map(|()| accounts)
    }

    /// Passes an account on.
    pub(crate) fn send(&self, account: AccountId) {
        if let Some(queue) = self.0.get() {
            // The queue is full, or the reader has ended.
            let _ = queue.try_send(account);
        }
    }
}
