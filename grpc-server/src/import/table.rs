//! From records to a table: the header, the kinds of the columns, then row by row.
//!
//! The stages: `Head` waits for the first line, `Sample` collects the first rows to find the kinds of the columns,
//! `Rows` converts each record to values immediately. Not the kind of a single field: see `infer`.
//!
//! Invariant: the result does not depend on the sizes of the pieces.

use std::borrow::Cow;
use std::sync::Arc;

use super::infer::{self, Guess};
use super::records::Records;
use super::{CsvColumn, CsvOptions, CsvRow, ImportError, Problem, header, sniff};
use ot_engine::{ColumnKind, Value};

/// The kinds of the columns are seen from this many rows ...
const SAMPLE_ROWS: usize = 1_000;
/// ... or from rows of this many bytes together, if those are fewer.
const SAMPLE_BYTES: usize = 1024 * 1024;
/// The delimiter is found from the first line, or from this many bytes of it.
const HEAD_BYTES: usize = 64 * 1024;
/// A column's name may have this many bytes (see `ColumnEdit.name`).
const NAME_BYTES: usize = 1024;

/// Reads one CSV file.
pub struct CsvImport {
    options: CsvOptions,
    stage: Stage,
    columns: Vec<CsvColumn>,
    rows: u64,
    repaired: u64,
}

enum Stage {
    Head(Vec<u8>),
    Sample(Records, Sample),
    Rows(Records),
}

/// The first record and those below it, as text.
#[derive(Default)]
struct Sample {
    first: Option<Vec<String>>,
    rows: Vec<Vec<String>>,
    bytes: usize,
}

impl CsvImport {
    /// Before the first byte.
    pub fn new(options: CsvOptions) -> Self {
        let stage = Stage::Head(Vec::new());
        Self { options, stage, columns: Vec::new(), rows: 0, repaired: 0 }
    }

    /// Reads the next piece of the file; rows that it completes are added to `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<CsvRow>) -> Result<(), ImportError> {
        let Stage::Head(head) = &mut self.stage else {
            return self.read(bytes, out);
        };
        head.extend_from_slice(bytes);
        if sniff::first_line(head).is_none() && head.len() < HEAD_BYTES {
            return Ok(());
        }
        let head = std::mem::take(head);
        self.begin(&head, out)
    }

    /// The end of the file.
    pub fn finish(&mut self, out: &mut Vec<CsvRow>) -> Result<(), ImportError> {
        if let Stage::Head(head) = &mut self.stage {
            let head = std::mem::take(head);
            self.begin(&head, out)?;
        }
        let ended = match &mut self.stage {
            Stage::Sample(records, _) | Stage::Rows(records) => records.finish()?,
            Stage::Head(_) => false,
        };
        if ended {
            self.record(out)?;
        }
        if let Stage::Sample(_, sample) = &self.stage {
            if sample.first.is_none() {
                return Err(ImportError { line: 1, problem: Problem::EmptyFile });
            }
            self.settle(out)?;
        }
        Ok(())
    }

    /// The columns; empty until the first rows have been seen.
    pub fn columns(&self) -> &[CsvColumn] {
        &self.columns
    }

    /// How many rows have been read.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// How many of them were repaired.
    pub fn repaired_rows(&self) -> u64 {
        self.repaired
    }

    fn begin(&mut self, head: &[u8], out: &mut Vec<CsvRow>) -> Result<(), ImportError> {
        let text = sniff::text(head).map_err(|problem| ImportError { line: 1, problem })?;
        let first_line = sniff::first_line(text).unwrap_or(text);
        let delimiter = self.options.delimiter.unwrap_or_else(|| sniff::delimiter(first_line));
        let records = Records::new(delimiter, self.options.columns);
        self.stage = Stage::Sample(records, Sample::default());
        self.read(text, out)
    }

    fn read(&mut self, mut bytes: &[u8], out: &mut Vec<CsvRow>) -> Result<(), ImportError> {
        loop {
            let ended = match &mut self.stage {
                Stage::Sample(records, _) | Stage::Rows(records) => records.advance(&mut bytes)?,
                Stage::Head(_) => false,
            };
            if !ended {
                return Ok(());
            }
            self.record(out)?;
        }
    }

    /// Handles the record that has just been read.
    fn record(&mut self, out: &mut Vec<CsvRow>) -> Result<(), ImportError> {
        match &mut self.stage {
            Stage::Head(_) => Ok(()),
            Stage::Rows(records) => {
                let kinds = self.columns.iter().map(|column| column.kind);
                let (mut row, repaired) = values(records, &self.options, kinds)?;
                trim(&mut row);
                self.repaired += u64::from(repaired);
                self.rows = counted(records, self.rows, &self.options)?;
                out.push(row);
                Ok(())
            }
            Stage::Sample(records, sample) => {
                let width = sample.first.as_ref().map_or(records.fields().len(), Vec::len);
                let (fields, repaired) = texts(records, &self.options, width)?;
                self.repaired += u64::from(repaired);
                sample.bytes += records.bytes();
                if sample.first.is_none() {
                    sample.first = Some(fields);
                    return Ok(());
                }
                counted(records, sample.rows.len() as u64, &self.options)?;
                sample.rows.push(fields);
                if sample.rows.len() >= SAMPLE_ROWS || sample.bytes >= SAMPLE_BYTES {
                    self.settle(out)?;
                }
                Ok(())
            }
        }
    }

    /// Enough rows have been seen: names the columns, decides their kinds, turns rows to values.
    fn settle(&mut self, out: &mut Vec<CsvRow>) -> Result<(), ImportError> {
        let stage = std::mem::replace(&mut self.stage, Stage::Head(Vec::new()));
        let Stage::Sample(records, mut sample) = stage else {
            self.stage = stage;
            return Ok(());
        };
        let first = sample.first.take().unwrap_or_default();
        let names = self.names(&first, &sample.rows)?;
        if self.options.no_header {
            sample.rows.insert(0, first);
        }
        let guesses = guesses(&sample.rows, names.len());
        let column = |(name, guess): (String, &Guess)| CsvColumn {
            name: Arc::from(name),
            kind: guess.kind(),
        };
        self.columns = names.into_iter().zip(&guesses).map(column).collect();
        self.rows = sample.rows.len() as u64;
        out.extend(sample.rows.iter().map(|fields| self.row(fields)));
        self.stage = Stage::Rows(records);
        Ok(())
    }

    fn names(&self, first: &[String], rows: &[Vec<String>]) -> Result<Vec<String>, ImportError> {
        if self.options.no_header {
            return Ok((0..first.len()).map(header::letters).collect());
        }
        let problem = |problem| ImportError { line: 1, problem };
        let data = header::data_field(first, &guesses(rows, first.len()));
        if let Some(field) = data.filter(|_| !self.options.header) {
            return Err(problem(Problem::NoHeader { field: field.to_owned() }));
        }
        if let Some(at) = first.iter().position(|name| name.len() > NAME_BYTES) {
            return Err(problem(Problem::CellTooLarge { column: at + 1, limit: NAME_BYTES }));
        }
        Ok(header::names(first))
    }

    fn row(&self, fields: &[String]) -> CsvRow {
        let pairs = fields.iter().zip(&self.columns);
        let mut row = pairs.map(|(field, column)| infer::value(field, column.kind)).collect();
        trim(&mut row);
        row
    }
}

fn guesses(rows: &[Vec<String>], width: usize) -> Vec<Guess> {
    let mut guesses = vec![Guess::default(); width];
    for row in rows {
        guesses.iter_mut().zip(row).for_each(|(guess, field)| guess.see(field));
    }
    guesses
}

fn trim(row: &mut CsvRow) {
    let filled = row.iter().rposition(|value| *value != Value::Empty).map_or(0, |at| at + 1);
    row.truncate(filled);
}

fn counted(records: &Records, rows: u64, options: &CsvOptions) -> Result<u64, ImportError> {
    if rows >= options.rows {
        return Err(records.error(Problem::TooManyRows { limit: options.rows }));
    }
    Ok(rows + 1)
}

/// The record's fields as values of these kinds, and whether it was repaired.
fn values(
    records: &Records,
    options: &CsvOptions,
    kinds: impl ExactSizeIterator<Item = ColumnKind>,
) -> Result<(CsvRow, bool), ImportError> {
    let mut repaired = check_width(records, options, kinds.len())?;
    let mut row = CsvRow::with_capacity(kinds.len());
    for ((at, field), kind) in records.fields().enumerate().zip(kinds) {
        let (text, mended) = text(field, at, options).map_err(|problem| records.error(problem))?;
        repaired |= mended;
        row.push(infer::value(&text, kind));
    }
    Ok((row, repaired))
}

/// The record's fields as text, exactly `width` of them, and whether it was repaired.
fn texts(
    records: &Records,
    options: &CsvOptions,
    width: usize,
) -> Result<(Vec<String>, bool), ImportError> {
    let mut repaired = check_width(records, options, width)?;
    let mut fields = Vec::with_capacity(width);
    for (at, field) in records.fields().enumerate().take(width) {
        let (text, mended) = text(field, at, options).map_err(|problem| records.error(problem))?;
        repaired |= mended;
        fields.push(text.into_owned());
    }
    fields.resize(width, String::new());
    Ok((fields, repaired))
}

/// Refuses a record of another width; true when it may be repaired.
fn check_width(records: &Records, options: &CsvOptions, width: usize) -> Result<bool, ImportError> {
    let fields = records.fields().len();
    let repairable = records.fields().skip(width).all(<[u8]>::is_empty);
    match fields == width {
        true => Ok(false),
        false if options.repair && repairable => Ok(true),
        false => Err(records.error(Problem::Ragged { fields, expected: width })),
    }
}

/// One field as text, and whether bytes of it were repaired.
fn text<'a>(
    field: &'a [u8],
    at: usize,
    options: &CsvOptions,
) -> Result<(Cow<'a, str>, bool), Problem> {
    let column = at + 1;
    if field.contains(&0) {
        return Err(Problem::Nul { column });
    }
    let (text, mended) = match std::str::from_utf8(field) {
        Ok(text) => (Cow::Borrowed(text), false),
        Err(_) if options.repair => (Cow::Owned(mend(field)), true),
        Err(_) => return Err(Problem::NotUtf8 { column }),
    };
    // After the repair: a byte of Windows-1252 may become three of UTF-8.
    if text.len() > options.cell_bytes {
        return Err(Problem::CellTooLarge { column, limit: options.cell_bytes });
    }
    Ok((text, mended))
}

/// Reads valid UTF-8 as such and everything else as Windows-1252: files that were put together
/// from several sources hold both.
fn mend(field: &[u8]) -> String {
    let mut text = String::with_capacity(field.len() + 16);
    for chunk in field.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&encoding_rs::WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    text
}
