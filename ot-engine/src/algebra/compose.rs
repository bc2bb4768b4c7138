//! Composes two consecutive deltas into one.
//!
//! It does not transform. Transforming a composed delta may break ties in another way than transforming
//! its parts, so server and client transform the deltas as they were sent.
//!
//! Invariant: the result has the effect of both deltas, and composing is associative in effect.

use crate::axis;
use crate::delta::sort_cells;
use crate::{AxisMap, CellEdit, ColumnEdit, Delta};

/// The effect of `first` and then `second`, as one delta.
#[must_use]
pub fn compose(first: &Delta, second: &Delta) -> Delta {
    Delta {
        rows: axis::compose(&first.rows, &second.rows),
        cols: axis::compose(&first.cols, &second.cols),
        cells: overlay_cells(moved_cells(first, second), &second.cells),
        columns: overlay_columns(moved_columns(first, second), &second.columns),
    }
}

impl Delta {
    /// Composes a delta of cell edits into this one, in place. A client's buffer grows so.
    pub fn append_cells(&mut self, second: Self) {
        debug_assert!(second.is_cells_only(), "only cells can be appended in place");
        if self.cells.last().map(CellEdit::key) < second.cells.first().map(CellEdit::key) {
            self.cells.extend(second.cells);
        } else {
            self.cells = overlay_cells(std::mem::take(&mut self.cells), &second.cells);
        }
    }
}

/// The first delta's cell edits at their positions after the second delta.
fn moved_cells(first: &Delta, second: &Delta) -> Vec<CellEdit> {
    if second.keeps_axes() {
        return first.cells.clone();
    }
    let (rows, cols) = (AxisMap::new(&second.rows), AxisMap::new(&second.cols));
    let moved = first.cells.iter().filter_map(|cell| {
        let (row, col) = (rows.map_line(cell.row)?, cols.map_line(cell.col)?);
        Some(CellEdit { row, col, edit: cell.edit.clone() })
    });
    let mut cells: Vec<CellEdit> = moved.collect();
    sort_cells(&mut cells);
    cells
}

fn moved_columns(first: &Delta, second: &Delta) -> Vec<ColumnEdit> {
    let cols = AxisMap::new(&second.cols);
    let moved = first.columns.iter().filter_map(|edit| {
        let col = cols.map_line(edit.col)?;
        Some(ColumnEdit { col, ..edit.clone() })
    });
    let mut columns: Vec<ColumnEdit> = moved.collect();
    columns.sort_by_key(|edit| edit.col);
    columns
}

/// Merges two sorted lists of edits and composes the edits of one position.
fn overlay_cells(earlier: Vec<CellEdit>, later: &[CellEdit]) -> Vec<CellEdit> {
    if earlier.is_empty() {
        return later.to_vec();
    }
    let mut cells = Vec::with_capacity(earlier.len() + later.len());
    let mut rest = later.iter().peekable();
    for cell in earlier {
        while let Some(next) = rest.next_if(|next| next.key() < cell.key()) {
            cells.push(next.clone());
        }
        match rest.next_if(|next| next.key() == cell.key()) {
            Some(later) => {
                cells.push(CellEdit { edit: cell.edit.compose(&later.edit), ..cell });
            }
            None => cells.push(cell),
        }
    }
    cells.extend(rest.cloned());
    cells
}

fn overlay_columns(mut columns: Vec<ColumnEdit>, later: &[ColumnEdit]) -> Vec<ColumnEdit> {
    columns.extend_from_slice(later);
    // The sort is stable, so the earlier edit of a column stays first.
    columns.sort_by_key(|edit| edit.col);
    columns.dedup_by(|later, earlier| {
        let same = later.col == earlier.col;
        if same {
            earlier.merge(std::mem::take(later));
        }
        same
    });
    columns
}
