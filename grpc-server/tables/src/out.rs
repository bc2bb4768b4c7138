//! Rows of values as files of other programs: CSV, TSV, JSON lines, Parquet and workbooks (XLSX).
//!
//! Not the form of tables: see `write`. Invariants: a file is written in one pass, straight on, and without temporary files;
//! memory does not grow with its rows; after an error of the place where it is written nothing more is written there.

mod csv;
mod exact;
mod json;
mod names;
mod notes;
mod parquet;
mod saved;
mod sink;
mod xlsx;

use std::io::Write;

use ot_engine::Value;

use csv::CsvRows;
use json::JsonRows;
use parquet::ParquetRows;
pub use saved::{OutColumn, SavedFor, SavedFormat, WriteError};
use sink::Sink;
pub(crate) use xlsx::Room;
use xlsx::XlsxRows;

/// Writes rows as a file.
pub struct RowWriter<'a>(Format<'a>);

enum Format<'a> {
    Csv(Box<CsvRows<'a>>),
    Json(Box<JsonRows<'a>>),
    Parquet(Box<ParquetRows<'a>>),
    Xlsx(Box<XlsxRows<'a>>),
}

impl std::fmt::Debug for RowWriter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowWriter").finish_non_exhaustive()
    }
}

impl<'a> RowWriter<'a> {
    /// Begins a file. `name`: that of the worksheet of a workbook.
    ///
    /// # Errors
    /// The format has no room for so many columns, or the begin could not be written.
    pub fn new(
        format: SavedFormat,
        saved_for: SavedFor,
        name: &str,
        columns: &[OutColumn],
        out: &'a mut (dyn Write + Send),
    ) -> Result<Self, WriteError> {
        let sink = Sink::new(out);
        Ok(Self(match format {
            SavedFormat::Csv => {
                Format::Csv(Box::new(CsvRows::new(b',', saved_for, columns, sink)?))
            }
            SavedFormat::Tsv => {
                Format::Csv(Box::new(CsvRows::new(b'\t', saved_for, columns, sink)?))
            }
            SavedFormat::JsonLines => Format::Json(Box::new(JsonRows::new(columns, sink))),
            SavedFormat::Parquet => Format::Parquet(Box::new(ParquetRows::new(columns, sink)?)),
            SavedFormat::Xlsx => {
                Format::Xlsx(Box::new(XlsxRows::new(name, columns, Room::READ_BY_ALL, sink)?))
            }
        }))
    }

    /// Begins a workbook with less room.
    #[cfg(test)]
    pub(crate) fn workbook(
        name: &str,
        columns: &[OutColumn],
        room: Room,
        out: &'a mut (dyn Write + Send),
    ) -> Result<Self, WriteError> {
        Ok(Self(Format::Xlsx(Box::new(XlsxRows::new(name, columns, room, Sink::new(out))?))))
    }

    /// Writes rows. A row may be shorter than the columns: the rest is empty.
    ///
    /// # Errors
    /// The rows could not be written, or the format has no room for them. Then the file is of no further use.
    pub fn write(&mut self, rows: &[Vec<Value>]) -> Result<(), WriteError> {
        match &mut self.0 {
            Format::Csv(file) => rows.iter().try_for_each(|row| file.push(row)),
            Format::Json(file) => rows.iter().try_for_each(|row| file.push(row)),
            Format::Parquet(file) => rows.iter().try_for_each(|row| file.push(row)),
            Format::Xlsx(file) => rows.iter().try_for_each(|row| file.push(row)),
        }
    }

    /// Ends the file. Notes: sentences for a person about what was changed or cut.
    ///
    /// # Errors
    /// Those of [`RowWriter::write`].
    pub fn finish(self) -> Result<Vec<String>, WriteError> {
        match self.0 {
            Format::Csv(file) => file.finish(),
            Format::Json(file) => file.finish(),
            Format::Parquet(file) => file.finish(),
            Format::Xlsx(file) => file.finish(),
        }
    }
}
