//! A client's view of a sheet: all lines, and the values of the loaded rows.
//!
//! It is not the whole sheet: a cell that is not loaded is `None`, and the view ignores edits of it.
//! Each column has a stable local key, so moving columns changes no row.
//!
//! Cost of a delta: its runs and cells plus the number of pieces, never the number of rows.
//! Invariant: the view equals the dense [`Sheet`](crate::Sheet) on every loaded cell.

mod block;
mod pieces;
mod row;
mod rows;

use std::ops::Range;

use crate::{CellEdit, CellOrigins, Column, ColumnId, Delta, RowId, Size, Value, Window};
pub use block::{Block, Inserted};
use row::Row;
use rows::Rows;

/// A sheet with only some rows loaded.
#[derive(Clone, Debug, Default)]
pub struct View {
    columns: Vec<Column>,
    /// The key of each column, by position: the index of its value within a row.
    keys: Vec<u32>,
    next_key: u32,
    rows: Rows,
}

impl View {
    /// A sheet of `rows` rows, none of them loaded.
    #[must_use]
    pub fn new(rows: u32, columns: Vec<Column>) -> Self {
        let next_key = columns.len() as u32;
        Self { columns, keys: (0..next_key).collect(), next_key, rows: Rows::unloaded_rows(rows) }
    }

    /// The size.
    #[must_use]
    pub fn size(&self) -> Size {
        Size { rows: self.rows.len(), cols: self.columns.len() as u32 }
    }

    /// The columns' attributes, by position.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The value at a position; `None` when it is not loaded or outside the sheet.
    #[must_use]
    pub fn get(&self, row: u32, col: u32) -> Option<&Value> {
        let key = self.keys.get(col as usize)?;
        self.rows.get(row)?.get(*key)
    }

    /// The id of a row; `None` when the row is not loaded or outside the sheet, and for an own new row until the
    /// server has assigned the id.
    #[must_use]
    pub fn row_id(&self, row: u32) -> Option<RowId> {
        self.rows.get(row)?.id
    }

    /// The position of a loaded row. Cost: the number of loaded rows.
    #[must_use]
    pub fn row_of(&self, id: RowId) -> Option<u32> {
        self.rows.each_loaded().find(|(_, row)| row.id == Some(id)).map(|(at, _)| at)
    }

    /// The value before a delta, which is not applied yet, of a cell that the delta edits. `None` when
    /// it is not loaded. `origins` are those of the delta.
    #[must_use]
    pub fn get_before(&self, origins: &CellOrigins, cell: &CellEdit) -> Option<&Value> {
        let place = origins.of(cell.row, cell.col);
        place.map_or(Some(&Value::Empty), |(row, col)| self.get(row, col))
    }

    /// Whether every cell of the window inside the sheet is loaded.
    #[must_use]
    pub fn is_loaded(&self, window: &Window) -> bool {
        let size = self.size();
        let keys: Vec<u32> = self.keys_of(&window.cols).collect();
        let rows = window.rows.start..window.rows.end.min(size.rows);
        keys.is_empty()
            || rows.is_empty()
            || self.rows.all_loaded(rows, |row| keys.iter().all(|key| row.get(*key).is_some()))
    }

    /// The rows of `range` inside the sheet that are not loaded, as ranges in order. Cost: the number of
    /// pieces, not of rows.
    pub fn unloaded(&self, range: Range<u32>) -> impl Iterator<Item = Range<u32>> + '_ {
        self.rows.unloaded(range)
    }

    /// Number of loaded rows.
    #[must_use]
    pub fn loaded_rows(&self) -> usize {
        self.rows.loaded()
    }

    /// Applies a delta that [`validate`](crate::validate) accepts for this size. It ignores edits of
    /// cells that are not loaded.
    pub fn apply(&mut self, delta: &Delta) {
        self.apply_with(delta, Inserted::New);
    }

    /// Applies a delta whose inserted lines may be restored ones, which are not loaded.
    pub fn apply_with(&mut self, delta: &Delta, inserted: Inserted) {
        if !delta.rows.is_identity() {
            self.rows.apply(&delta.rows, inserted);
        }
        if !delta.cols.is_identity() {
            self.apply_cols(delta);
        }
        if inserted == Inserted::Restored && delta.cols.has_inserts() {
            // A row is loaded as a whole or not at all, and restored columns are not loaded.
            self.rows = Rows::unloaded_rows(self.rows.len());
        }
        for cell in &delta.cells {
            if let Some(key) = self.keys.get(cell.col as usize)
                && let Some(row) = self.rows.get_mut(cell.row)
            {
                row.edit(*key, &cell.edit);
            }
        }
        for edit in &delta.columns {
            if let Some(column) = self.columns.get_mut(edit.col as usize) {
                column.apply(edit);
            }
        }
    }

    /// Moves the keys of columns. A new key is past the end of every row, which reads as empty.
    fn apply_cols(&mut self, delta: &Delta) {
        let columns = std::mem::take(&mut self.columns);
        self.columns = delta
            .cols
            .apply_to_vec(columns, |id| Column { id: id.map(ColumnId::from), ..Column::default() });
        let next_key = &mut self.next_key;
        self.keys = delta.cols.apply_to_vec(std::mem::take(&mut self.keys), |_| {
            *next_key += 1;
            *next_key - 1
        });
    }

    /// Loads values; it ignores those outside the sheet.
    pub fn load(&mut self, block: &Block) {
        let keys: Vec<u32> = self.keys_of(&block.cols).collect();
        let next_key = self.next_key;
        self.rows.update(block.row, block.rows.len(), |index, row| {
            let row = row.get_or_insert_with(|| Row::unloaded(next_key));
            row.id = block.ids.get(index).copied().or(row.id);
            let values = block.rows[index].iter().chain(std::iter::repeat(&Value::Empty));
            for (key, value) in keys.iter().zip(values) {
                row.set(*key, Some(value.clone()));
            }
        });
    }

    /// Unloads the values of rows, which ascend.
    pub fn forget_rows(&mut self, rows: impl IntoIterator<Item = u32>) {
        self.rows.unload(rows);
    }

    /// Unloads every value outside `window`; returns whether there was one.
    pub fn retain(&mut self, window: &Window) -> bool {
        let mut unloaded = self.rows.retain(&window.rows);
        let inside = |col: usize| window.cols.contains(&(col as u32));
        let outside = self.keys.iter().enumerate().filter(|(col, _)| !inside(*col));
        let outside: Vec<u32> = outside.map(|(_, key)| *key).collect();
        if !outside.is_empty() {
            self.rows.for_each_loaded(|row| {
                for key in &outside {
                    if row.get(*key).is_some() {
                        row.set(*key, None);
                        unloaded = true;
                    }
                }
            });
        }
        unloaded
    }

    /// Checks the pieces and the columns against each other.
    ///
    /// # Panics
    /// When they disagree: a bug in this crate.
    pub fn check_invariants(&self) {
        self.rows.check_invariants();
        assert_eq!(self.keys.len(), self.columns.len(), "a key for each column");
        let mut keys = self.keys.clone();
        keys.sort_unstable();
        assert!(keys.is_sorted_by(|a, b| a < b), "keys are unique");
        assert!(keys.last().is_none_or(|last| *last < self.next_key), "the next key is free");
    }

    fn keys_of(&self, cols: &Range<u32>) -> impl Iterator<Item = u32> + '_ {
        let end = (cols.end as usize).min(self.keys.len());
        let start = (cols.start as usize).min(end);
        self.keys[start..end].iter().copied()
    }
}
