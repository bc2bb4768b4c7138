//! Cuts a delta to a window.
//!
//! It moves no window; [`Window::map`] does.
//!
//! Invariant: exact. A reader of the window gets the same cells from the cut delta as from the whole.

use crate::{CellEdit, Delta, Window};

/// The delta with only the cell edits inside `window`, which is in positions after the delta. The axes
/// and the attribute edits stay whole.
#[must_use]
pub fn restrict(delta: &Delta, window: &Window) -> Delta {
    Delta {
        rows: delta.rows.clone(),
        cols: delta.cols.clone(),
        cells: cells_inside(&delta.cells, window).cloned().collect(),
        columns: delta.columns.clone(),
    }
}

/// The cell edits inside `window`. A binary search finds the rows.
pub fn cells_inside<'a>(
    cells: &'a [CellEdit],
    window: &Window,
) -> impl Iterator<Item = &'a CellEdit> + use<'a> {
    let start = cells.partition_point(|cell| cell.row < window.rows.start);
    let end = cells.partition_point(|cell| cell.row < window.rows.end).max(start);
    let cols = window.cols.clone();
    cells[start..end].iter().filter(move |cell| cols.contains(&cell.col))
}
