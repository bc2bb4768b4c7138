//! The tails: for each sheet its entries that are durable and not known to be committed, in order.
//!
//! Not where they are durable, nor who may add entries (`room`). Invariant: a sheet in the map has at least one entry,
//! and its revisions have no gap. An added entry follows on the last one, or, where all is committed, on the head of the
//! open sheet.

mod held;
mod room;

use std::collections::VecDeque;
use std::collections::hash_map::Entry as Slot;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ot_engine::Revision;
use rustc_hash::FxHashMap;

use self::held::Held;
pub(super) use self::room::Reserved;
use model::{Entry, SheetId};

/// Entries of one sheet.
pub(super) type Tail = VecDeque<Arc<Entry>>;

/// The tails of all sheets.
#[derive(Debug)]
pub(super) struct Tails {
    /// Most bytes of memory that all entries may take, with what their sheets hold for them.
    memory: u64,
    sheets: Mutex<Sheets>,
    /// The last revision of each open sheet, committed or not.
    heads: Mutex<Heads>,
}

#[derive(Debug)]
struct Sheets {
    tails: FxHashMap<SheetId, VecDeque<Kept>>,
    /// The bytes of these and of the entries that are reserved.
    held: Held,
}

/// An entry, and the bytes that its sheet holds for it until it is committed: the most that they can be until it is
/// applied.
#[derive(Debug)]
struct Kept {
    entry: Arc<Entry>,
    writes: u64,
}

impl From<Arc<Entry>> for Kept {
    fn from(entry: Arc<Entry>) -> Self {
        let writes = entry.written_bytes() as u64;
        Self { entry, writes }
    }
}

impl Kept {
    fn bytes(&self) -> u64 {
        self.entry.bytes() as u64 + self.writes
    }
}

/// The last revision of some sheets.
pub(super) type Heads = FxHashMap<SheetId, Revision>;

impl Tails {
    pub(super) fn new(sheets: FxHashMap<SheetId, Tail>, memory_bytes: usize) -> Self {
        let tails = Self {
            memory: memory_bytes as u64,
            sheets: Mutex::new(Sheets { tails: FxHashMap::default(), held: Held::default() }),
            heads: Mutex::default(),
        };
        sheets.into_iter().for_each(|(sheet, tail)| tails.replace(sheet, &Vec::from(tail)));
        tails
    }

    /// A sheet is open, and stands at `head` as far as is known.
    pub(super) fn opened(&self, sheet: SheetId, head: Revision) {
        let last = self.lock().last(sheet);
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
            let tail = || sheets.last(entry.sheet);
            if last.or_else(tail).is_some_and(|last| entry.revision != last.next()) {
                return false;
            }
            next.insert(entry.sheet, entry.revision);
        }
        ahead.extend(next);
        true
    }

    /// Adds entries that have become durable.
    pub(super) fn extend(self: &Arc<Self>, entries: &[Arc<Entry>]) {
        let mut entered = self.reserve_nothing();
        entered.add(entries);
        entered.land();
    }

    /// Puts these in place of a sheet's entries.
    pub(super) fn replace(&self, sheet: SheetId, entries: &[Arc<Entry>]) {
        let mut sheets = self.lock();
        for kept in sheets.tails.remove(&sheet).into_iter().flatten() {
            sheets.held.remove(&kept.entry, kept.bytes());
        }
        let kept: VecDeque<_> = entries.iter().cloned().map(Kept::from).collect();
        kept.iter().for_each(|kept| sheets.held.add(&kept.entry, kept.bytes()));
        if !kept.is_empty() {
            sheets.tails.insert(sheet, kept);
        }
    }

    /// A sheet has applied an entry, and holds so many bytes for it until it is committed: its write set. Nothing is
    /// counted where the entry is committed by now.
    pub(super) fn applied(&self, sheet: SheetId, revision: Revision, bytes: usize) {
        let mut sheets = self.lock();
        let Sheets { tails, held, .. } = &mut *sheets;
        let Some(tail) = tails.get_mut(&sheet) else { return };
        // Revisions have no gap.
        let first = tail.front().map_or(revision, |first| first.entry.revision);
        let at = revision.0.checked_sub(first.0).and_then(|at| usize::try_from(at).ok());
        let Some(kept) = at.and_then(|at| tail.get_mut(at)) else { return };
        held.remove(&kept.entry, kept.writes);
        kept.writes = bytes as u64;
        held.add(&kept.entry, kept.writes);
    }

    /// Drops a sheet's entries up to `revision`. Answers whether there were any.
    pub(super) fn forget(&self, sheet: SheetId, revision: Revision) -> bool {
        let mut sheets = self.lock();
        let Sheets { tails, held, .. } = &mut *sheets;
        let Slot::Occupied(mut slot) = tails.entry(sheet) else { return false };
        let tail = slot.get_mut();
        let count = tail.iter().take_while(|kept| kept.entry.revision <= revision).count();
        let forgotten: Vec<_> = tail.drain(..count).collect();
        forgotten.iter().for_each(|kept| held.remove(&kept.entry, kept.bytes()));
        if slot.get().is_empty() {
            slot.remove();
        }
        !forgotten.is_empty()
    }

    /// A sheet's entries.
    pub(super) fn tail(&self, sheet: SheetId) -> Vec<Arc<Entry>> {
        let entries = |tail: &VecDeque<Kept>| tail.iter().map(|kept| kept.entry.clone()).collect();
        self.lock().tails.get(&sheet).map(entries).unwrap_or_default()
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

impl Sheets {
    /// The last revision of a sheet's entries.
    fn last(&self, sheet: SheetId) -> Option<Revision> {
        self.tails.get(&sheet).and_then(VecDeque::back).map(|last| last.entry.revision)
    }
}

/// Removes entries up to `revision` from the front.
pub(super) fn forget(tail: &mut Tail, revision: Revision) {
    let count = tail.iter().take_while(|entry| entry.revision <= revision).count();
    tail.drain(..count);
}
