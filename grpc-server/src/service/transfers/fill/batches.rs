//! How many rows one edit appends.
//!
//! No I/O. Invariants: an edit has at most so many cells and bytes, or it has one row; the edits follow from the rows and the sizes
//! alone, so each attempt at a job makes the same ones.

use ot_engine::{Edit, Value};

/// A row of the source.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// Its number in the source, from 1.
    pub(super) number: u64,
    /// The values of its first columns; the others are empty.
    pub(super) values: Vec<Value>,
}

impl Row {
    /// More than the bytes of its cells in an edit.
    fn bytes(&self) -> usize {
        let values = self.values.iter().filter(|value| !value.is_empty());
        values.map(|value| Edit::Set(value.clone()).bytes()).sum()
    }
}

/// The rows of one edit, as they come.
#[derive(Debug)]
pub(super) struct Batches {
    /// Rows of one edit.
    most_rows: usize,
    most_bytes: usize,
    rows: Vec<Row>,
    bytes: usize,
}

impl Batches {
    /// For rows of so many columns, edits of at most so many cells and bytes.
    pub(super) fn new(columns: usize, (cells, bytes): (u32, usize)) -> Self {
        let most_rows = rows_of((columns, cells));
        Self { most_rows, most_bytes: bytes, rows: Vec::new(), bytes: 0 }
    }

    /// Adds a row. Returns the rows of an edit that has no room for it.
    pub(super) fn add(&mut self, row: Row) -> Option<Vec<Row>> {
        let bytes = row.bytes();
        let is_full =
            self.rows.len() >= self.most_rows || self.bytes.saturating_add(bytes) > self.most_bytes;
        let full = if is_full { self.take() } else { None };
        self.bytes += bytes;
        self.rows.push(row);
        full
    }

    /// The rows of the last edit.
    pub(super) fn take(&mut self) -> Option<Vec<Row>> {
        self.bytes = 0;
        Some(std::mem::take(&mut self.rows)).filter(|rows| !rows.is_empty())
    }
}

/// How many rows of so many columns have at most so many cells: one at least.
pub(super) fn rows_of((columns, cells): (usize, u32)) -> usize {
    let cells = usize::try_from(cells).unwrap_or(usize::MAX);
    (cells / columns.max(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: u64, text: usize) -> Row {
        Row { number, values: vec!["x".repeat(text).as_str().into(), Value::Empty] }
    }

    #[test]
    fn an_edit_has_a_bound_in_cells_and_in_bytes() {
        let mut batches = Batches::new(2, (6, 4_000));
        let mut edits: Vec<Vec<u64>> = Vec::new();
        let sizes = [1, 1, 1, 5_000, 1, 1, 1, 1, 3_000, 3_000];
        let rows = (1..).zip(sizes).map(|(number, text)| row(number, text));
        let full: Vec<Vec<Row>> = rows.filter_map(|row| batches.add(row)).collect();
        for rows in full.into_iter().chain(batches.take()) {
            edits.push(rows.iter().map(|row| row.number).collect());
        }
        assert_eq!(edits, [vec![1, 2, 3], vec![4], vec![5, 6, 7], vec![8, 9], vec![10]]);
        assert_eq!(batches.take(), None);
    }

    #[test]
    fn an_edit_has_one_row_at_least() {
        assert_eq!([(2, 1), (0, 7), (3, 7)].map(rows_of), [1, 7, 2]);
    }
}
