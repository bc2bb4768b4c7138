//! The sheets that recovery leaves until their stamps change.
//!
//! Not their opening. Invariant: each one waits for its entries to be committed, and has the stamp with which it could not
//! be opened.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::ports::storage::SheetStamp;
use model::SheetId;

/// The stamp of a sheet; `None` for one that Postgres does not have.
pub(super) type Stamp = Option<SheetStamp>;

/// The sheets that are left until their stamps change.
#[derive(Debug, Default)]
pub(super) struct Left(Mutex<FxHashMap<SheetId, Stamp>>);

impl Left {
    /// Keeps those that still wait, and takes out those whose stamp is another one now. Without `stamps`, which
    /// Postgres did not give, all stay.
    pub(super) fn keep(
        &self,
        waiting: &FxHashSet<SheetId>,
        stamps: Option<&FxHashMap<SheetId, SheetStamp>>,
    ) {
        let is_same = |id: &SheetId, stamp: &Stamp| {
            stamps.is_none_or(|stamps| stamps.get(id).copied() == *stamp)
        };
        self.lock().retain(|id, stamp| waiting.contains(id) && is_same(id, stamp));
    }

    pub(super) fn contains(&self, id: SheetId) -> bool {
        self.lock().contains_key(&id)
    }

    pub(super) fn insert(&self, id: SheetId, stamp: Stamp) {
        self.lock().insert(id, stamp);
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<SheetId, Stamp>> {
        // Each change of the table is one call, so a poisoned table is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
