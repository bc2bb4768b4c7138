//! The dense model of a sheet: every value in memory.
//!
//! For tests and tools only: a server never holds one, and a client holds a [`View`](crate::View).
//!
//! Invariant: each row has as many values as there are columns.

use crate::{Column, ColumnId, Delta, Size, Value};

/// A whole sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// The columns' attributes.
    pub columns: Vec<Column>,
    /// The values, row by row.
    pub rows: Vec<Vec<Value>>,
}

impl Sheet {
    /// An empty sheet of a size.
    #[must_use]
    pub fn new(size: Size) -> Self {
        Self {
            columns: vec![Column::default(); size.cols as usize],
            rows: vec![vec![Value::Empty; size.cols as usize]; size.rows as usize],
        }
    }

    /// The size.
    #[must_use]
    pub fn size(&self) -> Size {
        Size { rows: self.rows.len() as u32, cols: self.columns.len() as u32 }
    }

    /// The value at a position; `None` outside the sheet.
    #[must_use]
    pub fn get(&self, row: u32, col: u32) -> Option<&Value> {
        self.rows.get(row as usize)?.get(col as usize)
    }

    /// Applies a delta that [`validate`](crate::validate) accepts for this size. It ignores edits outside
    /// the sheet.
    pub fn apply(&mut self, delta: &Delta) {
        let width = self.columns.len();
        if !delta.rows.is_identity() {
            let rows = std::mem::take(&mut self.rows);
            self.rows = delta.rows.apply_to_vec(rows, |_| vec![Value::Empty; width]);
        }
        if !delta.cols.is_identity() {
            let columns = std::mem::take(&mut self.columns);
            self.columns = delta.cols.apply_to_vec(columns, |id| Column {
                id: id.map(ColumnId::from),
                ..Column::default()
            });
            for row in &mut self.rows {
                *row = delta.cols.apply_to_vec(std::mem::take(row), |_| Value::Empty);
            }
        }
        for cell in &delta.cells {
            let row = self.rows.get_mut(cell.row as usize);
            if let Some(value) = row.and_then(|row| row.get_mut(cell.col as usize)) {
                *value = cell.edit.apply(value);
            }
        }
        for edit in &delta.columns {
            if let Some(column) = self.columns.get_mut(edit.col as usize) {
                column.apply(edit);
            }
        }
    }
}
