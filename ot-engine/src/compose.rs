//! One delta with the effect of two in a row.
//!
//! Associative in effect. Transforming a composed delta need not place ties exactly as transforming
//! its parts one by one would, so both sides of the wire transform the deltas as they were sent.

use crate::axis;
use crate::delta::sort_cells;
use crate::{AxisMap, CellEdit, ColumnEdit, Delta};

/// `first`, then `second`, as one delta.
#[must_use]
pub fn compose(first: &Delta, second: &Delta) -> Delta {
    Delta {
        rows: axis::compose(&first.rows, &second.rows),
        cols: axis::compose(&first.cols, &second.cols),
        cells: overlay_cells(carried_cells(first, second), &second.cells),
        columns: overlay_columns(carried_columns(first, second), &second.columns),
    }
}

impl Delta {
    /// Appends a delta that edits cells only, in place: how a client's buffer grows.
    pub fn append_cells(&mut self, second: Self) {
        debug_assert!(second.is_cells_only(), "only cells can be appended in place");
        if self.cells.last().map(CellEdit::key) < second.cells.first().map(CellEdit::key) {
            self.cells.extend(second.cells);
        } else {
            self.cells = overlay_cells(std::mem::take(&mut self.cells), &second.cells);
        }
    }
}

/// The first delta's cells where the second leaves them.
fn carried_cells(first: &Delta, second: &Delta) -> Vec<CellEdit> {
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

fn carried_columns(first: &Delta, second: &Delta) -> Vec<ColumnEdit> {
    let cols = AxisMap::new(&second.cols);
    let moved = first.columns.iter().filter_map(|edit| {
        let col = cols.map_line(edit.col)?;
        Some(ColumnEdit { col, ..edit.clone() })
    });
    let mut columns: Vec<ColumnEdit> = moved.collect();
    columns.sort_by_key(|edit| edit.col);
    columns
}

/// Two sorted lists of edits as one; at one position they are composed.
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
    // Stable: at one column the earlier edit still stands first.
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
