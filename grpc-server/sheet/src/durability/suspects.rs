//! Sheets of which Postgres has refused a batch.
//!
//! A batch is merged and can't be parted again, so the sheet is loaded anew, and each transaction then
//! takes one entry. All that can be stored lands, and the entry that can't is found. Not here: what
//! becomes of it (the sheet is set aside). Invariant: a sheet is a suspect until the last entry of the
//! refused batch lands.

use std::sync::{Mutex, MutexGuard, PoisonError};

use ot_engine::Revision;
use rustc_hash::FxHashMap;

use model::SheetId;

/// The suspects of one server, with the last revision of each refused batch.
#[derive(Debug, Default)]
pub struct Suspects(Mutex<FxHashMap<SheetId, Revision>>);

impl Suspects {
    /// Up to where one of the sheet's entries is under suspicion.
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
