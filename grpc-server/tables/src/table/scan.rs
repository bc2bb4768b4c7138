//! All rows of a table in their order, for a work that needs each of them.
//!
//! Not pages of rows: see `table`. Invariants: each page of the table is read once; the rows that are decoded at once have a bound
//! in bytes, whatever the size of the table.

use arrow_array::RecordBatch;
use ot_engine::Value;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection, RowSelector,
};

use crate::guard::guarded;
use crate::table::{Cells, Picked, size};
use crate::{ReadError, Table};

const FORMAT: &str = "Parquet";
/// Bytes of the texts of rows that are decoded at once, and the numbers of rows of which the first one is taken that keeps to it.
const BATCH_BYTES: u64 = 64 * 1024 * 1024;
const BATCH_ROWS: [usize; 3] = [1024, 256, 32];
/// Where none does: a row has at most 8 MiB. A page may have many rows, and its index states the bytes of all of them.
const LEAST_ROWS: usize = 8;
/// Cells that are decoded at once.
const BATCH_CELLS: usize = 256 * 1024;

/// Consecutive rows of a table.
pub struct Scan<'a> {
    table: &'a Table,
    picked: Picked,
    width: usize,
    /// The row group that comes next, and its rows that are passed over.
    group: usize,
    skip: u64,
    batches: Option<ParquetRecordBatchReader>,
    batch: Option<RecordBatch>,
    /// The next row of the batch.
    at: usize,
    /// The rows to come.
    left: u64,
}

impl std::fmt::Debug for Scan<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scan").field("left", &self.left).finish_non_exhaustive()
    }
}

impl Table {
    /// Begins a pass over the rows from `first` on, of these columns in this order.
    ///
    /// # Errors
    /// A column that the table does not have, or that is named twice.
    pub fn scan(&self, first: u64, columns: &[usize]) -> Result<Scan<'_>, ReadError> {
        self.check(columns)?;
        // The last group that begins at the row or before it.
        let group = self.starts.partition_point(|start| *start <= first).saturating_sub(1);
        let skip = first.saturating_sub(self.starts.get(group).copied().unwrap_or(0));
        Ok(Scan {
            table: self,
            picked: Picked::of(self, columns),
            width: columns.len(),
            group,
            skip,
            batches: None,
            batch: None,
            at: 0,
            left: self.rows().saturating_sub(first),
        })
    }
}

impl Scan<'_> {
    /// The next rows: at most so many, and fewer where their values take more bytes; none at the end of the table, and else
    /// at least one.
    ///
    /// # Errors
    /// Bytes that are damaged or could not be read. Then the pass is of no further use.
    pub fn next_rows(
        &mut self,
        most_rows: usize,
        most_bytes: usize,
    ) -> Result<Vec<Vec<Value>>, ReadError> {
        guarded(FORMAT, || self.next_checked(most_rows.max(1), most_bytes))
    }

    fn next_checked(
        &mut self,
        most_rows: usize,
        most_bytes: usize,
    ) -> Result<Vec<Vec<Value>>, ReadError> {
        let (mut rows, mut bytes) = (Vec::new(), 0);
        while self.left > 0 && rows.len() < most_rows && bytes < most_bytes.max(1) {
            let Some(batch) = self.batch.take_if(|batch| self.at < batch.num_rows()) else {
                self.batch = Some(self.next_batch()?);
                self.at = 0;
                continue;
            };
            let cells = Cells::of(&batch, &self.picked)?;
            while self.at < batch.num_rows() && rows.len() < most_rows && self.left > 0 {
                let row = cells.row(self.at);
                bytes += size::of_row(&row);
                if bytes > most_bytes && !rows.is_empty() {
                    break;
                }
                rows.push(row);
                self.at += 1;
                self.left -= 1;
            }
            self.batch = Some(batch);
        }
        Ok(rows)
    }

    /// The next batch, of this row group or of one behind it.
    fn next_batch(&mut self) -> Result<RecordBatch, ReadError> {
        loop {
            if let Some(batches) = &mut self.batches {
                match batches.next() {
                    Some(batch) => return batch.map_err(|error| self.table.chunks.error(error)),
                    None => self.batches = None,
                }
            }
            let groups = self.table.metadata.metadata().num_row_groups();
            if self.group >= groups {
                let problem = "a row group has fewer rows than it states";
                return Err(ReadError::damaged(FORMAT, problem));
            }
            self.batches = Some(self.batches_of(self.group, self.skip)?);
            (self.group, self.skip) = (self.group + 1, 0);
        }
    }

    /// The rows of a row group behind those that are passed over.
    fn batches_of(&self, group: usize, skip: u64) -> Result<ParquetRecordBatchReader, ReadError> {
        let table = self.table;
        let bounds = table.starts.get(group).zip(table.starts.get(group + 1));
        let rows = bounds.map_or(0, |(start, end)| end - start);
        let fits =
            |rows: u64| usize::try_from(rows).map_err(|_| ReadError::damaged(FORMAT, "rows"));
        let selection = RowSelection::from(vec![
            RowSelector::skip(fits(skip.min(rows))?),
            RowSelector::select(fits(rows.saturating_sub(skip))?),
        ]);
        let mask =
            ProjectionMask::leaves(table.metadata.parquet_schema(), self.picked.leaves.clone());
        let chunks = table.chunks.clone();
        ParquetRecordBatchReaderBuilder::new_with_metadata(chunks, table.metadata.clone())
            .with_row_groups(vec![group])
            .with_row_selection(selection)
            .with_projection(mask)
            .with_batch_size(self.rows_at_once(group, rows))
            .build()
            .map_err(|error| table.chunks.error(error))
    }

    /// How many rows of a row group are decoded at once: so few that the texts of any of them keep to the bound, by what its
    /// pages state.
    fn rows_at_once(&self, group: usize, rows: u64) -> usize {
        let (metadata, leaves) = (&self.table.metadata, &self.picked.leaves);
        let most = (BATCH_CELLS / self.width.max(1)).max(1);
        if size::of_pages(metadata, &[group], leaves) <= BATCH_BYTES {
            return BATCH_ROWS[0].min(most);
        }
        let keeps = |count: &usize| {
            let step = *count;
            let mut windows = (0..rows).step_by(step);
            // A row that is passed over moves the batches: two windows hold each of them.
            windows.all(|from| {
                let window = from..from.saturating_add(2 * step as u64);
                size::of_rows(metadata, group, leaves, window) <= BATCH_BYTES
            })
        };
        BATCH_ROWS.into_iter().find(keeps).unwrap_or(LEAST_ROWS).min(most)
    }
}
