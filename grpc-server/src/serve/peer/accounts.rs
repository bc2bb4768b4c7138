//! The accounts whose tokens the connections of a port have shown: the connections of each, and the bytes that they hold.
//!
//! Not the choice of a connection to close (`table`). Invariant: a connection counts for the account of its first valid
//! token, once, until it leaves the table.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::AccountId;
use model::limits::edge::ACCOUNT_CONNECTIONS_KEPT;
use rustc_hash::FxHashMap;

/// All accounts that have connections.
#[derive(Debug, Default)]
pub(super) struct Accounts(Mutex<FxHashMap<AccountId, Arc<Account>>>);

/// What the connections of one account take together.
#[derive(Debug, Default)]
struct Account {
    connections: AtomicUsize,
    held: AtomicUsize,
}

/// One connection's place among those of its account.
#[derive(Debug)]
pub(super) struct Place {
    accounts: Arc<Accounts>,
    account: AccountId,
    counts: Arc<Account>,
    has_left: AtomicBool,
}

impl Accounts {
    /// Counts a connection for an account.
    pub(super) fn enter(self: &Arc<Self>, account: AccountId) -> Place {
        let counts = Arc::clone(self.lock().entry(account).or_default());
        counts.connections.fetch_add(1, Ordering::Relaxed);
        Place { accounts: Arc::clone(self), account, counts, has_left: AtomicBool::new(false) }
    }

    /// How many of so many connections one account keeps when others need room: an equal part beside one more account, at
    /// most a quarter, but always those of a person with many tabs.
    pub(super) fn share(&self, connections: usize) -> usize {
        let part = connections / (self.lock().len() + 1);
        part.min(connections / 4).max(ACCOUNT_CONNECTIONS_KEPT)
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<AccountId, Arc<Account>>> {
        // No code panics under this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// The connections of the account.
    pub(super) fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::Relaxed)
    }

    /// The bytes that they hold.
    pub(super) fn held(&self) -> &AtomicUsize {
        &self.counts.held
    }

    /// The connection counts no longer.
    pub(super) fn leave(&self) {
        if self.has_left.swap(true, Ordering::Relaxed) {
            return;
        }
        let mut accounts = self.accounts.lock();
        if self.counts.connections.fetch_sub(1, Ordering::Relaxed) == 1 {
            accounts.remove(&self.account);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.leave();
    }
}
