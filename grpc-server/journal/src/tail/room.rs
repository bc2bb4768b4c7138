//! The room in memory for further entries: whose append is refused, and which sheet is too large for this node.
//!
//! Not here: the room in files. Invariant: what is reserved counts for its sheet and its account until it is dropped, so
//! appends that are under way at the same time have room together.

use std::sync::Arc;

use super::{Kept, Sheets, Tails};
use crate::JournalError;
use model::{Entry, SheetId};

/// A part of the memory that the opening of a sheet leaves free, so that a sheet that was closed for lack of memory is
/// not opened and closed in turns.
const LEFT_BY_OPENING: u64 = 8;

/// Entries that are on their way into the tails, with what their sheets will hold for them, until they are there or
/// dropped.
#[derive(Debug)]
pub(crate) struct Reserved {
    tails: Arc<Tails>,
    entries: Vec<Kept>,
}

impl Tails {
    /// Reserves room for entries, and leaves some for other sheets and other accounts. `elsewhere`: the memory of the
    /// entries for which there is room where they become durable.
    pub(crate) fn reserve(
        self: &Arc<Self>,
        entries: &[Arc<Entry>],
        elsewhere: u64,
    ) -> Result<Reserved, JournalError> {
        let entries: Vec<_> = entries.iter().cloned().map(Kept::from).collect();
        let mut sheets = self.lock();
        let free = self.memory.saturating_sub(sheets.held.all());
        if free < bytes_of(&entries) {
            return Err(JournalError::Full);
        }
        if !sheets.held.leaves_room(entries.iter().map(|kept| &*kept.entry), free.min(elsewhere)) {
            return Err(JournalError::ShareFull);
        }
        sheets.add(&entries);
        Ok(Reserved { tails: Arc::clone(self), entries })
    }

    /// A reservation that grows.
    pub(crate) fn reserve_nothing(self: &Arc<Self>) -> Reserved {
        Reserved { tails: Arc::clone(self), entries: Vec::new() }
    }

    /// Where the entries take more memory than they may: the sheet that holds most of those that are `open`.
    pub(crate) fn largest_beyond(&self, open: impl Fn(SheetId) -> bool) -> Option<SheetId> {
        let sheets = self.lock();
        if sheets.held.all() <= self.memory {
            return None;
        }
        let open = sheets.tails.keys().copied().filter(|sheet| open(*sheet));
        open.max_by_key(|sheet| sheets.held.of_sheet(*sheet))
    }
}

impl Reserved {
    /// The entries have become durable: they are in the tails from now on.
    pub(crate) fn land(mut self) {
        let (mut sheets, mut heads) = (self.tails.lock(), self.tails.heads());
        for kept in std::mem::take(&mut self.entries) {
            if let Some(head) = heads.get_mut(&kept.entry.sheet) {
                *head = kept.entry.revision;
            }
            sheets.tails.entry(kept.entry.sheet).or_default().push_back(kept);
        }
    }

    /// Reserves more, whether or not there is room.
    pub(super) fn add(&mut self, entries: &[Arc<Entry>]) {
        let more: Vec<_> = entries.iter().cloned().map(Kept::from).collect();
        self.tails.lock().add(&more);
        self.entries.extend(more);
    }

    /// Reserves more for a sheet that is being opened: its entries take the place of those in its tail.
    pub(crate) fn grow(
        &mut self,
        sheet: SheetId,
        entries: &[Arc<Entry>],
    ) -> Result<(), JournalError> {
        self.add(entries);
        let sheets = self.tails.lock();
        let replaced = sheets.tails.get(&sheet).into_iter().flatten().map(Kept::bytes).sum();
        let most = self.tails.memory - self.tails.memory / LEFT_BY_OPENING;
        let used = sheets.held.all().saturating_sub(replaced);
        if used <= most { Ok(()) } else { Err(JournalError::Full) }
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        let mut sheets = self.tails.lock();
        self.entries.iter().for_each(|kept| sheets.held.remove(&kept.entry, kept.bytes()));
    }
}

impl Sheets {
    fn add(&mut self, entries: &[Kept]) {
        entries.iter().for_each(|kept| self.held.add(&kept.entry, kept.bytes()));
    }
}

fn bytes_of(entries: &[Kept]) -> u64 {
    entries.iter().map(Kept::bytes).sum()
}
