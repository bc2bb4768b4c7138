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

/// The part of the quota above it that is left to edits that only delete.
const DELETIONS: u64 = 8;
/// At least so many bytes are left to them, and at most above what an account has that is above its quota by more.
const DELETIONS_LEAST: u64 = 1 << 20;
const DELETIONS_ABOVE: u64 = 64 << 20;
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
    /// Whether the limit is lower than the account's quota, because the disk of the server is almost full.
    pub disk: Disk,
}

/// The room on the disk of the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Disk {
    /// It lowers no quota.
    #[default]
    Roomy,
    /// It lowers quotas; edits that only delete are accepted.
    Low,
    /// It has no room for the history of deletions.
    Full,
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
    quota: u64,
    now: Mutex<Now>,
    /// An edit was refused since the last reading.
    refused: AtomicBool,
}

/// The limits at the last reading.
#[derive(Clone, Copy, Debug)]
struct Now {
    limit: u64,
    disk: Disk,
    /// What an account above its limit had when it first was, or has had since where that is less.
    above: Option<u64>,
}

impl AccountStorage {
    /// An account of which nothing is known yet.
    #[must_use]
    pub fn new(quota: u64) -> Self {
        let (stored, accepted) = (AtomicU64::new(0), AtomicU64::new(0));
        let now = Mutex::new(Now { limit: quota, disk: Disk::Roomy, above: None });
        let (importing, refused) = (AtomicU64::new(0), AtomicBool::new(false));
        Self { stored, accepted, importing, quota, now, refused }
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
        self.check_room(1)
    }

    /// Whether there is room for so many bytes more.
    ///
    /// # Errors
    /// [`StorageExceeded`]
    pub fn check_room(&self, bytes: u64) -> Result<(), StorageExceeded> {
        match self.used().saturating_add(bytes) <= self.now().limit {
            true => Ok(()),
            false => Err(self.exceeded()),
        }
    }

    /// Adds the bytes of an edit. An edit that only deletes is also accepted somewhat above the quota, and above what
    /// the account had when the limit fell below it, until the disk is full.
    ///
    /// # Errors
    /// [`StorageExceeded`]: nothing was added.
    pub fn add_edit(&self, delta: &Delta, bytes: u64) -> Result<(), StorageExceeded> {
        let now = self.now();
        let limit = match only_deletes(delta) && now.disk != Disk::Full {
            true => self.deletions(now),
            false => now.limit,
        };
        if self.used().saturating_add(bytes) > limit {
            self.refused.store(true, Ordering::Relaxed);
            return Err(self.exceeded());
        }
        self.accepted.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }

    /// Takes the bytes of edits back that were not accepted after all.
    pub fn remove_edits(&self, bytes: u64) {
        let less = |accepted: u64| Some(accepted.saturating_sub(bytes));
        // The closure always returns a value.
        let _ = self.accepted.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    /// The limit of edits that only delete.
    fn deletions(&self, now: Now) -> u64 {
        let room = (self.quota / DELETIONS).max(DELETIONS_LEAST);
        let above = now.above.unwrap_or_default().saturating_add(room.min(DELETIONS_ABOVE));
        self.quota.saturating_add(room).max(above)
    }

    fn exceeded(&self) -> StorageExceeded {
        let Now { limit, disk, .. } = self.now();
        StorageExceeded { used: self.used(), limit, disk }
    }

    /// Sets the bytes that Postgres has, the limit, and whether the disk lowers it.
    pub fn set(&self, stored: u64, limit: u64, disk: Disk) {
        self.stored.store(stored, Ordering::Relaxed);
        self.accepted.store(0, Ordering::Relaxed);
        let mut now = self.lock();
        let above = now.above.map_or(stored, |above| above.min(stored));
        *now = Now { limit, disk, above: (stored > limit).then_some(above) };
    }

    fn now(&self) -> Now {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Now> {
        // The value is replaced as a whole.
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
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
        account.set(10 << 20, 10 << 20, Disk::Roomy);
        for delta in &adding {
            let exceeded = account.add_edit(delta, 1).expect_err("it adds");
            assert_eq!((exceeded.used, exceeded.limit), (10 << 20, 10 << 20));
        }
        for delta in &deleting {
            account.add_edit(delta, 100).expect("it deletes");
        }
        assert!(account.add_edit(&deleting[0], 2 << 20).is_err(), "history has a bound, too");
        account.set(5 << 20, 10 << 20, Disk::Roomy);
        account.add_edit(&adding[0], 5 << 20).expect("there is room");
        assert!(account.add_edit(&adding[0], 1).is_err(), "accepted edits count");
    }

    #[test]
    fn deletions_are_accepted_whatever_lowers_the_limit_until_the_disk_is_full() {
        let clear = cells(vec![CellEdit::set(0, 0, Value::Empty)]);
        let add = cells(vec![CellEdit::set(0, 0, 1.0)]);
        // What is stored, the quota, and the limit of a low disk.
        let lowered = [
            (100 << 20, 10 << 20, 10 << 20, Disk::Roomy),
            (100 << 20, 200 << 20, 10 << 20, Disk::Low),
            (100 << 20, 200 << 20, 0, Disk::Low),
            (10 << 20, 1 << 20, 0, Disk::Low),
            (5 << 30, 100 << 30, 1 << 20, Disk::Low),
        ];
        for (stored, quota, limit, disk) in lowered {
            let account = AccountStorage::new(quota);
            account.set(stored, limit, disk);
            for _ in 0..100 {
                account.add_edit(&clear, 5_000).expect("it deletes");
            }
            let exceeded = account.add_edit(&add, 1).expect_err("it adds");
            assert_eq!((exceeded.limit, exceeded.disk), (limit, disk));
            account.set(stored, limit, Disk::Full);
            account.add_edit(&clear, 1).expect_err("there is no room for history");
        }
    }

    #[test]
    fn readings_of_an_account_above_its_limit_give_deletions_no_more_room() {
        let clear = cells(vec![CellEdit::set(0, 0, Value::Empty)]);
        let account = AccountStorage::new(16 << 20);
        let mut stored = 20 << 20;
        account.set(stored, 16 << 20, Disk::Roomy);
        let mut accepted = 0_u64;
        while account.add_edit(&clear, 100_000).is_ok() {
            accepted += 1;
            stored += 100_000;
            account.set(stored, 16 << 20, Disk::Roomy);
            assert!(accepted < 1_000, "never refused");
        }
        assert!(accepted >= 20, "{accepted}");
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
