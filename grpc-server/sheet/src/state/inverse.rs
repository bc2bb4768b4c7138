//! The structural inverse of a change: the rows, columns and attributes of its inverse, stored for undo.
//!
//! Not here: cells. Postgres keeps their before images by row id, and bodies of deleted rows stay. Cost: the
//! runs of the change and the spans of the rows that it deletes.
//!
//! Invariant: lines that the inverse brings back have the ids that they had.

use std::collections::VecDeque;
use std::ops::Range;

use ot_engine::{AxisDelta, Delta, LineId, Run, Sheet, invert};

use crate::state::row_order::RowOrder;
use model::ColumnRecord;

/// The inverse of a change that is about to be applied, without its cells. It deletes inserted lines, inserts
/// deleted lines under their ids, moves moved lines back, and sets the former attributes of columns (a width
/// only where there was one). `None` for a change that only sets cells.
#[must_use]
pub fn structural_inverse(
    delta: &Delta,
    rows: &RowOrder,
    columns: &[ColumnRecord],
) -> Option<Delta> {
    if delta.is_cells_only() {
        return None;
    }
    let gone_rows = deleted(&delta.rows)
        .flat_map(|gone| rows.ids(gone))
        .map(|ids| ids.start.0..ids.end.0)
        .collect();
    let gone_cols = deleted(&delta.cols)
        .filter_map(|gone| columns.get(gone.start as usize..gone.end as usize))
        .flatten()
        .map(|column| column.id.0..column.id.0 + 1)
        .collect();
    // The engine inverts the attributes on a sheet that has columns and no rows.
    let before = Sheet { rows: Vec::new(), columns: columns.iter().map(column).collect() };
    let attributes =
        Delta { cols: delta.cols.clone(), columns: delta.columns.clone(), ..Delta::identity() };
    Some(Delta {
        rows: named(&delta.rows.inverse(), gone_rows),
        cols: named(&delta.cols.inverse(), gone_cols),
        cells: Vec::new(),
        columns: invert(&attributes, &before).delta.columns,
    })
}

fn column(record: &ColumnRecord) -> ot_engine::Column {
    ot_engine::Column {
        id: Some(record.id),
        name: record.name.clone(),
        kind: record.kind,
        width: record.width,
        settings: record.settings.clone(),
    }
}

/// The lines that a change deletes, in positions before the change, ascending.
fn deleted(axis: &AxisDelta) -> impl Iterator<Item = Range<u32>> + '_ {
    let mut at = 0_u32;
    axis.runs().iter().filter_map(move |run| {
        let start = at;
        at = at.saturating_add(run.consumes());
        matches!(run, Run::Delete(_)).then_some(start..at)
    })
}

/// Names the lines that an inverse inserts. The inverse inserts them in their former order, which is the order
/// of `ids`.
fn named(inverse: &AxisDelta, mut ids: VecDeque<Range<u64>>) -> AxisDelta {
    let mut runs = Vec::with_capacity(inverse.runs().len());
    for run in inverse.runs() {
        let Run::Insert { count, .. } = *run else {
            runs.push(*run);
            continue;
        };
        let mut left = count;
        while left > 0
            && let Some(first) = ids.front_mut()
        {
            let taken = left.min(u32::try_from(first.end - first.start).unwrap_or(u32::MAX));
            runs.push(Run::Insert { count: taken, first: Some(LineId(first.start)) });
            first.start += u64::from(taken);
            left -= taken;
            if first.is_empty() {
                ids.pop_front();
            }
        }
    }
    AxisDelta::from_runs(runs)
}
