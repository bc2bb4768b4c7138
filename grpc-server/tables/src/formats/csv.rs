//! Tables of CSV: the columns, rows, doubts and repairs of the one reader of CSV.
//!
//! Not that reader: see the crate `csv-reader`. Invariant: the sizes of the pieces change nothing.

use csv_reader::CsvImport;

use crate::progress::Watch;
use crate::report::{LONG_LINE, Preview, Report};
use crate::source::{Bytes, begin, read_exact_at};
use crate::write::{RowWriter, Sink, Sizes};
use crate::{Format, Options, ReadError, TableColumn};

/// Bytes that are read at once.
const PIECE: usize = 256 * 1024;
/// Bytes that a preview reads.
const PREVIEW: usize = 256 * 1024;

pub(crate) fn read(
    bytes: &dyn Bytes,
    options: &Options,
    sink: Sink<'_>,
    watch: &Watch<'_>,
    sizes: Sizes,
) -> Result<Report, ReadError> {
    let mut import = CsvImport::new(options.of_csv()).with_kinds(options.kinds.clone());
    let (mut sink, mut writer) = (Some(sink), None::<RowWriter<'_>>);
    let (mut rows, mut piece) = (Vec::new(), vec![0; PIECE]);
    let mut at = 0;
    loop {
        let count = usize::try_from(bytes.len() - at).unwrap_or(usize::MAX).min(PIECE);
        let is_last = count == 0;
        if is_last {
            import.finish(&mut rows)?;
        } else {
            read_exact_at(bytes, at, &mut piece[..count]).map_err(ReadError::Source)?;
            at += count as u64;
            watch.has_read(count).map_err(|_| ReadError::Stopped)?;
            import.push(&piece[..count], &mut rows)?;
        }
        if writer.is_none()
            && !import.columns().is_empty()
            && let Some(sink) = sink.take()
        {
            let columns = columns(import.columns());
            writer = Some(RowWriter::new(sink, columns, &options.limits, watch, sizes)?);
        }
        if let Some(writer) = &mut writer {
            rows.iter().try_for_each(|row| writer.push(row))?;
            rows.clear();
        }
        if is_last {
            break;
        }
    }
    let writer = writer.ok_or_else(|| ReadError::damaged("CSV", "it has no columns"))?;
    let written = writer.finish()?;
    Ok(Report {
        format: Format::Csv,
        columns: written.columns,
        misfits: written.misfits,
        rows: written.rows,
        doubts: import.doubts().to_vec(),
        repaired_rows: import.repaired_rows(),
        bytes_written: written.bytes,
    })
}

pub(crate) fn preview(bytes: &dyn Bytes, options: &Options) -> Result<Preview, ReadError> {
    let head = begin(bytes, PREVIEW).map_err(ReadError::Source)?;
    let is_cut = (head.len() as u64) < bytes.len();
    let seen = csv_reader::Preview::of(&options.of_csv(), &options.kinds, &head, is_cut)?;
    let mut doubts = seen.doubts;
    doubts.extend((is_cut && seen.columns.is_empty()).then(|| LONG_LINE.to_owned()));
    Ok(Preview {
        columns: columns(&seen.columns),
        rows: seen.rows,
        doubts,
        delimiter: Some(seen.delimiter),
        encoding: Some(seen.encoding),
        decimal: Some(seen.decimal),
        has_header: seen.has_header,
        is_header_in_doubt: seen.is_header_in_doubt,
        ..Preview::of(Format::Csv)
    })
}

fn columns(columns: &[csv_reader::CsvColumn]) -> Vec<TableColumn> {
    columns.iter().map(|column| TableColumn::of(column.name.clone(), column.kind)).collect()
}
