//! A sheet as a client knows it: all lines, but the values of only those rows that were loaded.
//!
//! It is a reader's model, not the truth: a cell that is not loaded is `None`, and edits of such
//! cells are passed over. Columns have a stable local key, so that moving columns touches no row.
//!
//! Invariant: it equals the dense [`Sheet`](crate::Sheet) on every cell that it knows. Cost of a
//! delta: runs and cells, plus the number of loaded pieces; never the number of rows.

mod rows;

use std::ops::Range;

use crate::{CellEdit, Column, ColumnId, Delta, Size, Value, Window};
use rows::{Row, Rows};

/// Values of a rectangle, as a server sends them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// Position of the first row.
    pub row: u32,
    /// Column positions; each row has a value for each. Values that are missing at the end of a row
    /// are empty.
    pub cols: Range<u32>,
    /// The values, row by row.
    pub rows: Vec<Vec<Value>>,
}

/// What the lines are that a delta inserts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inserted {
    /// New ones: every cell is empty.
    #[default]
    New,
    /// Old ones that come back (an undo of a delete), with cells that have to be loaded.
    Restored,
}

/// A sheet of which only some rows are loaded.
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
        Self { columns, keys: (0..next_key).collect(), next_key, rows: Rows::unknown(rows) }
    }

    /// Its size.
    #[must_use]
    pub fn size(&self) -> Size {
        Size { rows: self.rows.len(), cols: self.columns.len() as u32 }
    }

    /// The columns' attributes, by position.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The value at a position; `None` where nothing is loaded, or outside the sheet.
    #[must_use]
    pub fn get(&self, row: u32, col: u32) -> Option<&Value> {
        let key = self.keys.get(col as usize)?;
        self.rows.get(row)?.get(*key)
    }

    /// What the cell of an edit in `delta`, which is to be applied here, holds before; `None` where
    /// nothing is loaded.
    #[must_use]
    pub fn get_before(&self, delta: &Delta, cell: &CellEdit) -> Option<&Value> {
        let place = delta.map_cell_back(cell.row, cell.col);
        place.map_or(Some(&Value::Empty), |(row, col)| self.get(row, col))
    }

    /// Whether every cell of the window (as far as the sheet goes) is loaded.
    #[must_use]
    pub fn is_loaded(&self, window: &Window) -> bool {
        let size = self.size();
        let keys: Vec<u32> = self.keys_of(&window.cols).collect();
        let rows = window.rows.start..window.rows.end.min(size.rows);
        keys.is_empty()
            || rows.is_empty()
            || self.rows.knows_all(rows, |row| keys.iter().all(|key| row.get(*key).is_some()))
    }

    /// The rows of `range`, as far as the sheet goes, that are not loaded, as ranges in order.
    /// Cost: the number of pieces, not of rows.
    pub fn unloaded(&self, range: Range<u32>) -> impl Iterator<Item = Range<u32>> + '_ {
        self.rows.unloaded(range)
    }

    /// How many rows have values here.
    #[must_use]
    pub fn loaded_rows(&self) -> usize {
        self.rows.known()
    }

    /// Applies a delta that [`validate`](crate::validate) accepts for this size. Edits of cells that
    /// are not loaded change nothing.
    pub fn apply(&mut self, delta: &Delta) {
        self.apply_with(delta, Inserted::New);
    }

    /// The same, where inserted lines may be old ones that come back with cells not known here.
    pub fn apply_with(&mut self, delta: &Delta, inserted: Inserted) {
        if !delta.rows.is_identity() {
            self.rows.apply(&delta.rows, inserted);
        }
        if !delta.cols.is_identity() {
            self.apply_cols(delta);
        }
        if inserted == Inserted::Restored && delta.cols.has_inserts() {
            // A row is loaded as a whole or not at all.
            self.rows = Rows::unknown(self.rows.len());
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

    /// Columns move as keys. A new key is past the end of every row there is, which reads as empty.
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

    /// Takes values in; what lies outside the sheet is left out.
    pub fn load(&mut self, block: &Block) {
        let keys: Vec<u32> = self.keys_of(&block.cols).collect();
        let next_key = self.next_key;
        self.rows.update(block.row, block.rows.len(), |index, row| {
            let row = row.get_or_insert_with(|| Row::unknown(next_key));
            let values = block.rows[index].iter().chain(std::iter::repeat(&Value::Empty));
            for (key, value) in keys.iter().zip(values) {
                row.set(*key, Some(value.clone()));
            }
        });
    }

    /// Forgets the values of a row.
    pub fn forget_row(&mut self, row: u32) {
        self.rows.update(row, 1, |_, row| *row = None);
    }

    /// Forgets every value outside `window`; answers whether there was one.
    pub fn retain(&mut self, window: &Window) -> bool {
        let mut forgot = self.rows.retain(&window.rows);
        let inside = |col: usize| window.cols.contains(&(col as u32));
        let outside = self.keys.iter().enumerate().filter(|(col, _)| !inside(*col));
        let outside: Vec<u32> = outside.map(|(_, key)| *key).collect();
        if !outside.is_empty() {
            self.rows.for_each_known(|row| {
                for key in &outside {
                    if row.get(*key).is_some() {
                        row.set(*key, None);
                        forgot = true;
                    }
                }
            });
        }
        forgot
    }

    /// Checks the pieces and the columns against each other.
    ///
    /// # Panics
    /// When they disagree: that is a bug in this crate.
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
