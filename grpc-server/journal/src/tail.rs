//! The tails: for each sheet its entries that are durable and not known to be committed, in order.
//!
//! Not where they are durable. Invariant: a sheet in the map has at least one entry, and its revisions have no gap.
//! An added entry follows on the last one, or, where all is committed, on the head of the open sheet.

mod held;

use std::collections::VecDeque;
use std::collections::hash_map::Entry as Slot;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ot_engine::Revision;
use rustc_hash::FxHashMap;

use self::held::Held;
use model::{Entry, SheetId};

/// Entries of one sheet.
pub(super) type Tail = VecDeque<Arc<Entry>>;

/// The tails of all sheets.
#[derive(Debug)]
pub(super) struct Tails {
    sheets: Mutex<Sheets>,
    /// The last revision of each open sheet, committed or not.
    heads: Mutex<Heads>,
}

#[derive(Debug)]
struct Sheets {
    tails: FxHashMap<SheetId, Tail>,
    held: Held,
}

/// The last revision of some sheets.
pub(super) type Heads = FxHashMap<SheetId, Revision>;

impl Tails {
    pub(super) fn new(sheets: FxHashMap<SheetId, Tail>) -> Self {
        let held = Held::of(sheets.values().flatten().map(|entry| &**entry));
        let sheets = Mutex::new(Sheets { tails: sheets, held });
        Self { sheets, heads: Mutex::default() }
    }

    /// A sheet is open, and stands at `head` as far as is known.
    pub(super) fn opened(&self, sheet: SheetId, head: Revision) {
        let last = self.lock().tails.get(&sheet).and_then(Tail::back).map(|entry| entry.revision);
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
            let tail =
                || sheets.tails.get(&entry.sheet).and_then(Tail::back).map(|last| last.revision);
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
            sheets.held.add(&entry);
            sheets.tails.entry(entry.sheet).or_default().push_back(entry);
        }
    }

    /// Puts these in place of a sheet's entries.
    pub(super) fn replace(&self, sheet: SheetId, entries: &[Arc<Entry>]) {
        let mut sheets = self.lock();
        for entry in sheets.tails.remove(&sheet).into_iter().flatten() {
            sheets.held.remove(&entry);
        }
        entries.iter().for_each(|entry| sheets.held.add(entry));
        if !entries.is_empty() {
            sheets.tails.insert(sheet, entries.iter().cloned().collect());
        }
    }

    /// Drops a sheet's entries up to `revision`. Answers whether there were any.
    pub(super) fn forget(&self, sheet: SheetId, revision: Revision) -> bool {
        let mut sheets = self.lock();
        let Sheets { tails, held } = &mut *sheets;
        let Slot::Occupied(mut slot) = tails.entry(sheet) else { return false };
        let forgotten = forget(slot.get_mut(), revision);
        forgotten.iter().for_each(|entry| held.remove(entry));
        if slot.get().is_empty() {
            slot.remove();
        }
        !forgotten.is_empty()
    }

    /// The bytes of memory that all entries take.
    pub(super) fn bytes(&self) -> u64 {
        self.lock().held.all()
    }

    /// Whether the sheets and the accounts of entries may hold further ones, when so many bytes are free.
    pub(super) fn leave_room(&self, entries: &[Arc<Entry>], free: u64) -> bool {
        let sheets = self.lock();
        sheets.held.leaves_room(entries, free)
    }

    /// A sheet's entries.
    pub(super) fn tail(&self, sheet: SheetId) -> Vec<Arc<Entry>> {
        self.lock().tails.get(&sheet).map(|tail| tail.iter().cloned().collect()).unwrap_or_default()
    }

    /// The sheets that have any.
    pub(super) fn sheets(&self) -> Vec<SheetId> {
        self.lock().tails.keys().copied().collect()
    }

    /// How many entries there are.
    pub(super) fn entries(&self) -> usize {
        self.lock().tails.values().map(VecDeque::len).sum()
    }

    fn heads(&self) -> MutexGuard<'_, Heads> {
        // As below. Where both are locked, the sheets come first.
        self.heads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Sheets> {
        // Every critical section leaves the map whole, so a panic elsewhere does not spoil it.
        self.sheets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes entries up to `revision` from the front.
pub(super) fn forget(tail: &mut Tail, revision: Revision) -> Vec<Arc<Entry>> {
    let count = tail.iter().take_while(|entry| entry.revision <= revision).count();
    tail.drain(..count).collect()
}
