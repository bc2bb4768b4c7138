//! Whether an undo would change anything: an undo of nothing makes no revision.
//!
//! Not here: the inverse itself (`inverse`). Invariant: a cell counts as unchanged only where the change itself left it as
//! it was, or the current sheet has it with exactly the value that the undo would set. Where too much would be read for the
//! latter, only the former counts.

use ot_engine::{ColumnId, Delta, RowId, Value};
use rustc_hash::{FxHashMap, FxHashSet};

use super::inverse::Place;
use super::question::Question;
use crate::ports::storage::StoreError;
use crate::refusal::Refusal;
use crate::state::SheetState;
use crate::state::row_order::ranges_of;
use model::RowBody;
use model::sizes::UNDO_BYTES;

/// The current rows that are read to compare their cells, in memory.
const COMPARED_BYTES: usize = UNDO_BYTES / 4;

impl Question {
    /// Which of the places that are set have on the current sheet the value that they had `before`, or were set to it.
    pub(super) async fn unchanged(
        &self,
        places: &[Place],
        before: &[Value],
    ) -> Result<Vec<bool>, Refusal> {
        let columns: FxHashSet<ColumnId> =
            self.state.columns().iter().map(|column| column.id).collect();
        let (order, mut rows) = (self.state.row_order(), Vec::new());
        for place in places.iter().filter(|place| place.edit.as_set().is_some()) {
            if rows.last() != Some(&place.id.0) && order.position_of(place.id.0).is_some() {
                rows.push(place.id.0);
            }
        }
        let held = self.current(rows).await?;
        self.work.add(places.len());
        let is_same = |(place, before): (&Place, &Value)| {
            let (row, column) = place.id;
            let is_now = || {
                held.get(&row).is_some_and(|held| {
                    held.as_ref().map_or(&Value::Empty, |body| body.get(column)) == before
                })
            };
            let set = place.edit.as_set();
            set.is_some_and(|set| set == before || columns.contains(&column) && is_now())
        };
        Ok(places.iter().zip(before).map(is_same).collect())
    }

    /// The bodies of rows that are on the current sheet; none of them where they take too much memory.
    async fn current(
        &self,
        mut rows: Vec<RowId>,
    ) -> Result<FxHashMap<RowId, Option<RowBody>>, Refusal> {
        rows.sort_unstable();
        rows.dedup();
        let ranges = ranges_of(&rows);
        match self.shared.storage.read_rows_at(self.sheet, &ranges, COMPARED_BYTES).await {
            Ok((bodies, _)) => {
                self.work.add_bytes(bodies.iter().map(|(_, body)| body.weight_bytes()).sum());
                let mut held: FxHashMap<RowId, Option<RowBody>> =
                    rows.into_iter().map(|row| (row, None)).collect();
                for (row, body) in bodies {
                    held.insert(row, Some(body));
                }
                Ok(held)
            }
            Err(StoreError::RowsTooLarge { most }) => {
                self.work.add_bytes(most);
                Ok(FxHashMap::default())
            }
            Err(error) => Err(self.away(&error)),
        }
    }
}

/// Whether a delta without superfluous cells changes the sheet: lines may stand where it puts them, and columns may have
/// the attributes already.
pub(super) fn changes_sheet(delta: &Delta, state: &SheetState) -> bool {
    if !delta.cells.is_empty() {
        return true;
    }
    if delta.is_identity() {
        return false;
    }
    let mut after = state.clone();
    // One that does not fit is refused where it is ordered.
    after.step(delta).is_err()
        || after.columns() != state.columns()
        || after.row_ids() != state.row_ids()
}
