//! The sheets that this node has open: how often their appends have lost in a row, and the request to close one.
//!
//! Not the entries of a sheet (`tail`). Invariant: a sheet is in the table exactly while a listener of it lives.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use tokio::sync::Notify;

use model::SheetId;

/// The open sheets.
#[derive(Debug, Default)]
pub(super) struct OpenSheets(Mutex<FxHashMap<SheetId, Arc<OpenSheet>>>);

#[derive(Debug, Default)]
struct OpenSheet {
    losses: Mutex<u32>,
    /// The sheet holds most of a memory that does not suffice.
    no_room: Notify,
}

/// The place of an open sheet in the table, until it is dropped.
#[derive(Debug)]
pub(super) struct OpenPlace {
    table: Arc<OpenSheets>,
    sheet: SheetId,
    open: Arc<OpenSheet>,
}

impl OpenSheets {
    /// A sheet is open. Of two places of one sheet the later one stays.
    pub(super) fn open(self: &Arc<Self>, sheet: SheetId) -> OpenPlace {
        let open = Arc::<OpenSheet>::default();
        self.lock().insert(sheet, Arc::clone(&open));
        OpenPlace { table: Arc::clone(self), sheet, open }
    }

    pub(super) fn contains(&self, sheet: SheetId) -> bool {
        self.lock().contains_key(&sheet)
    }

    /// How often the appends of a sheet have lost in a row.
    pub(super) fn losses(&self, sheet: SheetId) -> u32 {
        self.get(sheet).map_or(0, |open| *open.losses())
    }

    /// An append has lost.
    pub(super) fn lost(&self, sheet: SheetId) {
        if let Some(open) = self.get(sheet) {
            let mut losses = open.losses();
            *losses = losses.saturating_add(1);
        }
    }

    /// An append has won.
    pub(super) fn won(&self, sheet: SheetId) {
        if let Some(open) = self.get(sheet) {
            *open.losses() = 0;
        }
    }

    /// Asks a sheet to close.
    pub(super) fn close(&self, sheet: SheetId) {
        if let Some(open) = self.get(sheet) {
            open.no_room.notify_one();
        }
    }

    fn get(&self, sheet: SheetId) -> Option<Arc<OpenSheet>> {
        self.lock().get(&sheet).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<SheetId, Arc<OpenSheet>>> {
        // Each change of the table is one call, so a poisoned table is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenSheet {
    fn losses(&self) -> MutexGuard<'_, u32> {
        // A number is whole.
        self.losses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenPlace {
    /// Resolves when the sheet is asked to close. Safe to cancel.
    pub(super) async fn no_room(&self) {
        self.open.no_room.notified().await;
    }
}

impl Drop for OpenPlace {
    fn drop(&mut self) {
        let mut table = self.table.lock();
        if table.get(&self.sheet).is_some_and(|open| Arc::ptr_eq(open, &self.open)) {
            table.remove(&self.sheet);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn sheets_that_never_win_leave_nothing_when_they_close() {
        let table = Arc::new(OpenSheets::default());
        for number in 0..1_000 {
            let sheet = SheetId(Uuid::from_u128(number));
            // Without a place nothing is kept.
            table.lost(sheet);
            let earlier = table.open(sheet);
            table.lost(sheet);
            assert_eq!(table.losses(sheet), 1);
            let _later = table.open(sheet);
            table.lost(sheet);
            table.lost(sheet);
            drop(earlier);
            assert_eq!(table.losses(sheet), 2, "the later one stays");
            table.won(sheet);
            assert_eq!(table.losses(sheet), 0);
        }
        assert!(table.lock().is_empty());
    }
}
