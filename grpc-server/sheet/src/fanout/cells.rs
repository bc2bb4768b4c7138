//! Rows that are queued for a session, encoded as frames when it reads them.
//!
//! The rows are shared with the cache; values are copied into one frame at a time. Not here: which rows a
//! session receives (`windows`).
//!
//! Invariants: no frame is larger than `CELLS_FRAME_BYTES` and one cell; a larger row comes alone, in ranges of
//! columns from the first to the last; all frames of one part belong to one revision.

use std::ops::Range;
use std::sync::Arc;

use gridloom::convert;
use gridloom::v1;
use ot_engine::{ColumnId, Revision, RowId, Value};

use model::{ColumnRecord, RowBody};

/// Encoded cells after which a frame is closed, in bytes. A session keeps a buffer for the largest.
const CELLS_FRAME_BYTES: usize = 32 * 1024;
/// The size of a cell or a row besides its text, in bytes.
const ITEM_BYTES: usize = 16;
/// The size of an empty cell before one that is not, in bytes.
const EMPTY_BYTES: usize = 2;

/// Rows of a window, and the next cell to encode.
#[derive(Debug)]
pub struct CellsPart {
    revision: Revision,
    /// The position of the first row.
    start_row: u32,
    /// The position of the first column.
    start_col: u32,
    columns: Arc<[ColumnId]>,
    rows: Vec<(RowId, Arc<RowBody>)>,
    /// The next row, as an index.
    row: usize,
    /// The next column of that row, as an index.
    col: usize,
}

impl CellsPart {
    /// Rows from `start_row` on, cut to a range of columns, at a revision.
    pub(crate) fn new(
        revision: Revision,
        start_row: u32,
        cols: &Range<u32>,
        columns: &[ColumnRecord],
        rows: Vec<(RowId, Arc<RowBody>)>,
    ) -> Self {
        let end = (cols.end as usize).min(columns.len());
        let first = (cols.start as usize).min(end);
        let columns = columns[first..end].iter().map(|column| column.id).collect();
        Self { revision, start_row, start_col: cols.start, columns, rows, row: 0, col: 0 }
    }

    /// Its size in memory, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.rows.iter().map(|(_, body)| body.weight_bytes()).sum()
    }

    /// The next frame.
    pub(crate) fn next_frame(&mut self) -> Option<v1::WindowCells> {
        if self.row >= self.rows.len() {
            return None;
        }
        if self.col > 0 || row_bytes(&self.rows[self.row].1, &self.columns) > CELLS_FRAME_BYTES {
            return Some(self.columns_frame());
        }
        let mut frame = self.frame(self.columns.len());
        let mut bytes = 0;
        while let Some((row, body)) = self.rows.get(self.row)
            && bytes < CELLS_FRAME_BYTES
        {
            let row_bytes = row_bytes(body, &self.columns);
            if row_bytes > CELLS_FRAME_BYTES {
                break;
            }
            bytes += row_bytes;
            let values = row_values(body, self.columns.iter().copied());
            frame.rows.push(v1::RowCells { row_id: row.0, values });
            self.row += 1;
        }
        Some(frame)
    }

    /// The next columns of a row that is too large for one frame.
    fn columns_frame(&mut self) -> v1::WindowCells {
        let (row, body) = &self.rows[self.row];
        let left = &self.columns[self.col..];
        let mut bytes = 0;
        let most = |column: &&ColumnId| {
            let fits = bytes < CELLS_FRAME_BYTES;
            bytes += value_bytes(body.get(**column));
            fits
        };
        let mut count = left.iter().take_while(most).count();
        if left[count..].iter().all(|column| body.get(*column).is_empty()) {
            count = left.len();
        }
        let values = row_values(body, left[..count].iter().copied());
        let cells = v1::RowCells { row_id: row.0, values };
        let mut frame = self.frame(count);
        frame.rows.push(cells);
        self.col += count;
        if self.col >= self.columns.len() {
            (self.row, self.col) = (self.row + 1, 0);
        }
        frame
    }

    /// An empty frame that begins at the next cell.
    fn frame(&self, columns: usize) -> v1::WindowCells {
        // Positions are far below u32::MAX: a sheet has no more rows and columns than that.
        let position = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        v1::WindowCells {
            revision: self.revision.0,
            start_row: self.start_row.saturating_add(position(self.row)),
            start_col: self.start_col.saturating_add(position(self.col)),
            column_count: position(columns),
            rows: Vec::new(),
            last: false,
        }
    }
}

/// The size of a row in a frame, in bytes, or a little more. Empty cells at the end take nothing.
fn row_bytes(body: &RowBody, columns: &[ColumnId]) -> usize {
    let (mut bytes, mut empty) = (ITEM_BYTES, 0);
    for column in columns {
        match body.get(*column) {
            Value::Empty => empty += EMPTY_BYTES,
            value => bytes += std::mem::take(&mut empty) + value_bytes(value),
        }
    }
    bytes
}

fn value_bytes(value: &Value) -> usize {
    match value {
        Value::Text(text) => ITEM_BYTES + text.len(),
        Value::Empty => EMPTY_BYTES,
        _ => ITEM_BYTES,
    }
}

/// A column as a message.
pub fn column_to_wire(column: &ColumnRecord) -> v1::Column {
    v1::Column {
        id: column.id.0.to_string(),
        name: column.name.to_string(),
        kind: convert::kind_to_wire(column.kind).into(),
        width: column.width.unwrap_or_default(),
        settings: convert::settings_to_wire(&column.settings),
    }
}

/// The values of a row in the order of columns, empty ones at the end left out.
pub fn row_values(body: &RowBody, columns: impl Iterator<Item = ColumnId>) -> Vec<v1::Value> {
    let mut values: Vec<v1::Value> =
        columns.map(|column| convert::value_to_wire(body.get(column))).collect();
    while values.last().is_some_and(|value| value.kind.is_none()) {
        values.pop();
    }
    values
}

#[cfg(test)]
mod tests;
