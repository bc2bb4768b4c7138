//! The bytes of memory that uncommitted entries take: of all, of each sheet, of each account.
//!
//! Not here: the entries. Invariant: each number is the sum of the bytes that were added and not removed.

use std::hash::Hash;

use rustc_hash::FxHashMap;

use model::{AccountId, Entry, SheetId};

/// How many times the free room one sheet or one account may hold: one alone comes to four fifths of the room, and each
/// further one finds a part of the rest. (Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet
/// switches", 1998.)
const OF_FREE_ROOM: u64 = 4;

/// The bytes.
#[derive(Debug, Default)]
pub(super) struct Held {
    all: u64,
    sheets: FxHashMap<SheetId, u64>,
    accounts: FxHashMap<AccountId, u64>,
}

impl Held {
    pub(super) fn add(&mut self, entry: &Entry, bytes: u64) {
        self.all += bytes;
        *self.sheets.entry(entry.sheet).or_default() += bytes;
        *self.accounts.entry(entry.account).or_default() += bytes;
    }

    pub(super) fn remove(&mut self, entry: &Entry, bytes: u64) {
        self.all = self.all.saturating_sub(bytes);
        less(&mut self.sheets, entry.sheet, bytes);
        less(&mut self.accounts, entry.account, bytes);
    }

    /// The bytes of all entries.
    pub(super) fn all(&self) -> u64 {
        self.all
    }

    /// The bytes of the entries of a sheet.
    pub(super) fn of_sheet(&self, sheet: SheetId) -> u64 {
        self.sheets.get(&sheet).copied().unwrap_or_default()
    }

    /// Whether the sheets and the accounts of entries may hold further ones, when so many bytes are free.
    pub(super) fn leaves_room<'a>(
        &self,
        mut entries: impl Iterator<Item = &'a Entry>,
        free: u64,
    ) -> bool {
        let most = free.saturating_mul(OF_FREE_ROOM);
        let within = |bytes: Option<&u64>| bytes.is_none_or(|bytes| *bytes <= most);
        // No share is larger than all together: in a journal with room no entry is looked up.
        self.all <= most
            || entries.all(|entry| {
                within(self.sheets.get(&entry.sheet)) && within(self.accounts.get(&entry.account))
            })
    }
}

/// Subtracts from one number, and removes it at 0.
fn less<K: Hash + Eq>(numbers: &mut FxHashMap<K, u64>, key: K, bytes: u64) {
    if let Some(number) = numbers.get_mut(&key) {
        *number = number.saturating_sub(bytes);
        if *number == 0 {
            numbers.remove(&key);
        }
    }
}
