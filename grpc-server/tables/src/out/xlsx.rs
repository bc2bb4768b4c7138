//! Workbooks, written straight on: the parts of an archive, of which those that name the worksheets are the last.
//!
//! A library for workbooks keeps each worksheet in a temporary file and the archive in another one, as large as the rows. Here
//! texts stand in their cells, so a worksheet needs no look back. Invariants: memory is a few pieces; neither a worksheet nor the
//! archive has more bytes than programs for spreadsheets read; a text never becomes a formula or a link.

mod cells;
mod escape;
mod parts;
mod title;

use std::io::Write as _;

use ot_engine::{ColumnKind, Value};
use zip::result::ZipError;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::saved::{OutColumn, WriteError, cells as cells_of};
use super::sink::{Sink, SinkWatch};
use cells::CellWriter;

/// Columns of a worksheet.
const COLUMNS: usize = 16_384;
/// Bytes that are packed at once.
const PIECE: usize = 64 * 1024;
/// The level of Deflate.
const LEVEL: i64 = 4;

/// The room of a workbook.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// Rows of a worksheet without the one with the names.
    pub(crate) rows: u32,
    /// Bytes of a worksheet without compression, and of the whole archive.
    pub(crate) sheet_bytes: u64,
    pub(crate) archive_bytes: u64,
}

impl Room {
    /// That which programs for spreadsheets read. Beyond 4 GiB an archive and its parts need a form that not all of them do.
    pub(crate) const READ_BY_ALL: Self =
        Self { rows: 1_048_575, sheet_bytes: 3 << 30, archive_bytes: (4 << 30) - (64 << 20) };
}

/// A workbook.
pub(super) struct XlsxRows<'a> {
    /// There until the end.
    zip: Option<ZipWriter<StreamWriter<Sink<'a>>>>,
    watch: SinkWatch,
    room: Room,
    columns: Vec<OutColumn>,
    cells: CellWriter,
    /// The names of the worksheets so far.
    titles: Vec<String>,
    name: String,
    /// What waits to be packed.
    buffer: String,
    /// Rows and bytes of the worksheet, those that wait left out.
    rows: u32,
    bytes: u64,
}

impl<'a> XlsxRows<'a> {
    pub(super) fn new(
        name: &str,
        columns: &[OutColumn],
        room: Room,
        sink: Sink<'a>,
    ) -> Result<Self, WriteError> {
        if columns.len() > COLUMNS {
            let text = format!(
                "a worksheet has at most {COLUMNS} columns, and these are {}: choose fewer",
                columns.len()
            );
            return Err(WriteError::TooLarge(text));
        }
        let watch = sink.watch();
        let mut this = Self {
            zip: Some(ZipWriter::new_stream(sink)),
            watch,
            room,
            columns: columns.to_vec(),
            cells: CellWriter::new(columns.len()),
            titles: Vec::new(),
            name: title::of(name),
            buffer: String::new(),
            rows: 0,
            bytes: 0,
        };
        this.parts(parts::before_sheets())?;
        this.begin_sheet()?;
        Ok(this)
    }

    pub(super) fn push(&mut self, row: &[Value]) -> Result<(), WriteError> {
        if self.rows >= self.room.rows || self.bytes >= self.room.sheet_bytes {
            self.end_sheet()?;
            self.begin_sheet()?;
        }
        self.rows += 1;
        // The row with the names is the first one.
        self.cells.row(self.rows + 1, cells_of(row, self.columns.len()), &mut self.buffer);
        if self.buffer.len() >= PIECE { self.pack() } else { Ok(()) }
    }

    pub(super) fn finish(mut self) -> Result<Vec<String>, WriteError> {
        self.end_sheet()?;
        self.parts(parts::behind_sheets(&self.titles))?;
        let Some(zip) = self.zip.take() else { return Ok(Vec::new()) };
        zip.finish().map_err(|error| self.watch.error(error))?.into_inner().end()?;
        let mut notes = self.cells.notes(&self.columns);
        if self.titles.len() > 1 {
            let count = self.titles.len();
            notes.push(format!(
                "the rows are in {count} worksheets, since one has no room for them"
            ));
        }
        Ok(notes)
    }

    fn begin_sheet(&mut self) -> Result<(), WriteError> {
        let title = title::numbered(&self.name, self.titles.len() + 1);
        self.titles.push(title);
        self.begin_part(&parts::sheet(self.titles.len()))?;
        (self.rows, self.bytes) = (0, 0);
        parts::begin_sheet(
            self.titles.len() == 1,
            self.columns.iter().map(width),
            &mut self.buffer,
        );
        let names = self.columns.iter().map(|column| &*column.name);
        self.cells.names(names, &mut self.buffer);
        self.pack()
    }

    fn end_sheet(&mut self) -> Result<(), WriteError> {
        self.buffer.push_str(parts::END_SHEET);
        self.pack()
    }

    fn parts<const N: usize>(&mut self, parts: [(&str, String); N]) -> Result<(), WriteError> {
        for (name, text) in parts {
            self.begin_part(name)?;
            self.buffer = text;
            self.pack()?;
        }
        Ok(())
    }

    fn begin_part(&mut self, name: &str) -> Result<(), WriteError> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL));
        let begun = self.zip.as_mut().map(|zip| zip.start_file(name, options));
        begun.unwrap_or(Ok(())).map_err(|error: ZipError| self.watch.error(error))
    }

    fn pack(&mut self) -> Result<(), WriteError> {
        let packed = self.zip.as_mut().map(|zip| zip.write_all(self.buffer.as_bytes()));
        self.bytes += self.buffer.len() as u64;
        self.buffer.clear();
        packed.unwrap_or(Ok(())).map_err(|error| self.watch.error(error))?;
        match self.watch.bytes() > self.room.archive_bytes {
            true => {
                self.watch.close();
                let text = "a workbook has at most 4 GiB, and these rows take more: choose fewer rows or columns, or another \
                            format";
                Err(WriteError::TooLarge(text.to_owned()))
            }
            false => Ok(()),
        }
    }
}

impl Drop for XlsxRows<'_> {
    /// A workbook that was not ended gets no further byte: the archive writes an end when it is dropped.
    fn drop(&mut self) {
        self.watch.close();
    }
}

/// The width of a column, in characters: a date or a time that does not fit is shown as `####`.
fn width(column: &OutColumn) -> usize {
    let least = match column.kind {
        ColumnKind::Instant | ColumnKind::LocalDateTime => 24,
        // It may have times.
        ColumnKind::Any => 20,
        ColumnKind::Date => 12,
        _ if !column.is_exact => 12,
        _ => 10,
    };
    (column.name.chars().take(40).count() + 2).max(least)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_time_fits_its_column() {
        let width = |kind, is_exact| {
            width(&OutColumn { name: Arc::from("t"), kind, is_exact, is_whole: false })
        };
        for is_exact in [true, false] {
            for kind in [ColumnKind::Instant, ColumnKind::LocalDateTime] {
                assert!(width(kind, is_exact) > "2024-05-01 10:30:00.000".len());
            }
            assert!(width(ColumnKind::Any, is_exact) > "2024-05-01 10:30:00".len());
            assert!(width(ColumnKind::Date, is_exact) > "2024-05-01".len());
        }
    }
}
