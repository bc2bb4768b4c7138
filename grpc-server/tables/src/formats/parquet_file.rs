//! Tables of Parquet files of other programs: types of single values stay what they are, nested ones become JSON.
//!
//! Not own tables, which are looked at: see `table`. Invariant: the sizes that a file states are checked before memory is taken
//! for them (see `chunks`); its rows are read in batches, whose memory has a bound (see `pages`).

mod columns;
mod convert;
mod file;
mod lengths;
mod nested;
mod pages;

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::ArrowError;

use crate::progress::Watch;
use crate::report::{PREVIEW_ROWS, Preview, Report};
use crate::write::{Sink, Sizes, TableWriter};
use crate::{Bytes, Format, Options, ReadError};
use convert::{Converter, converters};
use file::File;

pub(crate) fn read(
    bytes: &Arc<dyn Bytes>,
    options: &Options,
    sink: Sink<'_>,
    watch: &Watch<'_>,
    sizes: Sizes,
) -> Result<Report, ReadError> {
    let (file, chunks) = File::open(bytes, options)?;
    check_rows(file.rows(), options)?;
    let mut converters = converters(&file, options, watch)?;
    let columns: Vec<_> = converters.iter().map(|it| it.column.clone()).collect();
    let types: Vec<_> = converters.iter().map(|it| it.data.clone()).collect();
    let mut table = TableWriter::new(sink, &columns, &types, sizes)?;
    if !columns.is_empty() {
        for batch in file.batches(&chunks, None)? {
            let batch = batch?;
            watch.set_read(chunks.bytes_read()).map_err(|_| ReadError::Stopped)?;
            write(&batch, &mut converters, &mut table, options.limits.row_bytes)?;
            check_rows(table.rows(), options)?;
            watch.set_rows(table.rows()).map_err(|_| ReadError::Stopped)?;
        }
        if table.rows() != file.rows() {
            return Err(ReadError::damaged("Parquet", "it has other rows than its footer states"));
        }
    }
    let mut doubts: Vec<String> = converters.iter().filter_map(Converter::doubt).collect();
    doubts.extend(columns.is_empty().then(|| "the file has no columns".to_owned()));
    let written = table.finish()?;
    Ok(Report {
        format: Format::Parquet,
        columns: written.columns,
        misfits: written.misfits,
        rows: written.rows,
        doubts,
        repaired_rows: 0,
        bytes_written: written.bytes,
    })
}

pub(crate) fn preview(
    bytes: &Arc<dyn Bytes>,
    options: &Options,
    watch: &Watch<'_>,
) -> Result<Preview, ReadError> {
    let (file, chunks) = File::open(bytes, options)?;
    let mut converters = converters(&file, options, watch)?;
    let mut rows = Vec::new();
    if !converters.is_empty() {
        for batch in file.batches(&chunks, Some(PREVIEW_ROWS))? {
            let batch = batch?;
            for at in 0..batch.num_rows().min(PREVIEW_ROWS - rows.len()) {
                let cells = converters.iter_mut().zip(batch.columns());
                let row: Result<_, _> = cells.map(|(it, array)| it.value(array, at)).collect();
                rows.push(row?);
            }
            if rows.len() >= PREVIEW_ROWS {
                break;
            }
        }
    }
    Ok(Preview {
        columns: converters.iter().map(|it| it.column.clone()).collect(),
        rows,
        row_count: Some(file.rows()),
        doubts: converters.iter().filter_map(Converter::doubt).collect(),
        has_header: true,
        ..Preview::of(Format::Parquet)
    })
}

fn check_rows(rows: u64, options: &Options) -> Result<(), ReadError> {
    let limit = options.limits.rows;
    match rows > limit {
        true => Err(ReadError::Limit { what: "rows of a table", limit }),
        false => Ok(()),
    }
}

/// Writes a batch, in parts where its texts are large.
fn write(
    batch: &RecordBatch,
    converters: &mut [Converter<'_>],
    table: &mut TableWriter<'_>,
    row_bytes: usize,
) -> Result<(), ReadError> {
    let step = convert::rows_at_once(batch);
    let mut from = 0;
    while from < batch.num_rows() {
        let part = batch.slice(from, step.min(batch.num_rows() - from));
        let mut marks = convert::Marks::new(part.num_rows());
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(converters.len() * 2 + 1);
        let first = table.rows();
        for (at, (converter, array)) in converters.iter_mut().zip(part.columns()).enumerate() {
            converter.convert(array, at, &mut marks, &mut arrays).map_err(|error| match error {
                ReadError::Row { row, problem } => ReadError::Row { row: first + row, problem },
                error => error,
            })?;
        }
        if let Some(row) = convert::too_large(&arrays, row_bytes) {
            let problem = format!("more than {row_bytes} bytes, the most of a row");
            return Err(ReadError::Row { row: first + row, problem });
        }
        arrays.push(marks.finish());
        let written = RecordBatch::try_new(Arc::clone(table.schema()), arrays);
        let written = written.map_err(|error: ArrowError| ReadError::Sink(error.to_string()))?;
        table.write(&written)?;
        from += part.num_rows();
    }
    Ok(())
}
