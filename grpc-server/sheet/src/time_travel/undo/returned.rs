//! The lines that an inverse brings back although they were on the sheet in between, and the cells that they had.
//!
//! A deleted line keeps its cells, so it usually comes back with them. But a restore writes into the lines that it brings
//! back, and its undo deletes them again, with these cells. An undo of the first deletion sets what the lines had at that
//! deletion.
//!
//! Read only. Not here: the inverse itself (`inverse`). Cost: nothing without such lines; else the rows whose cells have
//! changed since. Invariant: only cells on lines that the inverse inserts are set.

use ot_engine::CellEdit;

use super::inverse::AtTarget;
use super::lookup::Miss;
use super::question::Question;
use crate::ports::history::Logged;
use crate::ports::storage::StoreError;
use crate::time_travel::restore::Comparing;
use crate::time_travel::snapshot::{Snapshot, SnapshotError};
use model::sizes::RESTORED_BYTES;

impl Question {
    /// The cells that the returned lines had right after the target, in positions of the sheet before it.
    pub(super) async fn cells_returned(
        &self,
        logged: &Logged,
        at_target: &AtTarget,
    ) -> Result<Vec<CellEdit>, Miss> {
        let (target, returned) = (logged.entry.revision, at_target.returned());
        if returned.is_empty() {
            return Ok(Vec::new());
        }
        let before = at_target.before(logged);
        let before = before.map_err(|error| self.misfit(target, error, false))?;
        let (history, sheet) = (&*self.shared.history, self.sheet);
        let most = self.shared.limits.edit_cells;
        let mut steps = 0;
        let compared = async {
            let snapshot = Snapshot::at(history, sheet, target).await?;
            let mut changed = snapshot.changed_since(history, sheet).await?;
            if returned.cols.is_empty() {
                changed.keep(&returned.rows);
            }
            let is_wanted = |row, column| returned.has_cell(row, column);
            let comparing = Comparing { onto: &before, is_wanted: &is_wanted, cells_most: most };
            snapshot.differences(history, sheet, changed, comparing, &mut steps).await
        };
        let compared = compared.await;
        self.work.add(steps);
        match compared {
            Ok(found) if found.fits(most) => Ok(found.cells),
            Ok(_) => Err(Miss::TooLarge { most: RESTORED_BYTES }),
            Err(SnapshotError::Compacted { .. } | SnapshotError::Future { .. }) => {
                Err(Miss::TooLongAgo { of_all: true })
            }
            Err(SnapshotError::Store(StoreError::RowsTooLarge { most })) => {
                Err(Miss::TooLarge { most })
            }
            Err(SnapshotError::Store(error)) => Err(self.miss(target, error, false)),
            Err(SnapshotError::Misfit(error)) => Err(self.misfit(target, error, false)),
        }
    }
}
