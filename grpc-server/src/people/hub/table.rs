//! The accounts with streams of notices at this node.
//!
//! Not the streams. Invariant: an account is in the table exactly as long as one of its streams lives, and a stream that
//! missed a wake because it was reading is woken when it waits again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gridloom::v1;
use rustc_hash::{FxHashMap, FxHashSet};
use tokio::sync::{broadcast, watch};

use model::AccountId;

/// Reports that a person types, which wait for one stream; older ones are dropped.
const QUEUED_TYPING: usize = 16;

/// The table.
#[derive(Debug, Default)]
pub(in crate::people) struct Table(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    accounts: FxHashMap<AccountId, Entry>,
    /// Accounts whose row in Postgres differs from the table.
    changed: FxHashSet<AccountId>,
}

#[derive(Debug)]
struct Entry {
    streams: usize,
    wakes: watch::Sender<()>,
    typing: broadcast::Sender<v1::Typing>,
    /// The last number that the hub has read.
    last: u64,
}

/// The place of one stream in the table, until it is dropped.
#[derive(Debug)]
pub(in crate::people) struct Watching {
    table: Arc<Table>,
    account: AccountId,
    wakes: watch::Receiver<()>,
    typing: broadcast::Receiver<v1::Typing>,
}

impl Table {
    /// A stream begins.
    pub(in crate::people) fn watch(self: &Arc<Self>, account: AccountId) -> Watching {
        let mut state = self.state();
        let state = &mut *state;
        let entry = state.accounts.entry(account).or_insert_with(|| {
            state.changed.insert(account);
            let (wakes, typing) = (watch::Sender::new(()), broadcast::Sender::new(QUEUED_TYPING));
            Entry { streams: 0, wakes, typing, last: 0 }
        });
        entry.streams += 1;
        let (wakes, typing) = (entry.wakes.subscribe(), entry.typing.subscribe());
        Watching { table: Arc::clone(self), account, wakes, typing }
    }

    /// Wakes the streams of some accounts.
    pub(in crate::people) fn wake(&self, accounts: &[AccountId]) {
        let state = self.state();
        let entries = accounts.iter().filter_map(|account| state.accounts.get(account));
        entries.for_each(|entry| entry.wakes.send_modify(|()| {}));
    }

    /// Wakes all streams: hints may be lost.
    pub(super) fn wake_all(&self) {
        self.state().accounts.values().for_each(|entry| entry.wakes.send_modify(|()| {}));
    }

    /// Wakes the streams of accounts whose last number is another one than at the last look.
    pub(super) fn look(&self, lasts: &[(AccountId, u64)]) {
        let mut state = self.state();
        for (account, last) in lasts {
            if let Some(entry) = state.accounts.get_mut(account)
                && std::mem::replace(&mut entry.last, *last) != *last
            {
                entry.wakes.send_modify(|()| {});
            }
        }
    }

    /// Passes a report to the streams of some accounts.
    pub(super) fn typing(&self, typing: &v1::Typing, audience: &[AccountId]) {
        let state = self.state();
        for entry in audience.iter().filter_map(|account| state.accounts.get(account)) {
            // A stream that has ended needs no report.
            let _ = entry.typing.send(typing.clone());
        }
    }

    /// All accounts.
    pub(super) fn accounts(&self) -> Vec<AccountId> {
        self.state().accounts.keys().copied().collect()
    }

    /// The accounts that have begun, and those that have ended, since the last call.
    pub(super) fn changed(&self) -> (Vec<AccountId>, Vec<AccountId>) {
        let mut state = self.state();
        let changed = std::mem::take(&mut state.changed);
        changed.into_iter().partition(|account| state.accounts.contains_key(account))
    }

    /// The accounts of a call of [`Table::changed`] that was not written.
    pub(super) fn change_again(&self, begun: &[AccountId], ended: &[AccountId]) {
        self.state().changed.extend(begun.iter().chain(ended));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Its parts are changed together, and no code between them can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watching {
    /// The next report that a person types, or `None` when there may be new notices, also when the wake came before the
    /// call.
    pub(in crate::people) async fn next(&mut self) -> Option<v1::Typing> {
        loop {
            tokio::select! {
                biased;
                // The table keeps both senders as long as this place.
                Ok(()) = self.wakes.changed() => return None,
                typing = self.typing.recv() => match typing {
                    Ok(typing) => return Some(typing),
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
                },
            }
        }
    }

    /// The next read finds everything that earlier wakes were for.
    pub(in crate::people) fn seen(&mut self) {
        self.wakes.mark_unchanged();
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut state = self.table.state();
        if let Some(entry) = state.accounts.get_mut(&self.account) {
            entry.streams -= 1;
            if entry.streams == 0 {
                state.accounts.remove(&self.account);
                state.changed.insert(self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn account(number: u128) -> AccountId {
        AccountId(Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn a_wake_before_the_wait_is_not_lost_and_reaches_its_account_alone() {
        let table = Arc::new(Table::default());
        let (mut ada, mut ben) = (table.watch(account(1)), table.watch(account(2)));
        table.wake(&[account(1), account(3)]);
        assert_eq!(ada.next().await, None);
        assert!(!ben.wakes.has_changed().expect("open"));
        table.look(&[(account(2), 5)]);
        assert_eq!(ben.next().await, None);
        table.look(&[(account(2), 5)]);
        assert!(!ben.wakes.has_changed().expect("open"), "nothing is new");
        table.wake_all();
        ben.seen();
        assert!(!ben.wakes.has_changed().expect("open") && ada.wakes.has_changed().expect("open"));
    }

    #[test]
    fn an_account_is_in_the_table_as_long_as_a_stream_lives() {
        let table = Arc::new(Table::default());
        let (one, two) = (table.watch(account(1)), table.watch(account(1)));
        assert_eq!(table.changed(), (vec![account(1)], vec![]));
        drop(one);
        assert_eq!((table.changed(), table.accounts()), ((vec![], vec![]), vec![account(1)]));
        drop(two);
        assert_eq!((table.changed(), table.accounts()), ((vec![], vec![account(1)]), vec![]));
        table.change_again(&[], &[account(1)]);
        let again = table.watch(account(1));
        assert_eq!(table.changed(), (vec![account(1)], vec![]), "it has begun again");
        drop(again);
    }
}
