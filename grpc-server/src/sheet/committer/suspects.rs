//! Sheets of which Postgres has refused a batch.
//!
//! A batch is merged and can't be parted again, so the sheet is loaded anew, and each transaction then
//! takes one entry. All that can be stored lands, and the entry that can't is found. Not here: what
//! becomes of it (the sheet is set aside). Invariant: a sheet is a suspect until all that it had lands.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashSet;

use crate::model::SheetId;

/// The suspects of one server.
#[derive(Debug, Default)]
pub struct Suspects(Mutex<FxHashSet<SheetId>>);

impl Suspects {
    pub(super) fn contains(&self, sheet: SheetId) -> bool {
        self.lock().contains(&sheet)
    }

    pub(super) fn insert(&self, sheet: SheetId) {
        self.lock().insert(sheet);
    }

    pub(super) fn remove(&self, sheet: SheetId) {
        self.lock().remove(&sheet);
    }

    fn lock(&self) -> MutexGuard<'_, FxHashSet<SheetId>> {
        // Each change is one call, so a poisoned set is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
