//! A number of bytes that several holders share, and the shares of accounts and other keys in it.
//!
//! Not here: which parts of the server hold bytes, and what happens when none are left. Invariant: the bytes in use are
//! the sum of all [`Hold`]s. They may pass the limit: its holder checks that, and makes others wait or end.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::AccountId;

/// A number of bytes that several holders share.
#[derive(Debug)]
pub struct Budget {
    limit: usize,
    used: AtomicUsize,
}

/// Bytes of a budget, until it is dropped.
#[derive(Debug)]
pub struct Hold {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Budget {
    /// A budget with nothing in use.
    #[must_use]
    pub fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self::empty(limit))
    }

    /// The same, for a table of [`PerAccount`].
    #[must_use]
    pub const fn empty(limit: usize) -> Self {
        Self { limit, used: AtomicUsize::new(0) }
    }

    /// Its limit, in bytes.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// The bytes in use.
    #[must_use]
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Holds bytes, also above the limit.
    #[must_use]
    pub fn hold(self: &Arc<Self>, bytes: usize) -> Hold {
        self.used.fetch_add(bytes, Ordering::Relaxed);
        Hold { budget: Arc::clone(self), bytes }
    }
}

impl Hold {
    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Sets the number of its bytes, also above the limit.
    pub fn set(&mut self, bytes: usize) {
        if bytes >= self.bytes {
            self.budget.used.fetch_add(bytes - self.bytes, Ordering::Relaxed);
        } else {
            self.budget.used.fetch_sub(self.bytes - bytes, Ordering::Relaxed);
        }
        self.bytes = bytes;
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// One value for each key in use, such as the share of an account in a budget.
#[derive(Debug)]
pub struct PerKey<K, T> {
    keys: Mutex<Keys<K, T>>,
    make: Make<T>,
}

/// One value for each account that uses it.
pub type PerAccount<T> = PerKey<AccountId, T>;

/// Makes the value of a key.
struct Make<T>(Box<dyn Fn() -> T + Send + Sync>);

impl<T> fmt::Debug for Make<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Make").finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Keys<K, T> {
    known: HashMap<K, Weak<T>>,
    /// The size at which unused keys are removed.
    prune_at: usize,
}

/// The size of the table at which unused keys are removed first.
const PRUNE_AT: usize = 64;

impl<K: Eq + Hash, T> PerKey<K, T> {
    /// A value that `make` makes of `limit` for each key in use.
    #[must_use]
    pub fn new(limit: usize, make: fn(usize) -> T) -> Self
    where
        T: 'static,
    {
        Self::with(move || make(limit))
    }

    /// A value that `make` makes for each key in use.
    #[must_use]
    pub fn with(make: impl Fn() -> T + Send + Sync + 'static) -> Self {
        let keys = Keys { known: HashMap::new(), prune_at: PRUNE_AT };
        Self { keys: Mutex::new(keys), make: Make(Box::new(make)) }
    }

    /// The value of a key: the same one as long as it is used.
    #[must_use]
    pub fn of(&self, key: K) -> Arc<T> {
        let mut keys = self.lock();
        if let Some(known) = keys.known.get(&key).and_then(Weak::upgrade) {
            return known;
        }
        if keys.known.len() >= keys.prune_at {
            keys.known.retain(|_, value| value.strong_count() > 0);
            keys.prune_at = PRUNE_AT.max(2 * keys.known.len());
        }
        let value = Arc::new((self.make.0)());
        keys.known.insert(key, Arc::downgrade(&value));
        value
    }

    fn lock(&self) -> MutexGuard<'_, Keys<K, T>> {
        // Each change of the table is one call, so a poisoned table is whole.
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_in_use_are_those_of_all_holds() {
        let budget = Budget::new(10);
        let (large, mut six) = (budget.hold(100), budget.hold(6));
        assert_eq!((budget.used(), budget.limit()), (106, 10));
        drop(large);
        assert_eq!(budget.used(), 6);
        let four = budget.hold(4);
        six.set(1);
        assert_eq!(budget.used(), 5);
        six.set(7);
        assert_eq!(budget.used(), 11);
        drop((six, four));
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn an_account_has_one_value_while_it_is_used_and_none_afterwards() {
        let shares = PerAccount::new(7, |limit| limit);
        let account = AccountId(uuid::Uuid::from_u128(1));
        let held = shares.of(account);
        assert!(Arc::ptr_eq(&held, &shares.of(account)));
        for other in 2..10_000 {
            let _unused = shares.of(AccountId(uuid::Uuid::from_u128(other)));
        }
        assert!(shares.lock().known.len() <= PRUNE_AT, "unused accounts are removed");
        assert!(Arc::ptr_eq(&held, &shares.of(account)));
    }
}
