//! Sheets of which Postgres has refused a batch.
//!
//! A merged batch can't be divided, so the sheet is loaded again and each transaction then takes one entry.
//! Every entry that Postgres can store is committed, and the entry at fault is found. Not here: its
//! consequence (the sheet is set aside). Invariant: a sheet is in quarantine until the last entry of the
//! refused batch is committed, or until the sheet is set aside.

use std::sync::{Mutex, MutexGuard, PoisonError};

use ot_engine::Revision;
use rustc_hash::FxHashMap;

use model::SheetId;

/// The sheets in quarantine on one server, with the last revision of each refused batch.
#[derive(Debug, Default)]
pub struct Quarantine(Mutex<FxHashMap<SheetId, Revision>>);

impl Quarantine {
    /// The last revision of the sheet's refused batch.
    pub(super) fn until(&self, sheet: SheetId) -> Option<Revision> {
        self.lock().get(&sheet).copied()
    }

    pub(super) fn insert(&self, sheet: SheetId, until: Revision) {
        self.lock().insert(sheet, until);
    }

    pub(super) fn remove(&self, sheet: SheetId) {
        self.lock().remove(&sheet);
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<SheetId, Revision>> {
        // Each change is one call, so a poisoned map is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
