//! The part of a sheet that someone looks at, and deltas cut to it.

use std::ops::Range;

use crate::{CellEdit, Delta};

/// A rectangle of positions. An end of `u32::MAX` means "to the end, however far that is".
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Row positions.
    pub rows: Range<u32>,
    /// Column positions.
    pub cols: Range<u32>,
}

impl Window {
    /// The whole sheet.
    pub const ALL: Self = Self { rows: 0..u32::MAX, cols: 0..u32::MAX };

    /// A window on nothing.
    pub const NONE: Self = Self { rows: 0..0, cols: 0..0 };

    /// All columns of some rows.
    #[must_use]
    pub const fn rows(rows: Range<u32>) -> Self {
        Self { rows, cols: 0..u32::MAX }
    }

    /// Whether the cell at `(row, col)` is inside.
    #[must_use]
    pub fn contains(&self, row: u32, col: u32) -> bool {
        self.rows.contains(&row) && self.cols.contains(&col)
    }

    /// Whether nothing is inside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() || self.cols.is_empty()
    }

    /// The window after `delta`. It looks at a *place*: its edges stay with the lines that stay,
    /// rows that are moved away leave it, and what is placed at an edge is inside.
    ///
    /// Server and client map a session's window with this same function, so both always agree
    /// about which cells the client is being told about.
    #[must_use]
    pub fn map(&self, delta: &Delta) -> Self {
        Self {
            rows: delta.rows.map_range(self.rows.clone()),
            cols: delta.cols.map_range(self.cols.clone()),
        }
    }
}

/// The same axis deltas and attribute edits, and of the cells only those inside `window`, given in
/// positions after the delta. Exact: cell edits never change positions.
#[must_use]
pub fn restrict(delta: &Delta, window: &Window) -> Delta {
    Delta {
        rows: delta.rows.clone(),
        cols: delta.cols.clone(),
        cells: cells_inside(&delta.cells, window).cloned().collect(),
        columns: delta.columns.clone(),
    }
}

/// The cell edits inside `window`; rows are found by binary search.
pub fn cells_inside<'a>(
    cells: &'a [CellEdit],
    window: &Window,
) -> impl Iterator<Item = &'a CellEdit> + use<'a> {
    let start = cells.partition_point(|cell| cell.row < window.rows.start);
    let end = cells.partition_point(|cell| cell.row < window.rows.end).max(start);
    let cols = window.cols.clone();
    cells[start..end].iter().filter(move |cell| cols.contains(&cell.col))
}
