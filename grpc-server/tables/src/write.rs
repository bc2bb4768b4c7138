//! Writes a table as Parquet: batches of Arrow arrays, in row groups and pages of bounded size.
//!
//! Not the values of rows: see `rows`. The form: each column `c0`, `c1`, ... has the type of its kind. A value that does not
//! fit it is a text in `t0`, `t1`, ... beside it, and then the column itself has none. The last column `m` has the marks of
//! rows (see `marks`). Names and kinds stand in the metadata (see `form`). A view has one column more, `p`: see `view`.
//!
//! Invariant: memory is bounded by one row group and one batch.

mod cells;
mod made;
mod rows;
mod view;

use std::io::Write;
use std::sync::Arc;

use arrow_array::{Array as _, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

pub(crate) use cells::Cells;
pub use cells::whole;
pub use made::write_table;
pub(crate) use rows::RowWriter;
pub use view::ViewWriter;

use crate::column::data_type;
use crate::{ReadError, TableColumn, form, marks};

/// Rows of a row group.
const GROUP_ROWS: usize = 128 * 1024;
/// Bytes of a row group that are in memory before it is written.
const GROUP_BYTES: usize = 64 * 1024 * 1024;
/// Bytes and rows of a page: it is read as a whole for one of its rows.
const PAGE_BYTES: usize = 64 * 1024;
const PAGE_ROWS: usize = 20_000;
/// Bytes of the dictionary of a column in a row group: it is read for each page.
const DICTIONARY_BYTES: usize = 128 * 1024;
/// The level of Zstandard. At level 3 pages of this size are 2 % larger, and a reading takes a tenth more work.
const LEVEL: i32 = 1;
/// With more columns a table is wide: then none has a dictionary, which takes 74 KB of memory before its first value, and LZ4
/// packs them, which keeps no state.
const NARROW: usize = 256;
/// Columns in all row groups together: each takes some 650 bytes of memory while the table is open.
const CHUNKS: usize = 256 * 1024;
/// Values that are written before the size of a page is looked at.
const STEP: usize = 512;

/// How a table is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) group_rows: usize,
    pub(crate) page_bytes: usize,
    pub(crate) page_rows: usize,
    pub(crate) level: i32,
    /// Columns in all row groups together.
    pub(crate) chunks: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        let (group_rows, page_bytes, page_rows) = (GROUP_ROWS, PAGE_BYTES, PAGE_ROWS);
        Self { group_rows, page_bytes, page_rows, level: LEVEL, chunks: CHUNKS }
    }
}

/// Where a table is written.
pub(crate) type Sink<'a> = &'a mut (dyn Write + Send);

/// A table that was written.
pub(crate) struct Written {
    pub(crate) columns: Vec<TableColumn>,
    pub(crate) misfits: Vec<u64>,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

/// Writes batches of a table.
pub(crate) struct TableWriter<'a> {
    arrow: ArrowWriter<Sink<'a>>,
    schema: SchemaRef,
    columns: Vec<TableColumn>,
    /// For each column the values that are texts beside it.
    misfits: Vec<u64>,
    rows: u64,
    chunks: usize,
}

impl<'a> TableWriter<'a> {
    /// Begins a table whose columns have values of these types.
    pub(crate) fn new(
        sink: Sink<'a>,
        columns: &[TableColumn],
        types: &[DataType],
        sizes: Sizes,
    ) -> Result<Self, ReadError> {
        Self::of_schema(sink, columns, schema(columns, types), sizes)
    }

    /// Begins a table with this schema of its Parquet file.
    fn of_schema(
        sink: Sink<'a>,
        columns: &[TableColumn],
        schema: Schema,
        sizes: Sizes,
    ) -> Result<Self, ReadError> {
        let schema = Arc::new(schema);
        let positions = ColumnPath::from(form::POSITIONS);
        let level = ZstdLevel::try_new(sizes.level).map_err(sink_error)?;
        let is_wide = columns.len() > NARROW;
        let properties = WriterProperties::builder()
            .set_created_by("gridloom".to_owned())
            .set_compression(if is_wide { Compression::LZ4_RAW } else { Compression::ZSTD(level) })
            .set_max_row_group_row_count(Some(sizes.group_rows))
            .set_max_row_group_bytes(Some(GROUP_BYTES))
            .set_data_page_size_limit(sizes.page_bytes)
            .set_data_page_row_count_limit(sizes.page_rows)
            .set_dictionary_enabled(!is_wide)
            .set_dictionary_page_size_limit(DICTIONARY_BYTES)
            .set_write_batch_size(STEP.min(sizes.page_rows))
            .set_statistics_enabled(EnabledStatistics::Page)
            .set_column_dictionary_enabled(positions.clone(), false)
            .set_column_encoding(positions, Encoding::DELTA_BINARY_PACKED)
            .build();
        let arrow = ArrowWriter::try_new(sink, Arc::clone(&schema), Some(properties));
        Ok(Self {
            arrow: arrow.map_err(sink_error)?,
            schema,
            misfits: vec![0; columns.len()],
            columns: columns.to_vec(),
            rows: 0,
            chunks: sizes.chunks,
        })
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Rows so far.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), ReadError> {
        self.arrow.write(batch).map_err(sink_error)?;
        self.rows += batch.num_rows() as u64;
        // The texts of a column stand behind its values.
        let mut place = 0;
        for (column, misfits) in self.columns.iter().zip(&mut self.misfits) {
            if column.has_texts {
                let texts = batch.column(place + 1);
                *misfits += (texts.len() - texts.null_count()) as u64;
            }
            place += 1 + usize::from(column.has_texts);
        }
        let groups = self.arrow.flushed_row_groups().len();
        match groups.saturating_mul(self.schema.fields().len()) > self.chunks {
            true => Err(ReadError::Limit {
                what: "columns of a table, in each of its groups of rows",
                limit: self.chunks as u64,
            }),
            false => Ok(()),
        }
    }

    /// Leaves the last column out of the description of the table: it was there in case that it is needed.
    pub(crate) fn drop_last_column(&mut self) {
        self.columns.pop();
        self.misfits.pop();
    }

    /// Notes for each column whether its numbers are whole ones.
    pub(crate) fn set_whole(&mut self, are_whole: impl Iterator<Item = bool>) {
        for (column, is_whole) in self.columns.iter_mut().zip(are_whole) {
            column.is_whole = is_whole && data_type(column.kind) == DataType::Float64;
        }
    }

    /// Ends the table.
    pub(crate) fn finish(mut self) -> Result<Written, ReadError> {
        let description = KeyValue::new(form::KEY.to_owned(), form::describe(&self.columns));
        self.arrow.append_key_value_metadata(description);
        self.arrow.finish().map_err(sink_error)?;
        let Self { arrow, columns, misfits, rows, .. } = self;
        Ok(Written { columns, misfits, rows, bytes: arrow.bytes_written() as u64 })
    }
}

/// The schema of a table's Parquet file.
fn schema(columns: &[TableColumn], types: &[DataType]) -> Schema {
    let mut fields = Vec::with_capacity(columns.len() * 2 + 1);
    for (at, (column, data)) in columns.iter().zip(types).enumerate() {
        fields.push(Field::new(TableColumn::values_name(at), data.clone(), true));
        if column.has_texts {
            fields.push(Field::new(TableColumn::texts_name(at), DataType::Utf8, true));
        }
    }
    // Always there: a Parquet file without a column has no rows.
    fields.push(Field::new(marks::NAME, DataType::Utf8, true));
    Schema::new(fields)
}

/// The types of columns whose values are those of their kinds.
pub(crate) fn types(columns: &[TableColumn]) -> Vec<DataType> {
    columns.iter().map(|column| data_type(column.kind)).collect()
}

fn sink_error(error: ParquetError) -> ReadError {
    ReadError::Sink(error.to_string())
}
