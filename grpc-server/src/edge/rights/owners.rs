//! The owners of the sheets that are open at this node, as the last looks have found them.
//!
//! Not the rights of an owner (`access`). An open sheet counts its bytes for the owner that it was loaded with.
//! Invariants: a sheet whose owner has changed since the last look is found once; no more sheets are kept than
//! [`KEPT`].

use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use model::{AccountId, SheetId};

/// Sheets; beyond it all are forgotten, and the next look compares with nothing.
const KEPT: usize = 100_000;

/// The owners by sheet.
#[derive(Debug, Default)]
pub(crate) struct Owners(Mutex<FxHashMap<SheetId, AccountId>>);

impl Owners {
    /// The sheets that have another owner than at the last look, of those that Postgres has now.
    pub(crate) fn changed(&self, owned: &FxHashMap<SheetId, AccountId>) -> Vec<SheetId> {
        let mut known = self.known();
        if known.len() + owned.len() > KEPT {
            known.clear();
        }
        let changed = owned.iter().filter(|(sheet, owner)| {
            known.insert(**sheet, **owner).is_some_and(|former| former != **owner)
        });
        changed.map(|(sheet, _)| *sheet).collect()
    }

    /// Forgets the owner of a sheet that is loaded again anyway.
    pub(crate) fn forget(&self, sheet: SheetId) {
        self.known().remove(&sheet);
    }

    fn known(&self) -> MutexGuard<'_, FxHashMap<SheetId, AccountId>> {
        // Each entry is whole: after a panic elsewhere the map is still valid.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_with_another_owner_is_found_once() {
        let (ada, ben) = (AccountId::generate(), AccountId::generate());
        let (sheet, other) = (SheetId::generate(), SheetId::generate());
        let owners = Owners::default();
        let of = |owner| FxHashMap::from_iter([(sheet, owner), (other, ada)]);
        assert!(owners.changed(&of(ada)).is_empty(), "the first look compares with nothing");
        assert!(owners.changed(&of(ada)).is_empty());
        assert_eq!(owners.changed(&of(ben)), [sheet]);
        assert!(owners.changed(&of(ben)).is_empty());
        owners.forget(sheet);
        assert!(owners.changed(&of(ada)).is_empty(), "it is loaded again already");
    }
}
