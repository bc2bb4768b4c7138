//! What is durable here and not known to be committed: for each sheet, its entries in order.
//!
//! Invariant: a sheet in the map has at least one entry, and its revisions have no gap.

use std::collections::VecDeque;
use std::collections::hash_map::Entry as Slot;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ot_engine::Revision;
use rustc_hash::FxHashMap;

use crate::model::{Entry, SheetId};

/// Entries of one sheet.
pub(super) type Tail = VecDeque<Arc<Entry>>;

/// The tails of all sheets.
#[derive(Debug)]
pub(super) struct Tails {
    sheets: Mutex<FxHashMap<SheetId, Tail>>,
}

impl Tails {
    pub(super) const fn new(sheets: FxHashMap<SheetId, Tail>) -> Self {
        Self { sheets: Mutex::new(sheets) }
    }

    /// Adds entries that have become durable.
    pub(super) fn extend(&self, entries: Vec<Arc<Entry>>) {
        let mut sheets = self.lock();
        for entry in entries {
            sheets.entry(entry.sheet).or_default().push_back(entry);
        }
    }

    /// Puts these in place of a sheet's entries.
    pub(super) fn replace(&self, sheet: SheetId, entries: &[Arc<Entry>]) {
        let mut sheets = self.lock();
        if entries.is_empty() {
            sheets.remove(&sheet);
        } else {
            sheets.insert(sheet, entries.iter().cloned().collect());
        }
    }

    /// Drops a sheet's entries up to `revision`. Answers whether there were any.
    pub(super) fn forget(&self, sheet: SheetId, revision: Revision) -> bool {
        let mut sheets = self.lock();
        let Slot::Occupied(mut slot) = sheets.entry(sheet) else { return false };
        let known = forget(slot.get_mut(), revision);
        if slot.get().is_empty() {
            slot.remove();
        }
        known
    }

    /// A sheet's entries.
    pub(super) fn tail(&self, sheet: SheetId) -> Vec<Arc<Entry>> {
        self.lock().get(&sheet).map(|tail| tail.iter().cloned().collect()).unwrap_or_default()
    }

    /// The sheets that have any.
    pub(super) fn sheets(&self) -> Vec<SheetId> {
        self.lock().keys().copied().collect()
    }

    /// How many entries there are.
    pub(super) fn entries(&self) -> usize {
        self.lock().values().map(VecDeque::len).sum()
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<SheetId, Tail>> {
        // Every critical section leaves the map whole, so a panic elsewhere does not spoil it.
        self.sheets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops entries up to `revision` from the front. Answers whether there were any.
pub(super) fn forget(tail: &mut Tail, revision: Revision) -> bool {
    let count = tail.iter().take_while(|entry| entry.revision <= revision).count();
    tail.drain(..count);
    count > 0
}
