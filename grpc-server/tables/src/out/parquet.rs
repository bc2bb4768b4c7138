//! Files of Parquet for other programs: plain columns with their names.
//!
//! Not tables: see `write`. Invariants: memory is bounded by one group of rows and one batch; a value that does not fit the type
//! of its column is an error, never left out.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use ot_engine::{ColumnKind, Value};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use super::names::distinct;
use super::notes::{counted, marked};
use super::saved::{OutColumn, WriteError, cells};
use super::sink::{Sink, SinkWatch};
use crate::column::{data_type, is_text};
use crate::write::{Cells, whole};

/// Rows of a row group.
const GROUP_ROWS: usize = 128 * 1024;
/// Bytes of a row group that are in memory before it is written.
const GROUP_BYTES: usize = 64 * 1024 * 1024;
/// Cells and bytes of texts of a batch.
const BATCH_CELLS: usize = 64 * 1024;
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// Rows of a batch.
const BATCH_ROWS: usize = 8 * 1024;
/// The level of Zstandard.
const LEVEL: i32 = 3;
/// With more columns none has a dictionary, and Snappy packs them: both others take memory for each column.
const NARROW: usize = 256;

/// A file of Parquet.
pub(super) struct ParquetRows<'a> {
    arrow: ArrowWriter<Sink<'a>>,
    schema: SchemaRef,
    watch: SinkWatch,
    columns: Vec<OutColumn>,
    kinds: Vec<ColumnKind>,
    cells: Vec<Cells>,
    /// Whether a column of texts has another value.
    became_text: Vec<bool>,
    /// Times that were cut to microseconds.
    cut: u64,
    rows: usize,
    text_bytes: usize,
    most_rows: usize,
    note: Option<String>,
}

impl<'a> ParquetRows<'a> {
    pub(super) fn new(columns: &[OutColumn], sink: Sink<'a>) -> Result<Self, WriteError> {
        let (names, note) = distinct(columns);
        let kinds: Vec<ColumnKind> = columns.iter().map(kind).collect();
        let field = |(name, column): (&Arc<str>, &OutColumn)| {
            let data = if is_whole(column) { DataType::Int64 } else { data_type(kind(column)) };
            Field::new(&**name, data, true)
        };
        let fields: Vec<Field> = names.iter().zip(columns).map(field).collect();
        let schema = Arc::new(Schema::new(fields));
        let watch = sink.watch();
        let level = ZstdLevel::try_new(LEVEL).map_err(|error| watch.error(error))?;
        let is_wide = columns.len() > NARROW;
        let properties = WriterProperties::builder()
            .set_created_by("gridloom".to_owned())
            .set_compression(if is_wide { Compression::SNAPPY } else { Compression::ZSTD(level) })
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_max_row_group_bytes(Some(GROUP_BYTES))
            .set_dictionary_enabled(!is_wide)
            .set_statistics_enabled(EnabledStatistics::Page)
            .build();
        let arrow = ArrowWriter::try_new(sink, Arc::clone(&schema), Some(properties));
        let most_rows = (BATCH_CELLS / columns.len().max(1)).clamp(1, BATCH_ROWS);
        Ok(Self {
            arrow: arrow.map_err(|error| watch.error(error))?,
            schema,
            watch,
            columns: columns.to_vec(),
            cells: columns.iter().zip(&kinds).map(|it| cells_of(it, most_rows)).collect(),
            kinds,
            became_text: vec![false; columns.len()],
            cut: 0,
            rows: 0,
            text_bytes: 0,
            most_rows,
            note,
        })
    }

    pub(super) fn push(&mut self, row: &[Value]) -> Result<(), WriteError> {
        let width = self.columns.len();
        for (at, (cells, value)) in self.cells.iter_mut().zip(cells(row, width)).enumerate() {
            let kind = self.kinds[at];
            if is_text(kind) {
                self.became_text[at] |= !matches!(value, Value::Empty | Value::Text(_));
                self.text_bytes += cells.push(value).text_bytes;
            } else if fits(kind, value) && has_form(&self.columns[at], value) {
                cells.push(value);
            } else if let Some(value) =
                fitted(kind, value.as_text()).filter(|value| has_form(&self.columns[at], value))
            {
                self.cut += u64::from(!matches!(value, Value::Number(_)));
                cells.push(&value);
            } else {
                let name = crate::error::short(&self.columns[at].name);
                let problem = format!("a value of the column {name:?} does not fit its kind");
                return Err(self.watch.error(problem));
            }
        }
        self.rows += 1;
        let is_full = self.rows >= self.most_rows || self.text_bytes >= BATCH_BYTES;
        if is_full { self.flush() } else { Ok(()) }
    }

    pub(super) fn finish(mut self) -> Result<Vec<String>, WriteError> {
        self.flush()?;
        self.arrow.finish().map_err(|error| self.watch.error(error))?;
        let texts = marked(&self.columns, &self.became_text).map(|names| {
            format!("columns whose values may have several kinds are texts in the file: {names}")
        });
        let cut = (self.cut > 0).then(|| {
            format!("{} cut to microseconds", counted(self.cut, "time was", "times were"))
        });
        Ok(self.note.take().into_iter().chain(texts).chain(cut).collect())
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        if self.rows == 0 || self.columns.is_empty() {
            return Ok(());
        }
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.columns.len());
        self.cells.iter_mut().for_each(|cells| cells.finish(false, &mut arrays));
        (self.rows, self.text_bytes) = (0, 0);
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|error| self.watch.error(error))?;
        self.arrow.write(&batch).map_err(|error| self.watch.error(error))
    }
}

impl Drop for ParquetRows<'_> {
    /// A file that was not ended gets no further byte.
    fn drop(&mut self) {
        self.watch.close();
    }
}

/// The kind by which a column is saved: texts where its values do not all have one.
fn kind(column: &OutColumn) -> ColumnKind {
    match column.kind {
        ColumnKind::Any => ColumnKind::Text,
        kind if column.is_exact => kind,
        _ => ColumnKind::Text,
    }
}

/// Whether a column is saved as integers.
fn is_whole(column: &OutColumn) -> bool {
    column.is_whole && kind(column) == ColumnKind::Number
}

/// Whether a value of the column's kind is an integer, where the column has integers.
fn has_form(column: &OutColumn, value: &Value) -> bool {
    match value {
        Value::Number(number) if is_whole(column) => whole(*number).is_some(),
        _ => true,
    }
}

fn cells_of((column, kind): (&OutColumn, &ColumnKind), rows: usize) -> Cells {
    if is_whole(column) { Cells::wholes(rows) } else { Cells::new(*kind, rows) }
}

fn fits(kind: ColumnKind, value: &Value) -> bool {
    match value {
        Value::Empty => true,
        Value::Text(text) => text.is_empty(),
        Value::Number(_) => kind == ColumnKind::Number,
        Value::Bool(_) => kind == ColumnKind::Bool,
        Value::Date(_) => kind == ColumnKind::Date,
        Value::LocalDateTime(_) => kind == ColumnKind::LocalDateTime,
        Value::Instant(_) => kind == ColumnKind::Instant,
    }
}

/// What Parquet holds of a text that stands for what no value holds: a number that is not finite, or a time to the nanosecond.
fn fitted(kind: ColumnKind, text: &str) -> Option<Value> {
    let kind = match kind {
        ColumnKind::Number => {
            let number: Option<f64> = text.parse().ok();
            // Digits too large for a double are read as infinity.
            let is_named = !text.contains(|char: char| char.is_ascii_digit());
            return number.filter(|number| is_named && !number.is_finite()).map(Value::Number);
        }
        ColumnKind::LocalDateTime => values::Kind::DateTime,
        ColumnKind::Instant => values::Kind::Instant,
        _ => return None,
    };
    let (whole, decimals) = text.split_once('.')?;
    let (digits, zone) = decimals.split_at(decimals.find('Z').unwrap_or(decimals.len()));
    let kept = digits.get(..6).unwrap_or(digits);
    let cut = format!("{whole}.{kept}{zone}");
    let read = values::read(&cut, &kind.into(), &values::Locale::PLAIN);
    read.misfit.is_none().then_some(read.value)
}
