//! A table that is looked at: pages of its rows, read by the places of its pages.
//!
//! Not a query: no filter and no order. Invariants: the footer is read once and kept, and of the rest only pages that hold the
//! rows that are asked for; an answer has a bound in bytes.

mod cells;
mod column_cells;
mod groups;
mod positions;
pub(crate) mod scan;
pub(crate) mod size;
mod times;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::{Array, RecordBatch, StringArray};
use ot_engine::Value;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder, RowSelection, RowSelector,
};

pub(crate) use cells::{number_of, number_text, value};
pub use column_cells::{Cell, ColumnCells};
pub use groups::{GroupBatches, GroupStatistics, Pick};

use crate::chunks::{Chunks, footer, page_places};
use crate::guard::guarded;
use crate::source::Bytes;
use crate::{ReadError, ReadLimits, TableColumn, form, marks};

const FORMAT: &str = "Parquet";
/// Bytes of the footer of a table, and of the places of its pages: those of the largest one that is written.
const FOOTER_BYTES: u64 = 256 * 1024 * 1024;
/// Rows that are decoded at once.
const BATCH_ROWS: usize = 1024;

/// A table in the form that [`read`](crate::read()) writes.
pub struct Table {
    pub(crate) chunks: Chunks,
    pub(crate) metadata: ArrowReaderMetadata,
    columns: Vec<TableColumn>,
    /// For each column the Parquet columns of its values and of its texts.
    pub(crate) leaves: Vec<(usize, Option<usize>)>,
    /// The Parquet column of marks.
    marks: usize,
    /// The Parquet column of positions, which a view has.
    positions: Option<usize>,
    /// The first row of each row group, and the number of all rows.
    pub(crate) starts: Vec<u64>,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("rows", &self.rows()).finish_non_exhaustive()
    }
}

impl Table {
    /// Reads the footer of a table.
    ///
    /// # Errors
    /// The bytes are no table, or could not be read.
    pub fn open(bytes: Arc<dyn Bytes>) -> Result<Self, ReadError> {
        guarded(FORMAT, || Self::open_checked(bytes))
    }

    fn open_checked(bytes: Arc<dyn Bytes>) -> Result<Self, ReadError> {
        let damaged = |problem: &str| ReadError::damaged(FORMAT, problem);
        let limits = ReadLimits { footer_bytes: FOOTER_BYTES, ..ReadLimits::DEFAULT };
        let chunks = Chunks::new(bytes, &limits);
        let metadata = page_places(&chunks, footer(&chunks, &limits)?, &limits)?;
        let entries = metadata.file_metadata().key_value_metadata();
        let entry = entries.and_then(|all| all.iter().find(|entry| entry.key == form::KEY));
        let description = entry.and_then(|entry| entry.value.as_deref());
        let columns = form::columns(
            description.ok_or_else(|| damaged("it is no table: it does not describe itself"))?,
        )?;
        let metadata = ArrowReaderMetadata::try_new(Arc::new(metadata), ArrowReaderOptions::new())
            .map_err(|error| chunks.error(error))?;
        // All columns are flat, so a field is a Parquet column.
        let fields = metadata.schema().fields().iter().enumerate();
        let places: HashMap<&str, usize> =
            fields.map(|(at, field)| (field.name().as_str(), at)).collect();
        let place = |name: &str| places.get(name).copied();
        let leaf = |(at, column): (usize, &TableColumn)| {
            let values = place(&TableColumn::values_name(at))?;
            let texts = match column.has_texts {
                true => Some(place(&TableColumn::texts_name(at))?),
                false => None,
            };
            Some((values, texts))
        };
        let leaves: Option<Vec<_>> = columns.iter().enumerate().map(leaf).collect();
        let leaves = leaves.ok_or_else(|| damaged("a column of the table is missing"))?;
        let marks = place(marks::NAME).ok_or_else(|| damaged("the column of marks is missing"))?;
        let positions = place(form::POSITIONS);
        if metadata.parquet_schema().num_columns() != metadata.schema().fields().len() {
            return Err(damaged("a column of the table is nested"));
        }
        let mut starts = vec![0_u64];
        for group in metadata.metadata().row_groups() {
            let rows = u64::try_from(group.num_rows()).ok();
            let end = rows.and_then(|rows| starts.last()?.checked_add(rows));
            starts.push(end.ok_or_else(|| damaged("a row group has an odd number of rows"))?);
        }
        Ok(Self { chunks, metadata, columns, leaves, marks, positions, starts })
    }

    /// The columns, in their order.
    #[must_use]
    pub fn columns(&self) -> &[TableColumn] {
        &self.columns
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.starts.last().copied().unwrap_or(0)
    }

    /// The memory that the table takes while it is kept, about.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let names: usize = self.columns.iter().map(|it| it.name.len() + it.data.len()).sum();
        let own = self.columns.len() * (size_of::<TableColumn>() + size_of::<(usize, usize)>() * 2);
        // A field of the schema beside each Parquet column.
        let schema = self.metadata.schema().fields().len() * 256;
        names + own + schema + self.starts.len() * 8 + self.metadata.metadata().memory_size()
    }

    /// `count` rows from `first` on, of these columns in this order; fewer at the end of the table, and where their values
    /// take more than `most_bytes`: then at least one, and the caller asks for the rest.
    ///
    /// # Errors
    /// A column that the table does not have or that is named twice, or bytes that are damaged or could not be read.
    pub fn rows_at(
        &self,
        first: u64,
        count: u32,
        columns: &[usize],
        most_bytes: usize,
    ) -> Result<Vec<Vec<Value>>, ReadError> {
        guarded(FORMAT, || self.rows_checked(first, count, columns, most_bytes))
    }

    fn rows_checked(
        &self,
        first: u64,
        count: u32,
        columns: &[usize],
        most_bytes: usize,
    ) -> Result<Vec<Vec<Value>>, ReadError> {
        self.check(columns)?;
        let end = first.saturating_add(count.into()).min(self.rows());
        if first >= end {
            return Ok(Vec::new());
        }
        let picked = Picked::of(self, columns);
        let mut rows = Vec::new();
        let mut bytes = 0;
        for batch in self.batches(first..end, &picked, most_bytes)? {
            let batch = batch.map_err(|error| self.chunks.error(error))?;
            let cells = Cells::of(&batch, &picked)?;
            for at in 0..batch.num_rows() {
                let row = cells.row(at);
                bytes += size::of_row(&row);
                if bytes > most_bytes && !rows.is_empty() {
                    return Ok(rows);
                }
                rows.push(row);
            }
        }
        match rows.len() as u64 == end - first {
            true => Ok(rows),
            false => Err(ReadError::damaged(FORMAT, "a row group has fewer rows than it states")),
        }
    }

    /// Whether the table has these columns, and each is named once.
    pub(crate) fn check(&self, columns: &[usize]) -> Result<(), ReadError> {
        if let Some(at) = columns.iter().find(|at| **at >= self.columns.len()) {
            let rule = format!("{at} is none of the {} columns of the table", self.columns.len());
            return Err(ReadError::option("columns", rule));
        }
        // The bound in bytes is one of whole rows: a column that comes again and again would make one row as large as it likes.
        let mut once = vec![false; self.columns.len()];
        match columns.iter().find(|at| std::mem::replace(&mut once[**at], true)) {
            Some(at) => Err(ReadError::option("columns", format!("{at} is named twice"))),
            None => Ok(()),
        }
    }

    /// The rows of this range, which is within the table, in batches.
    fn batches(
        &self,
        range: Range<u64>,
        picked: &Picked,
        most_bytes: usize,
    ) -> Result<ParquetRecordBatchReader, ReadError> {
        // The last group that begins at the row or before it: groups without rows begin there, too.
        let from = self.starts.partition_point(|start| *start <= range.start) - 1;
        let to = self.starts.partition_point(|start| *start < range.end);
        let groups: Vec<usize> = (from..to).collect();
        let fits =
            |rows: u64| usize::try_from(rows).map_err(|_| ReadError::damaged(FORMAT, "rows"));
        let selection = RowSelection::from(vec![
            RowSelector::skip(fits(range.start - self.starts[from])?),
            RowSelector::select(fits(range.end - range.start)?),
        ]);
        let are_small = size::of_pages(&self.metadata, &groups, &picked.leaves)
            <= most_bytes as u64
            || self.pages_of(&range, &groups, picked) <= most_bytes as u64;
        let most = BATCH_ROWS.min(size::rows_in(most_bytes, picked.columns.len()));
        let rows = if are_small { most.min(fits(range.end - range.start)?) } else { 1 };
        let mask = ProjectionMask::leaves(self.metadata.parquet_schema(), picked.leaves.clone());
        ParquetRecordBatchReaderBuilder::new_with_metadata(
            self.chunks.clone(),
            self.metadata.clone(),
        )
        .with_row_groups(groups)
        .with_row_selection(selection)
        .with_projection(mask)
        .with_batch_size(rows)
        .build()
        .map_err(|error| self.chunks.error(error))
    }

    /// The bytes of the texts in the pages that hold these rows.
    fn pages_of(&self, range: &Range<u64>, groups: &[usize], picked: &Picked) -> u64 {
        let part = |group: &usize| {
            let start = self.starts[*group];
            let rows = range.start.saturating_sub(start)..range.end.saturating_sub(start);
            size::of_rows(&self.metadata, *group, &picked.leaves, rows)
        };
        groups.iter().map(part).fold(0, u64::saturating_add)
    }
}

/// The Parquet columns of an answer, and where each of its columns stands among them.
pub(crate) struct Picked {
    /// In ascending order, each once.
    pub(crate) leaves: Vec<usize>,
    places: Vec<(usize, Option<usize>)>,
    /// The columns themselves.
    columns: Vec<usize>,
    marks: usize,
}

impl Picked {
    pub(crate) fn of(table: &Table, columns: &[usize]) -> Self {
        let pairs = || columns.iter().map(|at| table.leaves[*at]);
        let mut leaves: Vec<usize> = pairs()
            .flat_map(|(values, texts)| std::iter::once(values).chain(texts))
            .chain([table.marks])
            .collect();
        leaves.sort_unstable();
        leaves.dedup();
        let place = |leaf: usize| leaves.binary_search(&leaf).unwrap_or_default();
        let places = pairs().map(|(values, texts)| (place(values), texts.map(place))).collect();
        let marks = place(table.marks);
        Self { places, columns: columns.to_vec(), marks, leaves }
    }
}

/// The arrays of a batch.
pub(crate) struct Cells<'a> {
    /// For each column of the answer its values and its texts.
    columns: Vec<(&'a dyn Array, Option<&'a StringArray>)>,
    places: &'a [usize],
    marks: &'a StringArray,
}

impl<'a> Cells<'a> {
    pub(crate) fn of(batch: &'a RecordBatch, picked: &'a Picked) -> Result<Self, ReadError> {
        let texts = |at: usize| {
            let texts = batch.column(at).as_any().downcast_ref::<StringArray>();
            texts.ok_or_else(|| ReadError::damaged(FORMAT, "a column of texts has other values"))
        };
        let column = |(values, at): &(usize, Option<usize>)| {
            let values: &dyn Array = &**batch.column(*values);
            Ok((values, at.map(texts).transpose()?))
        };
        let columns: Result<Vec<_>, ReadError> = picked.places.iter().map(column).collect();
        Ok(Self { columns: columns?, places: &picked.columns, marks: texts(picked.marks)? })
    }

    pub(crate) fn row(&self, at: usize) -> Vec<Value> {
        let mark = if self.marks.is_valid(at) { self.marks.value(at) } else { "" };
        // Once for the row: each of thousands of columns may be marked.
        let marked = marks::places(mark);
        let cell = |((values, texts), place): (&(&dyn Array, Option<&StringArray>), &usize)| {
            let Some(texts) = texts.filter(|texts| texts.is_valid(at)) else {
                return value(*values, at);
            };
            let text = texts.value(at);
            let is_text = marked.binary_search(place).is_ok();
            let exact = if is_text { None } else { cells::exactly(text) };
            exact.unwrap_or_else(|| cells::text(text))
        };
        self.columns.iter().zip(self.places).map(cell).collect()
    }
}
