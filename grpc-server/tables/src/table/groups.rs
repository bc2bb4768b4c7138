//! Groups of rows of a table as batches of Arrow arrays: what the crate `engine` reads.
//!
//! Not which rows match, and no order. Invariant: a batch has a bounded number of rows, and a pass over a group shares nothing
//! with other passes but the footer.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, RecordBatch, StringArray};
use arrow_schema::{DataType, Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::file::statistics::Statistics;

use super::column_cells::ColumnCells;
use super::{FORMAT, Picked, Table, size};
use crate::ReadError;
use crate::chunks::Chunks;
use crate::guard::guarded;

/// Columns of a table that passes read.
#[derive(Clone)]
pub struct Pick {
    picked: Arc<Picked>,
    schema: SchemaRef,
}

impl std::fmt::Debug for Pick {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pick").field("columns", &self.picked.columns).finish_non_exhaustive()
    }
}

/// What the footer states about a column in a group of rows.
#[derive(Clone, Copy, Debug)]
pub struct GroupStatistics<'a> {
    /// The type of its values.
    pub data: &'a DataType,
    /// The least and the greatest value, and how many are missing.
    pub values: Option<&'a Statistics>,
    /// Rows of the group.
    pub rows: u64,
    /// Whether it is known that no value of the group stands as a text beside the column.
    pub has_no_texts: bool,
}

/// Reads the batches of one group of rows.
pub struct GroupBatches {
    reader: ParquetRecordBatchReader,
    chunks: Chunks,
}

impl std::fmt::Debug for GroupBatches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GroupBatches").finish_non_exhaustive()
    }
}

impl Iterator for GroupBatches {
    type Item = Result<RecordBatch, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = guarded(FORMAT, || {
            self.reader.next().transpose().map_err(|error| self.chunks.error(error))
        });
        next.transpose()
    }
}

impl Table {
    /// How many groups of rows there are.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The rows of a group.
    #[must_use]
    pub fn group_rows(&self, group: usize) -> Range<u64> {
        let start = |at: usize| self.starts.get(at).copied().unwrap_or_else(|| self.rows());
        start(group)..start(group.saturating_add(1))
    }

    /// The types of the columns' values.
    pub(crate) fn types(&self) -> Vec<DataType> {
        let field = |(values, _): &(usize, Option<usize>)| {
            self.metadata.schema().field(*values).data_type().clone()
        };
        self.leaves.iter().map(field).collect()
    }

    /// Columns that a pass reads. One that the table does not have is an error.
    ///
    /// # Errors
    /// There is no such column.
    pub fn pick(&self, columns: &[usize]) -> Result<Pick, ReadError> {
        if let Some(at) = columns.iter().find(|at| **at >= self.columns.len()) {
            let rule = format!("{at} is none of the {} columns of the table", self.columns.len());
            return Err(ReadError::option("columns", rule));
        }
        Ok(self.pick_checked(columns))
    }

    /// All columns in their order.
    #[must_use]
    pub fn pick_all(&self) -> Pick {
        let columns: Vec<usize> = (0..self.columns.len()).collect();
        self.pick_checked(&columns)
    }

    fn pick_checked(&self, columns: &[usize]) -> Pick {
        let picked = Picked::of(self, columns);
        let fields = self.metadata.schema().fields();
        let fields: Vec<_> =
            picked.leaves.iter().filter_map(|leaf| fields.get(*leaf)).map(Arc::clone).collect();
        Pick { picked: Arc::new(picked), schema: Arc::new(Schema::new(fields)) }
    }

    /// What the footer states about a column in a group of rows; `None` where there is no such column or group.
    #[must_use]
    pub fn group_statistics(&self, group: usize, column: usize) -> Option<GroupStatistics<'_>> {
        let (values, texts) = *self.leaves.get(column)?;
        let data = self.metadata.schema().fields().get(values)?.data_type();
        let group = self.metadata.metadata().row_groups().get(group)?;
        let rows = u64::try_from(group.num_rows()).ok()?;
        let of = |leaf: usize| group.columns().get(leaf).and_then(|column| column.statistics());
        let has_no_texts = texts.is_none_or(|texts| {
            of(texts).and_then(Statistics::null_count_opt).is_some_and(|nulls| nulls == rows)
        });
        Some(GroupStatistics { data, values: of(values), rows, has_no_texts })
    }

    /// About how many bytes a row of a group has at most: those of the page whose rows are the largest, in each column.
    #[must_use]
    pub fn row_bytes(&self, group: usize, pick: &Pick) -> u64 {
        let rows = self.group_rows(group);
        let rows = rows.end - rows.start;
        let leaves = &pick.picked.leaves;
        let texts = leaves.iter().map(|leaf| size::of_largest(&self.metadata, group, *leaf, rows));
        texts.fold(leaves.len() as u64 * 9, u64::saturating_add)
    }

    /// Reads the rows of a group, in batches of at most `batch_rows`. `wanted` leaves rows out; it has all rows of the group.
    ///
    /// # Errors
    /// Bytes that are damaged or could not be read.
    pub fn group_batches(
        &self,
        group: usize,
        pick: &Pick,
        wanted: Option<&[BooleanArray]>,
        batch_rows: usize,
    ) -> Result<GroupBatches, ReadError> {
        guarded(FORMAT, || {
            let chunks = self.chunks.apart();
            let leaves = pick.picked.leaves.iter().copied();
            let mask = ProjectionMask::leaves(self.metadata.parquet_schema(), leaves);
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(
                chunks.clone(),
                self.metadata.clone(),
            )
            .with_row_groups(vec![group])
            .with_projection(mask)
            .with_batch_size(batch_rows.max(1));
            let builder = match wanted {
                Some(wanted) => builder.with_row_selection(RowSelection::from_filters(wanted)),
                None => builder,
            };
            let reader = builder.build().map_err(|error| chunks.error(error))?;
            Ok(GroupBatches { reader, chunks })
        })
    }
}

impl Pick {
    /// The arrays of a batch of these columns.
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The cells of the column at this place among those that were picked, in a batch that begins with their arrays.
    ///
    /// # Errors
    /// The batch has other arrays.
    pub fn cells<'a>(
        &self,
        batch: &'a RecordBatch,
        nth: usize,
    ) -> Result<ColumnCells<'a>, ReadError> {
        let places = self.picked.places.get(nth).zip(self.picked.columns.get(nth));
        let ((values, texts), column) = places.ok_or_else(|| other("it is not picked"))?;
        let texts = texts.map(|texts| texts_of(batch, texts)).transpose()?;
        let marks = texts_of(batch, self.picked.marks)?;
        Ok(ColumnCells::new(&**array(batch, *values)?, texts, marks, *column))
    }

    /// The arrays of a batch in the order of the form: of each column its values and its texts, and then the marks.
    pub(crate) fn arrays(&self, batch: &RecordBatch) -> Result<Vec<ArrayRef>, ReadError> {
        let mut arrays = Vec::with_capacity(self.schema.fields().len() + 1);
        for (values, texts) in &self.picked.places {
            arrays.push(Arc::clone(array(batch, *values)?));
            if let Some(texts) = texts {
                arrays.push(Arc::clone(array(batch, *texts)?));
            }
        }
        arrays.push(Arc::clone(array(batch, self.picked.marks)?));
        Ok(arrays)
    }
}

fn array(batch: &RecordBatch, at: usize) -> Result<&ArrayRef, ReadError> {
    batch.columns().get(at).ok_or_else(|| other("it is missing"))
}

fn texts_of(batch: &RecordBatch, at: usize) -> Result<&StringArray, ReadError> {
    let texts = array(batch, at)?.as_any().downcast_ref::<StringArray>();
    texts.ok_or_else(|| other("it has no texts"))
}

fn other(problem: &str) -> ReadError {
    ReadError::damaged(FORMAT, format!("a column of a batch is another one: {problem}"))
}
