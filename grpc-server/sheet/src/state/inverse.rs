//! What must be kept of a change so that it can be undone later: the part of its inverse that speaks
//! of lines and columns.
//!
//! Not here: cells. What they held is kept with the rows (`before_images`), by ids, and bodies of deleted
//! rows stay. Cost: the runs of the change and the spans of the rows that it deletes.

use std::collections::VecDeque;
use std::ops::Range;

use ot_engine::{AxisDelta, Delta, LineId, Run, Sheet, invert};

use crate::state::row_order::SpanTable;
use model::ColumnRecord;

/// The inverse of a change that is about to be applied, without its cells: what was inserted goes,
/// what is deleted comes back under its ids, what was moved goes home, columns get their attributes
/// back (a width, only where there was one). `None` for a change that only sets cells.
#[must_use]
pub fn structural_inverse(
    delta: &Delta,
    rows: &SpanTable,
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
    // The attributes as the engine gives them back, from a sheet that has columns and no rows.
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
    }
}

/// The old lines that a change deletes, in their order.
fn deleted(axis: &AxisDelta) -> impl Iterator<Item = Range<u32>> + '_ {
    let mut at = 0_u32;
    axis.runs().iter().filter_map(move |run| {
        let start = at;
        at = at.saturating_add(run.consumes());
        matches!(run, Run::Delete(_)).then_some(start..at)
    })
}

/// Gives the lines that an inverse brings back their ids. They come back in their old order, which
/// is also the order in which they stand in `ids`.
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
