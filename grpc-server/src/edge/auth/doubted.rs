//! The accounts of which some tokens have ended, so that a token which was looked up before is looked up again.
//!
//! Not the tokens, which the store names. Invariant: no call uses the answer to a query that began before its account
//! was doubted.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::edge::lookup_cache::{Asked, Forgotten};
use model::AccountId;

/// The doubted accounts.
#[derive(Debug, Default)]
pub(crate) struct Doubted(Mutex<Forgotten<AccountId>>);

impl Doubted {
    /// The moment of a query that begins now.
    pub(crate) fn asked(&self) -> Asked {
        self.accounts().now()
    }

    /// Doubts the tokens of an account.
    pub(crate) fn add(&self, account: AccountId) {
        let evicted = self.accounts().add(account);
        drop(evicted);
    }

    /// Whether the account may have been doubted since a query.
    pub(crate) fn since(&self, account: AccountId, asked: Asked) -> bool {
        self.accounts().since(&account, asked)
    }

    fn accounts(&self) -> MutexGuard<'_, Forgotten<AccountId>> {
        // Counters: after a panic elsewhere they are still valid.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_doubted_for_earlier_queries_alone() {
        let (doubted, ada, ben) =
            (Doubted::default(), AccountId::generate(), AccountId::generate());
        let before = doubted.asked();
        doubted.add(ada);
        assert!(doubted.since(ada, before) && !doubted.since(ben, before));
        assert!(!doubted.since(ada, doubted.asked()));
    }
}
