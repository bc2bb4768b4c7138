//! The floor of a sheet's history: its order at a new floor, and the rows that no later revision needs.
//!
//! Read only. Not here: the pruning (`Pruner` of the server). Invariant: a row is not dead while a kept revision
//! shows it, or an undo of a kept change can place it again.

use std::ops::Range;

use ot_engine::{AxisDelta, ColumnId, Revision, RowId, Run};

use super::snapshot::SnapshotError;
use crate::ports::history::History;
use crate::ports::storage::StoreError;
use crate::state::{Misfit, SheetState};
use model::{Order, SheetId};

/// Steps in one read.
const STEPS_READ: u32 = 200;

/// The order of a sheet at `to`, with its id counters.
///
/// Always forward from the checkpoint before: a checkpoint has the id counters of its revision, and a walk back
/// by inverses would not lower those of a later one.
///
/// # Errors
/// See [`SnapshotError`].
pub async fn order_at(
    history: &dyn History,
    sheet: SheetId,
    to: Revision,
) -> Result<Order, SnapshotError> {
    let around = history.checkpoints_around(sheet, to, to).await?;
    let gone = SnapshotError::Compacted { oldest: around.above.unwrap_or(to) };
    let Some(below) = around.below else { return Err(gone) };
    let order = history.checkpoint(sheet, below).await?.ok_or(gone)?;
    let (mut next_row_id, mut next_column_id) = (order.next_row_id, order.next_column_id);
    let knows_settings = order.knows_settings;
    let mut state = SheetState::at(order).map_err(Misfit::from)?;
    let mut at = below;
    while at < to {
        // A page may be short for its bytes.
        let steps = history.steps(sheet, at, to, STEPS_READ).await?;
        let Some((last, _)) = steps.last() else { break };
        at = *last;
        for (_, step) in &steps {
            state.step(step)?;
            next_row_id = RowId(next_free(next_row_id.0, &step.rows));
            next_column_id = ColumnId(next_free(next_column_id.0, &step.cols));
        }
    }
    Ok(Order {
        spans: state.row_order().spans().cloned().collect(),
        columns: state.columns().to_vec(),
        knows_settings,
        next_row_id,
        next_column_id,
    })
}

/// The ids of dead rows: rows that are not on the sheet, that no revision from `floor` on shows, and that no
/// undo can place again. The caller makes sure that no accepted and uncommitted change places one of them.
///
/// # Errors
/// See [`SnapshotError`].
pub async fn dead_rows(
    history: &dyn History,
    sheet: SheetId,
    floor: Revision,
) -> Result<Vec<Range<RowId>>, SnapshotError> {
    let record = history.load_sheet(sheet).await?.ok_or(StoreError::NotFound("sheet"))?;
    let order = history.checkpoint(sheet, floor).await?;
    let order = order.ok_or(SnapshotError::Compacted { oldest: record.head })?;
    let mut kept: Vec<Range<u64>> = order
        .spans
        .iter()
        .chain(&record.spans)
        .map(|span| span.start.0..span.start.0.saturating_add(u64::from(span.length)))
        .collect();
    let mut at = floor;
    while at < record.head {
        let steps = history.steps(sheet, at, record.head, STEPS_READ).await?;
        // Rows that were placed again since, and may have been deleted again.
        kept.extend(steps.iter().flat_map(|(_, step)| placed(&step.rows)));
        let Some((last, _)) = steps.last() else { break };
        at = *last;
    }
    // Rows from this id on were created by changes that are kept.
    kept.push(order.next_row_id.0..u64::MAX);
    Ok(gaps(kept))
}

/// The lines that a change inserts, by their ids.
fn placed(axis: &AxisDelta) -> impl Iterator<Item = Range<u64>> {
    axis.runs().iter().filter_map(|run| match *run {
        Run::Insert { count, first: Some(first) } => {
            Some(first.0..first.0.saturating_add(u64::from(count)))
        }
        _ => None,
    })
}

fn next_free(next: u64, axis: &AxisDelta) -> u64 {
    placed(axis).fold(next, |next, ids| next.max(ids.end))
}

/// The gaps between the ranges, and the one before the first.
fn gaps(mut kept: Vec<Range<u64>>) -> Vec<Range<RowId>> {
    kept.sort_unstable_by_key(|ids| ids.start);
    let mut end = 0;
    let mut gaps = Vec::new();
    for ids in kept {
        if ids.start > end {
            gaps.push(RowId(end)..RowId(ids.start));
        }
        end = end.max(ids.end);
    }
    gaps
}

#[cfg(test)]
mod tests {
    use ot_engine::LineId;

    use super::*;

    #[test]
    fn gaps_lie_between_kept_ranges() {
        let kept = vec![20..u64::MAX, 3..5, 4..9, 9..12, 14..15];
        let ids = |range: Range<u64>| RowId(range.start)..RowId(range.end);
        assert_eq!(gaps(kept), [ids(0..3), ids(12..14), ids(15..20)]);
    }

    #[test]
    fn new_lines_alone_advance_the_id_counter() {
        let insert = |first: u64, count| {
            AxisDelta::from_runs(vec![Run::Insert { count, first: Some(LineId(first)) }])
        };
        assert_eq!(next_free(7, &insert(7, 3)), 10);
        assert_eq!(next_free(7, &insert(2, 3)), 7);
    }
}
