//! What must be known before the oldest history of a sheet goes: its order where history is to begin,
//! and the rows that nothing from there on can bring back.
//!
//! Read only; the deleting is `store`'s. Invariant: a row that a kept revision shows, or that an undo
//! of a kept change can place again, is not among the dead.

use std::ops::Range;

use ot_engine::{AxisDelta, ColumnId, Revision, RowId, Run};

use super::state::PastError;
use crate::ports::history::History;
use crate::ports::storage::StoreError;
use crate::state::{Misfit, SheetState};
use model::{Order, SheetId};

/// Steps that are read at one go.
const STEPS_READ: u32 = 200;

/// The order of a sheet at `to`, and the ids that were free there.
///
/// Always forward from the checkpoint before: only there is it known which ids had been given out.
///
/// # Errors
/// See [`PastError`].
pub async fn order_at(
    store: &dyn History,
    sheet: SheetId,
    to: Revision,
) -> Result<Order, PastError> {
    let around = store.checkpoints_around(sheet, to, to).await?;
    let gone = PastError::Compacted { oldest: around.above.unwrap_or(to) };
    let Some(below) = around.below else { return Err(gone) };
    let order = store.checkpoint(sheet, below).await?.ok_or(gone)?;
    let (mut next_row_id, mut next_column_id) = (order.next_row_id, order.next_column_id);
    let mut state = SheetState::at(order).map_err(Misfit::from)?;
    let mut at = below;
    loop {
        let steps = store.steps(sheet, at, to, STEPS_READ).await?;
        for (revision, step) in &steps {
            state.step(step)?;
            next_row_id = RowId(next_free(next_row_id.0, &step.rows));
            next_column_id = ColumnId(next_free(next_column_id.0, &step.cols));
            at = *revision;
        }
        if steps.len() < STEPS_READ as usize {
            break;
        }
    }
    Ok(Order {
        spans: state.row_order().spans().cloned().collect(),
        columns: state.columns().to_vec(),
        next_row_id,
        next_column_id,
    })
}

/// The ids of rows that are not there now, that no revision from `floor` on shows, and that so
/// nothing can bring back. What is accepted and not committed may bring back none of them either:
/// the caller sees to that.
///
/// # Errors
/// See [`PastError`].
pub async fn dead_rows(
    store: &dyn History,
    sheet: SheetId,
    floor: Revision,
) -> Result<Vec<Range<RowId>>, PastError> {
    let record = store.load_sheet(sheet).await?.ok_or(StoreError::NotFound("sheet"))?;
    let order = store.checkpoint(sheet, floor).await?;
    let order = order.ok_or(PastError::Compacted { oldest: record.head })?;
    let mut kept: Vec<Range<u64>> = order
        .spans
        .iter()
        .chain(&record.spans)
        .map(|span| span.start.0..span.start.0.saturating_add(u64::from(span.length)))
        .collect();
    let mut at = floor;
    loop {
        let steps = store.steps(sheet, at, record.head, STEPS_READ).await?;
        // Rows that came back since, and may have gone again.
        kept.extend(steps.iter().flat_map(|(_, step)| placed(&step.rows)));
        let Some((last, _)) = steps.last().filter(|_| steps.len() == STEPS_READ as usize) else {
            break;
        };
        at = *last;
    }
    // From there on every row was made in the history that is kept.
    kept.push(order.next_row_id.0..u64::MAX);
    Ok(gaps(kept))
}

/// The lines that a change places, by their ids.
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

/// What lies between the ranges, and before the first.
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
    fn gaps_lie_between_what_is_kept() {
        let kept = vec![20..u64::MAX, 3..5, 4..9, 9..12, 14..15];
        let ids = |range: Range<u64>| RowId(range.start)..RowId(range.end);
        assert_eq!(gaps(kept), [ids(0..3), ids(12..14), ids(15..20)]);
    }

    #[test]
    fn ids_are_counted_on_by_new_lines_only() {
        let insert = |first: u64, count| {
            AxisDelta::from_runs(vec![Run::Insert { count, first: Some(LineId(first)) }])
        };
        assert_eq!(next_free(7, &insert(7, 3)), 10);
        assert_eq!(next_free(7, &insert(2, 3)), 7);
    }
}
