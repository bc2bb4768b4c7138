//! One atomic change of a sheet.
//!
//! Plain data: it does not know the sheet. `delta/cell.rs` and `delta/column.rs` define its edits; the
//! operations on deltas stand in `algebra/`.
//!
//! The axes apply first. Cell and attribute edits use the positions *after* them.
//!
//! Invariant of a valid delta: cells are sorted by `(row, col)`, columns by `col`, and no position
//! appears twice.

mod cell;
mod column;
mod origins;
mod shared;
mod weight;

use crate::{AxisDelta, Size, Value};
pub(crate) use cell::sort_cells;
pub use cell::{CellEdit, Edit};
pub use column::ColumnEdit;
pub use origins::CellOrigins;
pub use shared::SharedDelta;
pub use weight::Weight;

/// One atomic change of a sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Delta {
    /// The change of the row axis.
    pub rows: AxisDelta,
    /// The change of the column axis.
    pub cols: AxisDelta,
    /// Cell edits, sorted by `(row, col)`.
    pub cells: Vec<CellEdit>,
    /// Column attribute edits, sorted by `col`.
    pub columns: Vec<ColumnEdit>,
}

impl Delta {
    /// The change without effect.
    #[must_use]
    pub const fn identity() -> Self {
        Self {
            rows: AxisDelta::identity(),
            cols: AxisDelta::identity(),
            cells: Vec::new(),
            columns: Vec::new(),
        }
    }

    /// A delta from its parts, in any order. It sorts the edits and keeps a position that appears twice;
    /// [`validate`](crate::validate) refuses that.
    #[must_use]
    pub fn from_parts(
        rows: AxisDelta,
        cols: AxisDelta,
        mut cells: Vec<CellEdit>,
        mut columns: Vec<ColumnEdit>,
    ) -> Self {
        sort_cells(&mut cells);
        columns.sort_by_key(|edit| edit.col);
        Self { rows, cols, cells, columns }
    }

    /// Sets one cell.
    #[must_use]
    pub fn set_cell(row: u32, col: u32, value: impl Into<Value>) -> Self {
        Self { cells: vec![CellEdit::set(row, col, value)], ..Self::identity() }
    }

    /// Sets cells; where a position appears twice, the last value wins.
    #[must_use]
    pub fn set_cells(cells: impl IntoIterator<Item = (u32, u32, Value)>) -> Self {
        let mut cells: Vec<CellEdit> =
            cells.into_iter().map(|(row, col, value)| CellEdit::set(row, col, value)).collect();
        sort_cells(&mut cells);
        cells.dedup_by(|later, earlier| {
            let same = later.key() == earlier.key();
            if same {
                std::mem::swap(later, earlier);
            }
            same
        });
        Self { cells, ..Self::identity() }
    }

    /// Changes only the row axis.
    #[must_use]
    pub fn rows(rows: AxisDelta) -> Self {
        Self { rows, ..Self::identity() }
    }

    /// Changes only the column axis.
    #[must_use]
    pub fn cols(cols: AxisDelta) -> Self {
        Self { cols, ..Self::identity() }
    }

    /// Edits one column's attributes.
    #[must_use]
    pub fn update_column(edit: ColumnEdit) -> Self {
        Self { columns: vec![edit], ..Self::identity() }
    }

    /// Whether the delta has no effect.
    #[must_use]
    pub const fn is_identity(&self) -> bool {
        self.keeps_axes() && self.cells.is_empty() && self.columns.is_empty()
    }

    /// Whether no line moves: the delta edits only cells and attributes.
    #[must_use]
    pub const fn keeps_axes(&self) -> bool {
        self.rows.is_identity() && self.cols.is_identity()
    }

    /// Whether the delta edits the text of a cell.
    #[must_use]
    pub fn edits_text(&self) -> bool {
        self.cells.iter().any(|cell| matches!(cell.edit, Edit::Text(_)))
    }

    /// Whether the delta edits only cells: the hot case.
    #[must_use]
    pub const fn is_cells_only(&self) -> bool {
        self.keeps_axes() && self.columns.is_empty()
    }

    /// The old position of the cell at `(row, col)` (positions after the axes apply). `None` for a cell
    /// of an inserted line. It walks over all runs: [`Delta::cell_origins`] is for several cells.
    #[must_use]
    pub fn map_cell_back(&self, row: u32, col: u32) -> Option<(u32, u32)> {
        self.cell_origins().of(row, col)
    }

    /// The old positions of cells, indexed for many lookups.
    #[must_use]
    pub fn cell_origins(&self) -> CellOrigins {
        CellOrigins::new(&self.rows, &self.cols)
    }

    /// The edit of the cell at `(row, col)` (positions after the axes apply).
    #[must_use]
    pub fn cell(&self, row: u32, col: u32) -> Option<&CellEdit> {
        let found = self.cells.binary_search_by_key(&(row, col), CellEdit::key);
        found.ok().map(|index| &self.cells[index])
    }

    /// Checks that the edits are sorted and unique.
    ///
    /// # Panics
    /// When they are not: a bug in this crate.
    pub fn check_invariants(&self) {
        assert!(self.cells.is_sorted_by(|a, b| a.key() < b.key()), "cells out of order");
        assert!(self.columns.is_sorted_by(|a, b| a.col < b.col), "columns out of order");
    }
}

impl Size {
    /// The size after a valid delta.
    #[must_use]
    pub fn after(self, delta: &Delta) -> Self {
        Self { rows: delta.rows.len_after(self.rows), cols: delta.cols.len_after(self.cols) }
    }
}
