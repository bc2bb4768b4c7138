//! A file as a table, and its preview: the entry for each format.
//!
//! Not the formats themselves: each has a module. Invariant: what a preview shows of the begin of a file, the reading of the
//! whole file reads the same where the rest is as the begin.

use std::sync::Arc;

use ot_engine::Value;

use crate::error::short;
use crate::formats::{csv, json, parquet_file, xlsx};
use crate::guard::guarded;
use crate::progress::{Progress, Watch};
use crate::report::PREVIEW_ROWS;
use crate::write::{Sink, Sizes};
use crate::{Bytes, Format, Options, Preview, ReadError, Report, format_of};

/// The names of the worksheets of a workbook, in their order.
///
/// # Errors
/// The file is no workbook, a limit is broken, or the caller has stopped it.
pub fn worksheets(
    bytes: &Arc<dyn Bytes>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Vec<String>, ReadError> {
    let watch = Watch::new(progress, bytes.len());
    let found = guarded(title(Format::Xlsx), || xlsx::worksheets(&**bytes, options, &watch));
    found.map_err(|error| watch.error(error))
}

/// Shows the begin of a file; it makes nothing.
///
/// # Errors
/// Those of a reading that are seen in the begin, or the caller has stopped it.
pub fn preview(
    bytes: &Arc<dyn Bytes>,
    name: &str,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Preview, ReadError> {
    options.check()?;
    let format = choose(bytes, name, options)?;
    let watch = Watch::new(progress, bytes.len());
    let seen = guarded(title(format), || match format {
        Format::Csv => csv::preview(&**bytes, options),
        Format::JsonLines => json::preview(&**bytes, options),
        Format::Parquet => parquet_file::preview(bytes, options, &watch),
        Format::Xlsx => xlsx::preview(&**bytes, options, &watch),
    });
    let mut preview = seen.map_err(|error| watch.error(error))?;
    preview.rows.truncate(PREVIEW_ROWS);
    for value in preview.rows.iter_mut().flatten() {
        if let Value::Text(text) = value {
            *value = Value::from(&*short(text));
        }
    }
    Ok(preview)
}

/// Reads a whole file as one table, and writes it as Parquet to `out`. Nothing of what is written after an error is a table.
///
/// # Errors
/// The file is not read as a whole: a rule of its format or a limit is broken, or the caller has stopped the reading.
pub fn read(
    bytes: &Arc<dyn Bytes>,
    name: &str,
    options: &Options,
    out: Sink<'_>,
    progress: &dyn Progress,
) -> Result<Report, ReadError> {
    read_sized(bytes, name, options, out, progress, Sizes::default())
}

/// The same with other sizes of row groups and pages.
pub(crate) fn read_sized(
    bytes: &Arc<dyn Bytes>,
    name: &str,
    options: &Options,
    out: Sink<'_>,
    progress: &dyn Progress,
    sizes: Sizes,
) -> Result<Report, ReadError> {
    options.check()?;
    let format = choose(bytes, name, options)?;
    let watch = Watch::new(progress, bytes.len());
    let read = guarded(title(format), || match format {
        Format::Csv => csv::read(&**bytes, options, out, &watch, sizes),
        Format::JsonLines => json::read(&**bytes, options, out, &watch, sizes),
        Format::Parquet => parquet_file::read(bytes, options, out, &watch, sizes),
        Format::Xlsx => xlsx::read(&**bytes, options, out, &watch, sizes),
    });
    read.map_err(|error| watch.error(error))
}

fn choose(bytes: &Arc<dyn Bytes>, name: &str, options: &Options) -> Result<Format, ReadError> {
    options.format.map_or_else(|| format_of(&**bytes, name), Ok)
}

/// What a format is called in a sentence.
const fn title(format: Format) -> &'static str {
    match format {
        Format::Csv => "CSV",
        Format::JsonLines => "JSON",
        Format::Parquet => "Parquet",
        Format::Xlsx => "XLSX",
    }
}
