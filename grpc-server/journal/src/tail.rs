//! The tails: for each sheet its entries that are durable and not known to be committed, in order.
//!
//! Not where they are durable. Invariant: a sheet in the map has at least one entry, and its revisions have no gap.
//! An added entry follows on the last one, or, where all is committed, on the head of the open sheet.

use std::collections::VecDeque;
use std::collections::hash_map::Entry as Slot;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ot_engine::Revision;
use rustc_hash::FxHashMap;

use model::{Entry, SheetId};

/// Entries of one sheet.
pub(super) type Tail = VecDeque<Arc<Entry>>;

/// The tails of all sheets.
#[derive(Debug)]
pub(super) struct Tails {
    sheets: Mutex<FxHashMap<SheetId, Tail>>,
    /// The last revision of each open sheet, committed or not.
    heads: Mutex<Heads>,
}

/// The last revision of some sheets.
pub(super) type Heads = FxHashMap<SheetId, Revision>;

impl Tails {
    pub(super) fn new(sheets: FxHashMap<SheetId, Tail>) -> Self {
        Self { sheets: Mutex::new(sheets), heads: Mutex::default() }
    }

    /// A sheet is open, and stands at `head` as far as is known.
    pub(super) fn opened(&self, sheet: SheetId, head: Revision) {
        let last = self.lock().get(&sheet).and_then(Tail::back).map(|entry| entry.revision);
        self.heads().insert(sheet, last.map_or(head, |last| last.max(head)));
    }

    /// A sheet is closed.
    pub(super) fn closed(&self, sheet: SheetId) {
        self.heads().remove(&sheet);
    }

    /// Whether entries follow on the sheet's last one, or on that in `ahead`; notes them in
    /// `ahead` if so. The first entry of a sheet that is not open may be any.
    pub(super) fn follows(&self, entries: &[Arc<Entry>], ahead: &mut Heads) -> bool {
        let (sheets, heads) = (self.lock(), self.heads());
        let mut next = Heads::default();
        for entry in entries {
            let last = next.get(&entry.sheet).or_else(|| ahead.get(&entry.sheet));
            let last = last.or_else(|| heads.get(&entry.sheet)).copied();
            let tail = || sheets.get(&entry.sheet).and_then(Tail::back).map(|last| last.revision);
            if last.or_else(tail).is_some_and(|last| entry.revision != last.next()) {
                return false;
            }
            next.insert(entry.sheet, entry.revision);
        }
        ahead.extend(next);
        true
    }

    /// Adds entries that have become durable.
    pub(super) fn extend(&self, entries: Vec<Arc<Entry>>) {
        let (mut sheets, mut heads) = (self.lock(), self.heads());
        for entry in entries {
            if let Some(head) = heads.get_mut(&entry.sheet) {
                *head = entry.revision;
            }
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

    fn heads(&self) -> MutexGuard<'_, Heads> {
        // As below. Where both are locked, the sheets come first.
        self.heads.lock().unwrap_or_else(PoisonError::into_inner)
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
