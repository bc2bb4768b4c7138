//! How much each account has stored, as a server knows it, and which edits are refused for that.
//!
//! Not here: how the bytes are counted in Postgres (the store), nor when they are read from there (`quotas` of the
//! server). Invariant: the bytes of an account are those that Postgres had at the last reading, with all that its sheets
//! have accepted since.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use ot_engine::{Delta, Edit, Run, Value};

use crate::AccountId;

/// The part of the limit above it that is left to edits that only delete.
const DELETIONS: u64 = 8;
/// The size of the table at which unused accounts are removed first.
const PRUNE_AT: usize = 64;

/// An account has stored as much as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sheets of the account hold {used} bytes; it may store {limit}")]
pub struct StorageExceeded {
    /// The bytes that it has stored.
    pub used: u64,
    /// The limit.
    pub limit: u64,
    /// The limit is lower than the account's quota, because the disk of the server is almost full.
    pub disk_low: bool,
}

/// The bytes that one account has stored.
#[derive(Debug)]
pub struct AccountStorage {
    /// In Postgres, at the last reading.
    stored: AtomicU64,
    /// Accepted since.
    accepted: AtomicU64,
    /// Of imports that have not ended.
    importing: AtomicU64,
    limit: AtomicU64,
    disk_low: AtomicBool,
    /// An edit was refused since the last reading.
    refused: AtomicBool,
}

impl AccountStorage {
    /// An account of which nothing is known yet.
    #[must_use]
    pub fn new(limit: u64) -> Self {
        let (stored, accepted) = (AtomicU64::new(0), AtomicU64::new(0));
        let importing = AtomicU64::new(0);
        let (disk_low, refused) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { stored, accepted, importing, limit: AtomicU64::new(limit), disk_low, refused }
    }

    /// The bytes in use.
    #[must_use]
    pub fn used(&self) -> u64 {
        let parts = [&self.stored, &self.accepted, &self.importing];
        parts.iter().map(|part| part.load(Ordering::Relaxed)).fold(0, u64::saturating_add)
    }

    /// Whether there is room.
    ///
    /// # Errors
    /// [`StorageExceeded`]
    pub fn check(&self) -> Result<(), StorageExceeded> {
        match self.used() < self.limit.load(Ordering::Relaxed) {
            true => Ok(()),
            false => Err(self.exceeded()),
        }
    }

    /// Adds the bytes of an edit. An edit that only deletes is also accepted somewhat above the limit.
    ///
    /// # Errors
    /// [`StorageExceeded`]: nothing was added.
    pub fn add_edit(&self, delta: &Delta, bytes: u64) -> Result<(), StorageExceeded> {
        let limit = self.limit.load(Ordering::Relaxed);
        match only_deletes(delta) {
            true => self.add_within(bytes, limit.saturating_add((limit / DELETIONS).max(1 << 20))),
            false => self.add_within(bytes, limit),
        }
    }

    fn add_within(&self, bytes: u64, limit: u64) -> Result<(), StorageExceeded> {
        if self.used().saturating_add(bytes) > limit {
            self.refused.store(true, Ordering::Relaxed);
            return Err(self.exceeded());
        }
        self.accepted.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }

    fn exceeded(&self) -> StorageExceeded {
        let limit = self.limit.load(Ordering::Relaxed);
        let disk_low = self.disk_low.load(Ordering::Relaxed);
        StorageExceeded { used: self.used(), limit, disk_low }
    }

    /// Sets the bytes that Postgres has, the limit, and whether a full disk lowers it.
    pub fn set(&self, stored: u64, limit: u64, disk_low: bool) {
        self.stored.store(stored, Ordering::Relaxed);
        self.accepted.store(0, Ordering::Relaxed);
        self.limit.store(limit, Ordering::Relaxed);
        self.disk_low.store(disk_low, Ordering::Relaxed);
    }

    /// Whether an edit was refused since the last call.
    pub fn take_refused(&self) -> bool {
        self.refused.swap(false, Ordering::Relaxed)
    }
}

/// The bytes of an import, until it ends.
#[derive(Debug)]
pub struct ImportedBytes {
    account: Arc<AccountStorage>,
    bytes: u64,
}

impl ImportedBytes {
    /// An import without a row.
    #[must_use]
    pub fn new(account: Arc<AccountStorage>) -> Self {
        Self { account, bytes: 0 }
    }

    /// Sets the bytes of the rows so far, which only grow.
    ///
    /// # Errors
    /// [`StorageExceeded`]: the import has no room.
    pub fn set(&mut self, bytes: u64) -> Result<(), StorageExceeded> {
        let more = bytes.saturating_sub(self.bytes);
        self.account.importing.fetch_add(more, Ordering::Relaxed);
        self.bytes += more;
        self.account.check()
    }
}

impl Drop for ImportedBytes {
    fn drop(&mut self) {
        self.account.importing.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Whether a change only deletes lines, clears cells and shortens texts.
fn only_deletes(delta: &Delta) -> bool {
    let adds_lines =
        |runs: &[Run]| runs.iter().any(|run| !matches!(run, Run::Keep(_) | Run::Delete(_)));
    let clears = |edit: &Edit| match edit {
        Edit::Set(value) => matches!(value, Value::Empty),
        Edit::Text(text) => text.inserted_bytes() == 0,
        _ => false,
    };
    delta.columns.is_empty()
        && !adds_lines(delta.rows.runs())
        && !adds_lines(delta.cols.runs())
        && delta.cells.iter().all(|cell| clears(&cell.edit))
}

/// The bytes of the accounts whose sheets are open at this server.
#[derive(Debug)]
pub struct Storage {
    accounts: Mutex<Table>,
    limit: u64,
    /// An account was added of which nothing is known.
    added: AtomicBool,
}

#[derive(Debug, Default)]
struct Table {
    known: HashMap<AccountId, Weak<AccountStorage>>,
    /// The size at which unused accounts are removed.
    prune_at: usize,
}

impl Storage {
    /// No account is in use. `limit`: the bytes that each may store.
    #[must_use]
    pub fn new(limit: u64) -> Self {
        Self { accounts: Mutex::default(), limit, added: AtomicBool::new(false) }
    }

    /// The bytes that each account may store.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// The bytes of an account: the same value as long as it is used.
    #[must_use]
    pub fn of(&self, account: AccountId) -> Arc<AccountStorage> {
        let mut table = self.lock();
        if let Some(known) = table.known.get(&account).and_then(Weak::upgrade) {
            return known;
        }
        if table.known.len() >= table.prune_at.max(PRUNE_AT) {
            table.known.retain(|_, value| value.strong_count() > 0);
            table.prune_at = 2 * table.known.len();
        }
        let value = Arc::new(AccountStorage::new(self.limit));
        table.known.insert(account, Arc::downgrade(&value));
        drop(table);
        self.added.store(true, Ordering::Release);
        value
    }

    /// The accounts in use.
    #[must_use]
    pub fn accounts(&self) -> Vec<(AccountId, Arc<AccountStorage>)> {
        let table = self.lock();
        table.known.iter().filter_map(|(id, value)| Some((*id, value.upgrade()?))).collect()
    }

    /// Whether an account was added since the last call.
    pub fn take_added(&self) -> bool {
        self.added.swap(false, Ordering::Acquire)
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // Each change of the table is one call, so a poisoned table is whole.
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use ot_engine::{AxisDelta, CellEdit, TextDelta};

    use super::*;

    fn cells(cells: Vec<CellEdit>) -> Delta {
        Delta { cells, ..Delta::identity() }
    }

    fn rows(runs: &[Run]) -> Delta {
        Delta { rows: AxisDelta::from_runs(runs.iter().copied()), ..Delta::identity() }
    }

    #[test]
    fn above_the_limit_only_deletions_are_accepted_and_not_without_end() {
        let insert = Run::Insert { count: 1, first: None };
        let adding = [
            cells(vec![CellEdit::set(0, 0, 1.0)]),
            cells(vec![CellEdit::set(0, 0, Value::Empty), CellEdit::set(0, 1, "x")]),
            cells(vec![CellEdit::text(0, 0, TextDelta::splice(0, 5, "x"))]),
            rows(&[insert]),
            rows(&[Run::Lift { slot: 0, count: 1 }, Run::Keep(1), Run::Drop { slot: 0 }]),
        ];
        let deleting = [
            cells(vec![CellEdit::set(0, 0, Value::Empty)]),
            cells(vec![CellEdit::text(0, 0, TextDelta::splice(0, 5, ""))]),
            rows(&[Run::Keep(1), Run::Delete(7)]),
        ];
        let account = AccountStorage::new(10 << 20);
        account.set(10 << 20, 10 << 20, false);
        for delta in &adding {
            let exceeded = account.add_edit(delta, 1).expect_err("it adds");
            assert_eq!((exceeded.used, exceeded.limit), (10 << 20, 10 << 20));
        }
        for delta in &deleting {
            account.add_edit(delta, 100).expect("it deletes");
        }
        assert!(account.add_edit(&deleting[0], 2 << 20).is_err(), "history has a bound, too");
        account.set(5 << 20, 10 << 20, false);
        account.add_edit(&adding[0], 5 << 20).expect("there is room");
        assert!(account.add_edit(&adding[0], 1).is_err(), "accepted edits count");
    }

    #[test]
    fn an_account_has_one_value_while_it_is_used_and_none_afterwards() {
        let storage = Storage::new(7);
        let account = AccountId(uuid::Uuid::from_u128(1));
        let held = storage.of(account);
        assert!(storage.take_added() && !storage.take_added());
        for other in 2..10_000 {
            let _unused = storage.of(AccountId(uuid::Uuid::from_u128(other)));
        }
        assert!(storage.lock().known.len() <= PRUNE_AT, "unused accounts are removed");
        assert!(Arc::ptr_eq(&held, &storage.of(account)));
        assert_eq!(storage.accounts().len(), 1);
    }
}
