//! The arrays of a Parquet file as those of the table.
//!
//! Not the types: see `columns`. Invariant: an array of the table has as many cells as the one of the file.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use ot_engine::{ColumnKind, Value};

use super::columns::{Way, of_int96, of_long_digits, of_uuid, place};
use super::file::{BATCH_ROWS, File};
use super::nested::{Refusal, Writer, of_bytes, text, uuid};
use crate::error::short;
use crate::formats::chosen::Chosen;
use crate::limits::NAME_BYTES;
use crate::progress::Watch;
use crate::table::value;
use crate::write::Cells;
use crate::{Options, ReadError, TableColumn, marks};

/// Bytes of texts that are converted at once.
const TEXT_BYTES: usize = 16 * 1024 * 1024;

/// Converts one column.
pub(super) struct Converter<'a> {
    pub(super) column: TableColumn,
    /// The type of its values in the table.
    pub(super) data: DataType,
    way: Way,
    chosen: Option<(Chosen, Cells)>,
    cell_bytes: usize,
    nested: Writer<'a>,
    /// Cells of bytes that are no text.
    hexed: u64,
    /// Whether its times are read to the microsecond.
    is_wide: bool,
    /// Whether its bytes are UUIDs.
    is_uuid: bool,
    /// Whether its numbers have too many digits, and are texts.
    is_long: bool,
}

/// One for each column of the file.
pub(super) fn converters<'a>(
    file: &File,
    options: &Options,
    watch: &'a Watch<'a>,
) -> Result<Vec<Converter<'a>>, ReadError> {
    let fields = file.schema().fields();
    if fields.len() > options.limits.columns {
        let limit = options.limits.columns as u64;
        return Err(ReadError::Limit { what: "columns of a table", limit });
    }
    let is_wide = of_int96(file.parquet(), fields.len());
    let is_uuid = of_uuid(file.parquet(), fields.len());
    let is_long = of_long_digits(file.schema(), file.parquet());
    let converter = |(at, field): (usize, &Arc<arrow_schema::Field>)| {
        if field.name().len() > NAME_BYTES {
            let limit = NAME_BYTES as u64;
            return Err(ReadError::Limit { what: "bytes of a column's name", limit });
        }
        let is_long = is_long.get(at).copied().unwrap_or_default();
        let (kind, data, way) = match is_long {
            true => (ColumnKind::Text, DataType::Utf8, Way::Texts),
            false => place(field.data_type()),
        };
        let name: Arc<str> = Arc::from(field.name().as_str());
        let chosen = options.kinds.get(at).copied().flatten();
        let is_wide = is_wide.get(at).copied().unwrap_or_default();
        let is_uuid = is_uuid.get(at).copied().unwrap_or_default();
        let (cell_bytes, hexed) = (options.limits.cell_bytes, 0);
        let nested = Writer::new(watch, cell_bytes);
        let (column, data, chosen) = match chosen.filter(|chosen| *chosen != kind) {
            None => {
                let (name_of_data, is_whole) = (data.to_string(), data.is_integer());
                let column =
                    TableColumn { name, kind, data: name_of_data, has_texts: false, is_whole };
                (column, data, None)
            }
            Some(kind) => {
                let chosen = Chosen::new(kind, &options.csv.notation);
                let cells = Cells::new(chosen.kind(), BATCH_ROWS);
                let data = crate::column::data_type(kind);
                (TableColumn::of(name, kind), data, Some((chosen, cells)))
            }
        };
        let is_long = is_long && chosen.is_none();
        Ok(Converter {
            column,
            data,
            way,
            chosen,
            cell_bytes,
            nested,
            hexed,
            is_wide,
            is_uuid,
            is_long,
        })
    };
    fields.iter().enumerate().map(converter).collect()
}

impl Converter<'_> {
    /// Adds the arrays of the table's columns. A row of an error counts from 1, within the array.
    pub(super) fn convert(
        &mut self,
        array: &ArrayRef,
        at: usize,
        marks: &mut Marks,
        arrays: &mut Vec<ArrayRef>,
    ) -> Result<(), ReadError> {
        if self.chosen.is_some() {
            return self.convert_chosen(array, at, marks, arrays);
        }
        arrays.push(match self.way {
            Way::Kept => Arc::clone(array),
            Way::Instants => in_utc(array),
            Way::Texts | Way::Json => {
                let mut texts = StringBuilder::with_capacity(array.len(), 0);
                for row in 0..array.len() {
                    match is_empty(array, row) {
                        true => texts.append_null(),
                        false => self.with_text(array, row, |text| texts.append_value(text))?,
                    }
                }
                Arc::new(texts.finish())
            }
        });
        Ok(())
    }

    fn convert_chosen(
        &mut self,
        array: &ArrayRef,
        at: usize,
        marks: &mut Marks,
        arrays: &mut Vec<ArrayRef>,
    ) -> Result<(), ReadError> {
        for row in 0..array.len() {
            let value = self.value(array, row)?;
            if let Some((_, cells)) = &mut self.chosen
                && cells.push(&value).is_marked
            {
                marks.add(row, at);
            }
        }
        if let Some((_, cells)) = &mut self.chosen {
            cells.finish(self.column.has_texts, arrays);
        }
        Ok(())
    }

    /// A cell as a value.
    pub(super) fn value(&mut self, array: &ArrayRef, row: usize) -> Result<Value, ReadError> {
        if is_empty(array, row) {
            return Ok(Value::Empty);
        }
        let found = match self.way {
            Way::Kept | Way::Instants => value(&**array, row),
            Way::Texts | Way::Json => {
                let mut found = Value::Empty;
                self.with_text(array, row, |text| {
                    found = Value::from(&*text.replace('\0', "\u{fffd}")).normalized();
                })?;
                found
            }
        };
        let chosen = self.chosen.as_mut();
        Ok(chosen.map_or(found.clone(), |(chosen, _)| chosen.read(found)))
    }

    /// Passes the text of a cell on.
    fn with_text(
        &mut self,
        array: &ArrayRef,
        row: usize,
        take: impl FnOnce(&str),
    ) -> Result<(), ReadError> {
        let most = self.cell_bytes;
        let name = &self.column.name;
        let refused = |refusal: Refusal| {
            let name = short(name);
            let problem = match refusal {
                Refusal::Stopped => return ReadError::Stopped,
                Refusal::TooLarge => {
                    format!("a value of {name:?} has more than {most} bytes, the most of a cell")
                }
                Refusal::Unknown(data) => {
                    let data = short(&data.to_string());
                    format!("a value of {name:?} has the type {data}, which is not read")
                }
            };
            ReadError::Row { row: row as u64 + 1, problem }
        };
        let owned;
        let text = match (self.way, array.data_type()) {
            (Way::Json, data) if data.is_nested() => {
                owned = self.nested.json(&**array, row).map_err(refused)?;
                &owned
            }
            (_, DataType::Utf8View) => array.as_string_view().value(row),
            (_, DataType::BinaryView) => {
                let bytes = array.as_binary_view().value(row);
                if bytes.len() > most {
                    return Err(refused(Refusal::TooLarge));
                }
                self.hexed += u64::from(std::str::from_utf8(bytes).is_err());
                owned = of_bytes(bytes);
                &owned
            }
            (_, DataType::FixedSizeBinary(16)) if self.is_uuid => {
                owned = uuid(array.as_fixed_size_binary().value(row));
                &owned
            }
            (_, DataType::FixedSizeBinary(_)) => {
                self.hexed += 1;
                owned = text(&**array, row).map_err(refused)?;
                &owned
            }
            _ => {
                owned = text(&**array, row).map_err(refused)?;
                &owned
            }
        };
        if text.len() > most {
            return Err(refused(Refusal::TooLarge));
        }
        take(text);
        Ok(())
    }

    /// What a person should know of the column.
    pub(super) fn doubt(&self) -> Option<String> {
        let name = short(&self.column.name);
        if self.is_wide && matches!(self.way, Way::Kept) {
            return Some(format!(
                "times of {name:?} are of INT96, and were read to the microsecond"
            ));
        }
        if self.is_long {
            return Some(format!(
                "{name:?} has numbers of more digits than a number holds, so all of its values are texts"
            ));
        }
        match self.hexed {
            0 => self.chosen.as_ref().and_then(|(chosen, _)| chosen.doubt(&self.column.name)),
            count => Some(format!(
                "{count} values of {name:?} are bytes that are no text, and were read as hexadecimal digits"
            )),
        }
    }
}

/// Whether a cell has no value: an array of nulls notes none of them.
fn is_empty(array: &ArrayRef, row: usize) -> bool {
    array.is_null(row) || matches!(array.data_type(), DataType::Null)
}

/// Times of any zone as those of UTC: the instants are the same.
fn in_utc(array: &ArrayRef) -> ArrayRef {
    let DataType::Timestamp(unit, _) = array.data_type() else { return Arc::clone(array) };
    macro_rules! zoned {
        ($type:ty) => {
            Arc::new(array.as_primitive::<$type>().clone().with_timezone("UTC"))
        };
    }
    match unit {
        TimeUnit::Second => zoned!(TimestampSecondType),
        TimeUnit::Millisecond => zoned!(TimestampMillisecondType),
        TimeUnit::Microsecond => zoned!(TimestampMicrosecondType),
        TimeUnit::Nanosecond => zoned!(TimestampNanosecondType),
    }
}

/// How many rows of a batch are converted at once, by the bytes of its texts.
pub(super) fn rows_at_once(batch: &RecordBatch) -> usize {
    let of_column = |array: &ArrayRef| match array.data_type() {
        DataType::Utf8View => array.as_string_view().lengths().map(|it| it as usize).sum(),
        DataType::BinaryView => array.as_binary_view().lengths().map(|it| it as usize).sum(),
        _ => array.get_array_memory_size(),
    };
    let bytes: usize = batch.columns().iter().map(of_column).fold(0, usize::saturating_add);
    let rows = batch.num_rows().max(1);
    match bytes.checked_div(rows) {
        Some(per_row) if bytes > TEXT_BYTES => (TEXT_BYTES / per_row.max(1)).clamp(1, rows),
        _ => rows,
    }
}

/// The first row whose texts have more bytes together, counted from 1.
pub(super) fn too_large(arrays: &[ArrayRef], most: usize) -> Option<u64> {
    let texts: Vec<_> = arrays.iter().filter_map(|array| array.as_string_opt::<i32>()).collect();
    let all = texts.iter().map(|texts| texts.value_data().len()).fold(0, usize::saturating_add);
    if all <= most {
        return None;
    }
    let rows = texts.first().map_or(0, |texts| texts.len());
    let length = |row: usize| {
        let lengths = texts.iter().map(|texts| usize::try_from(texts.value_length(row)));
        lengths.map(Result::unwrap_or_default).fold(0, usize::saturating_add)
    };
    (0..rows).find(|row| length(*row) > most).map(|row| row as u64 + 1)
}

/// The marks of the rows of a batch.
pub(super) struct Marks {
    rows: usize,
    /// Rows and their columns; none in most batches.
    marked: Vec<(usize, usize)>,
}

impl Marks {
    pub(super) fn new(rows: usize) -> Self {
        Self { rows, marked: Vec::new() }
    }

    fn add(&mut self, row: usize, column: usize) {
        self.marked.push((row, column));
    }

    pub(super) fn finish(mut self) -> ArrayRef {
        let mut marks = StringBuilder::with_capacity(self.rows, 0);
        self.marked.sort_unstable();
        let mut rest = &self.marked[..];
        for row in 0..self.rows {
            let count = rest.iter().take_while(|(marked, _)| *marked == row).count();
            let (own, others) = rest.split_at(count);
            rest = others;
            if own.is_empty() {
                marks.append_null();
                continue;
            }
            let columns: Vec<usize> = own.iter().map(|(_, column)| *column).collect();
            let mut mark = String::new();
            marks::write(&columns, &mut mark);
            marks.append_value(mark);
        }
        Arc::new(marks.finish())
    }
}
