//! Rows of values as batches of a table.
//!
//! Not the readers of files, which bring the rows. Invariant: a batch has a bounded number of cells and bytes, so the memory of
//! a wide table and of long texts is bounded.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, RecordBatch};
use ot_engine::Value;

use super::cells::Cells;
use super::{Sink, Sizes, TableWriter, Written, types};
use crate::progress::Watch;
use crate::{ReadError, ReadLimits, TableColumn, marks};

/// Rows of a batch.
const ROWS: usize = 8 * 1024;
/// Cells of a batch.
const CELLS: usize = 512 * 1024;
/// Bytes of the texts of a batch; one more row may be beyond it.
const TEXT_BYTES: usize = 4 * 1024 * 1024;

/// Writes the rows of a table.
pub(crate) struct RowWriter<'a> {
    table: TableWriter<'a>,
    watch: &'a Watch<'a>,
    columns: Vec<TableColumn>,
    cells: Vec<Cells>,
    marks: StringBuilder,
    marked: Vec<usize>,
    mark: String,
    /// Rows and bytes of texts in the batch.
    rows: usize,
    text_bytes: usize,
    most_rows: usize,
    limits: ReadLimits,
}

impl<'a> RowWriter<'a> {
    pub(crate) fn new(
        sink: Sink<'a>,
        columns: Vec<TableColumn>,
        limits: &ReadLimits,
        watch: &'a Watch<'a>,
        sizes: Sizes,
    ) -> Result<Self, ReadError> {
        // One more: what belongs to no other column.
        if columns.len() > limits.columns.saturating_add(1) {
            let limit = limits.columns as u64;
            return Err(ReadError::Limit { what: "columns of a table", limit });
        }
        let most_rows = (CELLS / columns.len().max(1)).clamp(1, ROWS);
        let cells = columns.iter().map(|column| Cells::new(column.kind, most_rows)).collect();
        let table = TableWriter::new(sink, &columns, &types(&columns), sizes)?;
        Ok(Self {
            table,
            watch,
            columns,
            cells,
            marks: StringBuilder::with_capacity(most_rows, 0),
            marked: Vec::new(),
            mark: String::new(),
            rows: 0,
            text_bytes: 0,
            most_rows,
            limits: *limits,
        })
    }

    /// Writes one row; values that are missing at its end are empty.
    pub(crate) fn push(&mut self, row: &[Value]) -> Result<(), ReadError> {
        let before = self.text_bytes;
        self.marked.clear();
        for (at, cells) in self.cells.iter_mut().enumerate() {
            let pushed = cells.push(row.get(at).unwrap_or(&Value::Empty));
            self.text_bytes += pushed.text_bytes;
            if pushed.is_marked {
                self.marked.push(at);
            }
        }
        if self.marked.is_empty() {
            self.marks.append_null();
        } else {
            self.mark.clear();
            marks::write(&self.marked, &mut self.mark);
            self.marks.append_value(&self.mark);
        }
        self.rows += 1;
        let rows = self.rows();
        if rows > self.limits.rows {
            return Err(ReadError::Limit { what: "rows of a table", limit: self.limits.rows });
        }
        if self.text_bytes - before > self.limits.row_bytes {
            let problem = format!("more than {} bytes, the most of a row", self.limits.row_bytes);
            return Err(ReadError::Row { row: rows, problem });
        }
        self.watch.set_rows(rows).map_err(|_| ReadError::Stopped)?;
        if self.rows >= self.most_rows || self.text_bytes >= TEXT_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    /// Rows so far.
    pub(crate) fn rows(&self) -> u64 {
        self.table.rows() + self.rows as u64
    }

    /// Leaves the last column out of the description of the table.
    pub(crate) fn drop_last_column(&mut self) {
        self.table.drop_last_column();
    }

    pub(crate) fn finish(mut self) -> Result<Written, ReadError> {
        self.flush()?;
        self.table.set_whole(self.cells.iter().map(Cells::is_whole));
        self.table.finish()
    }

    fn flush(&mut self) -> Result<(), ReadError> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.columns.len() * 2 + 1);
        for (cells, column) in self.cells.iter_mut().zip(&self.columns) {
            cells.finish(column.has_texts, &mut arrays);
        }
        arrays.push(Arc::new(self.marks.finish()));
        let batch = RecordBatch::try_new(Arc::clone(self.table.schema()), arrays)
            .map_err(|error| ReadError::Sink(error.to_string()))?;
        (self.rows, self.text_bytes) = (0, 0);
        self.table.write(&batch)
    }
}
