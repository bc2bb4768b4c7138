//! Tables of workbooks: the cells of one worksheet, row by row.
//!
//! Each part of the archive is looked through before the reader of workbooks sees it (see `parts`). Columns are those that the
//! first rows fill; a cell beyond them is kept in a last column, so that one cell far away makes no wide table.
//!
//! A preview looks through the begin of a worksheet, and through more where that has too few rows (see `cut`).
//!
//! Invariants: the texts that cells share are in memory, and one row at a time; empty rows and columns are bounded.

mod cells;
mod cut;
mod formulas;
mod layout;
mod parts;
mod reference;
mod rows;
mod scan;

use calamine::{Reader as _, SheetType, Xlsx};
use ot_engine::Value;

use crate::formats::shape::{SAMPLE_BYTES, SAMPLE_ROWS};
use crate::progress::Watch;
use crate::report::{PREVIEW_ROWS, Preview, Report};
use crate::source::Bytes;
use crate::write::{RowWriter, Sink, Sizes};
use crate::{Format, Options, ReadError, ReadLimits};
use layout::Layout;
use parts::{Archive, FORMAT, Part, Parts, failed};
use rows::{Row, Rows};

/// Empty rows between two filled ones that are kept.
const BLANK_ROWS: u32 = 1000;
/// Packed bytes of a worksheet that a preview reads at first, ...
const BEGIN_BYTES: u64 = 256 * 1024;
/// ... and where those have too few rows, for so many more; then it reads all.
const BEGINS: [Option<u64>; 3] = [Some(BEGIN_BYTES), Some(16 * BEGIN_BYTES), None];
/// Worksheets that a sentence names.
const NAMED: usize = 20;

/// A workbook, and one of its worksheets.
struct Book<'a> {
    xlsx: Xlsx<Part<'a>>,
    worksheets: Vec<String>,
    worksheet: String,
}

impl<'a> Book<'a> {
    fn open(parts: &Parts<'a>, options: &Options) -> Result<Self, ReadError> {
        let xlsx = parts.open()?;
        let worksheets = names(&xlsx);
        let chosen = match &options.worksheet {
            None => worksheets.first().cloned(),
            Some(name) => worksheets.iter().find(|known| *known == name).cloned(),
        };
        let worksheet = chosen.ok_or_else(|| match &options.worksheet {
            None => ReadError::damaged(FORMAT, "it has no worksheet"),
            Some(name) => {
                let (name, known) = (crate::error::short(name), listed(&worksheets));
                let rule = format!("the workbook has none named {name:?}; it has {known}");
                ReadError::option("worksheet", rule)
            }
        })?;
        Ok(Self { xlsx, worksheets, worksheet })
    }

    /// Looks through the worksheet as a whole.
    fn look(&mut self, parts: &Parts<'a>) -> Result<(), ReadError> {
        parts.look_at(&mut self.xlsx, &self.worksheet, None)
    }

    /// The first rows, of so many packed bytes of the worksheet; `None` where these have too few.
    fn begin(
        &mut self,
        parts: &Parts<'a>,
        kept: Option<u64>,
        limits: &ReadLimits,
    ) -> Result<Option<Vec<Row>>, ReadError> {
        let looked = parts.look_at(&mut self.xlsx, &self.worksheet, kept);
        let read = looked.and_then(|()| sample(&mut self.rows(limits)?));
        match read {
            Ok(sample) if is_full(&sample) => Ok(Some(sample)),
            // The reader takes the cut for damage, or for the end.
            _ if parts.is_cut_met() => Ok(None),
            read => read.map(Some),
        }
    }

    fn rows(&mut self, limits: &ReadLimits) -> Result<Rows<'_, 'a>, ReadError> {
        let is_1904 = self.xlsx.has_1904_epoch();
        let cells = self.xlsx.worksheet_cells_reader(&self.worksheet);
        Ok(Rows::new(cells.map_err(|error| failed(&error))?, is_1904, limits))
    }
}

/// The names of the sheets that have cells: those of charts and dialogs have none.
fn names(xlsx: &Xlsx<Part<'_>>) -> Vec<String> {
    let sheets = xlsx.sheets_metadata().iter();
    let with_cells = sheets.filter(|sheet| sheet.typ == SheetType::WorkSheet);
    with_cells.map(|sheet| sheet.name.clone()).collect()
}

/// The names of worksheets in a sentence.
fn listed(worksheets: &[String]) -> String {
    let quoted = |name: &String| format!("{:?}", crate::error::short(name));
    let named: Vec<String> = worksheets.iter().take(NAMED).map(quoted).collect();
    match (named.join(", "), worksheets.len().saturating_sub(NAMED)) {
        (named, _) if named.is_empty() => "no worksheet".to_owned(),
        (named, 0) => named,
        (named, more) => format!("{named} and {more} more"),
    }
}

/// The worksheets, none of which is looked through.
pub(crate) fn worksheets(
    bytes: &dyn Bytes,
    options: &Options,
    watch: &Watch<'_>,
) -> Result<Vec<String>, ReadError> {
    let parts = Parts::new(Archive::open(bytes, watch, &options.limits)?);
    let worksheets = names(&parts.open()?);
    match worksheets.is_empty() {
        true => Err(ReadError::damaged(FORMAT, "it has no worksheet")),
        false => Ok(worksheets),
    }
}

pub(crate) fn read(
    bytes: &dyn Bytes,
    options: &Options,
    sink: Sink<'_>,
    watch: &Watch<'_>,
    sizes: Sizes,
) -> Result<Report, ReadError> {
    let parts = Parts::new(Archive::open(bytes, watch, &options.limits)?);
    let mut book = Book::open(&parts, options)?;
    book.look(&parts)?;
    let mut rows = book.rows(&options.limits)?;
    let sample = sample(&mut rows)?;
    let mut layout = Layout::of(&sample, options)?;
    let is_whole = sample.len() < SAMPLE_ROWS && rows.is_ended();
    let with_other = !is_whole || layout.has_far_cells(&sample);
    let columns = layout.shape.columns(with_other);
    let mut writer = RowWriter::new(sink, columns, &options.limits, watch, sizes)?;
    let mut blanks = Blanks::default();
    for row in sample.into_iter().skip(usize::from(layout.has_header)) {
        blanks.push(row, &mut layout, &mut writer)?;
    }
    while let Some(row) = rows.next_row()? {
        blanks.push(row, &mut layout, &mut writer)?;
    }
    if with_other && !layout.shape.has_others() {
        writer.drop_last_column();
    }
    let written = writer.finish()?;
    let mut doubts = layout.doubts();
    doubts.extend(blanks.doubt());
    doubts.extend(parts.doubt());
    Ok(Report {
        format: Format::Xlsx,
        columns: written.columns,
        misfits: written.misfits,
        rows: written.rows,
        doubts,
        repaired_rows: 0,
        bytes_written: written.bytes,
    })
}

pub(crate) fn preview(
    bytes: &dyn Bytes,
    options: &Options,
    watch: &Watch<'_>,
) -> Result<Preview, ReadError> {
    let parts = Parts::new(Archive::open(bytes, watch, &options.limits)?);
    let mut book = Book::open(&parts, options)?;
    let mut sample = Vec::new();
    for kept in BEGINS {
        if let Some(begin) = book.begin(&parts, kept, &options.limits)? {
            sample = begin;
            break;
        }
    }
    let mut layout = Layout::of(&sample, options)?;
    let with_other = layout.has_far_cells(&sample);
    let shown = sample.into_iter().skip(usize::from(layout.has_header)).take(PREVIEW_ROWS);
    let rows: Vec<Vec<Value>> = shown.map(|row| layout.place(row)).collect::<Result<_, _>>()?;
    Ok(Preview {
        worksheets: book.worksheets,
        columns: layout.shape.columns(with_other),
        rows,
        doubts: layout.doubts().into_iter().chain(parts.doubt()).collect(),
        has_header: layout.has_header,
        is_header_in_doubt: layout.is_header_in_doubt,
        ..Preview::of(Format::Xlsx)
    })
}

/// The first rows that are filled.
fn sample(rows: &mut Rows<'_, '_>) -> Result<Vec<Row>, ReadError> {
    let (mut sample, mut bytes) = (Vec::new(), 0);
    while sample.len() < SAMPLE_ROWS && bytes < SAMPLE_BYTES {
        let Some(row) = rows.next_row()? else { break };
        bytes += row.bytes;
        sample.push(row);
    }
    Ok(sample)
}

/// Whether there are as many first rows as a sample may have.
fn is_full(sample: &[Row]) -> bool {
    let bytes: usize = sample.iter().map(|row| row.bytes).sum();
    sample.len() >= SAMPLE_ROWS || bytes >= SAMPLE_BYTES
}

/// Empty rows between filled ones.
#[derive(Default)]
struct Blanks {
    /// The row that was written last, counted from 0.
    last: Option<u32>,
    left_out: u64,
}

impl Blanks {
    fn push(
        &mut self,
        row: Row,
        layout: &mut Layout,
        writer: &mut RowWriter<'_>,
    ) -> Result<(), ReadError> {
        let before = self.last.map_or(row.at, |last| last + 1);
        let blank = row.at.saturating_sub(before);
        self.last = Some(row.at);
        if blank <= BLANK_ROWS {
            (0..blank).try_for_each(|_| writer.push(&[]))?;
        } else {
            self.left_out += u64::from(blank);
        }
        writer.push(&layout.place(row)?)
    }

    fn doubt(&self) -> Option<String> {
        let rows = self.left_out;
        (rows > 0).then(|| format!("{rows} empty rows between filled ones were left out"))
    }
}
