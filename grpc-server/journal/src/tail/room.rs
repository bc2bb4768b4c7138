//! The room in memory for further entries: whose append is refused, and which sheet is too large for this node.
//!
//! Not here: the room in files. Invariant: what is reserved counts as held until it is dropped, so appends that are under
//! way at the same time have room together.

use std::sync::Arc;

use super::{Sheets, Tails};
use crate::JournalError;
use model::{Entry, SheetId};

/// A part of the memory that the opening of a sheet leaves free, so that a sheet that was closed for lack of memory is
/// not opened and closed in turns.
const LEFT_BY_OPENING: u64 = 8;

/// Bytes of entries that are on their way into the tails, until they are there or dropped.
#[derive(Debug)]
pub(crate) struct Reserved {
    tails: Arc<Tails>,
    bytes: u64,
}

impl Tails {
    /// Whether entries have room, and leave some for other sheets and other accounts. `elsewhere`: the memory of the
    /// entries for which there is room where they become durable.
    pub(crate) fn check_room(
        &self,
        entries: &[Arc<Entry>],
        elsewhere: u64,
    ) -> Result<(), JournalError> {
        self.check(&self.lock(), entries, elsewhere)
    }

    /// The same, and the entries count from now on.
    pub(crate) fn reserve(
        self: &Arc<Self>,
        entries: &[Arc<Entry>],
    ) -> Result<Reserved, JournalError> {
        let mut sheets = self.lock();
        self.check(&sheets, entries, u64::MAX)?;
        let bytes = bytes_of(entries);
        sheets.reserved += bytes;
        Ok(Reserved { tails: Arc::clone(self), bytes })
    }

    fn check(
        &self,
        sheets: &Sheets,
        entries: &[Arc<Entry>],
        elsewhere: u64,
    ) -> Result<(), JournalError> {
        let free = self.memory.saturating_sub(sheets.used());
        if free < bytes_of(entries) {
            return Err(JournalError::Full);
        }
        match sheets.held.leaves_room(entries, free.min(elsewhere)) {
            true => Ok(()),
            false => Err(JournalError::ShareFull),
        }
    }

    /// A reservation that grows.
    pub(crate) fn reserve_nothing(self: &Arc<Self>) -> Reserved {
        Reserved { tails: Arc::clone(self), bytes: 0 }
    }

    /// Where the entries take more memory than they may: the sheet that holds most of those that are `open`.
    pub(crate) fn largest_beyond(&self, open: impl Fn(SheetId) -> bool) -> Option<SheetId> {
        let sheets = self.lock();
        if sheets.used() <= self.memory {
            return None;
        }
        let open = sheets.tails.keys().copied().filter(|sheet| open(*sheet));
        open.max_by_key(|sheet| sheets.held.of_sheet(*sheet))
    }
}

impl Reserved {
    /// Reserves more for a sheet that is being opened: its entries take the place of those that are held of it.
    pub(crate) fn grow(
        &mut self,
        sheet: SheetId,
        entries: &[Arc<Entry>],
    ) -> Result<(), JournalError> {
        let bytes = bytes_of(entries);
        self.bytes += bytes;
        let mut sheets = self.tails.lock();
        sheets.reserved += bytes;
        let used = sheets.used() - sheets.held.of_sheet(sheet);
        let most = self.tails.memory - self.tails.memory / LEFT_BY_OPENING;
        if used <= most { Ok(()) } else { Err(JournalError::Full) }
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        let mut sheets = self.tails.lock();
        sheets.reserved = sheets.reserved.saturating_sub(self.bytes);
    }
}

impl Sheets {
    fn used(&self) -> u64 {
        self.held.all() + self.reserved
    }
}

fn bytes_of(entries: &[Arc<Entry>]) -> u64 {
    entries.iter().map(|entry| entry.bytes() as u64).sum()
}
