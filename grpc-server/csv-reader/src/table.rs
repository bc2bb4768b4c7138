//! From records to a table: the header, the kinds of the columns, then row by row.
//!
//! The stages: `Head` waits for the first line, `Sample` collects the first rows to find the kinds of the columns,
//! `Rows` converts each record to values immediately. Not the kind of a single field: see `infer`.
//!
//! Invariant: the result does not depend on the sizes of the pieces.

mod doubted;
mod preview;

use std::sync::Arc;

pub use preview::Preview;

use super::encoding::Encoding;
use super::fields::{Rules, texts, value, values};
use super::infer::{Field, Guess, Mix, Seen};
use super::joints::{self, Joints};
use super::notation::Locales;
use super::records::Records;
use super::{
    CsvColumn, CsvOptions, CsvRow, ImportError, Noted, Problem, doubts, header, quotes, sniff,
};
use ot_engine::{ColumnKind, Value};
use values::Locale;

/// The delimiter is found from this many bytes, or from the whole file.
const HEAD_BYTES: usize = 64 * 1024;
/// A column's name may have this many bytes (see `ColumnEdit.name`).
const NAME_BYTES: usize = 1024;

/// Reads one CSV file.
pub struct CsvImport {
    options: CsvOptions,
    encoding: Encoding,
    locales: Locales,
    stage: Stage,
    columns: Vec<CsvColumn>,
    rows: u64,
    repaired: u64,
    joints: Joints,
    doubts: Vec<String>,
    /// The kinds of the first columns, where chosen.
    kinds: Vec<Option<ColumnKind>>,
}

enum Stage {
    Head(Vec<u8>),
    Sample(Records, Sample),
    Rows {
        records: Records,
        /// Whether a field in quotes is text, as in an own export.
        quotes_say_text: bool,
    },
}

/// The first record and those below it, as text.
#[derive(Default)]
struct Sample {
    first: Option<Vec<Field>>,
    /// The line on which the first record begins.
    first_line: u64,
    rows: Vec<Vec<Field>>,
    seen: Seen,
}

impl CsvImport {
    /// Before the first byte.
    pub fn new(options: CsvOptions) -> Self {
        let stage = Stage::Head(Vec::new());
        let encoding = Encoding::new(options.encoding);
        let (columns, doubts) = (Vec::new(), Vec::new());
        let (rows, repaired, kinds) = (0, 0, Vec::new());
        let (locales, joints) = (Locales::PLAIN, Joints::default());
        Self { options, encoding, locales, stage, columns, rows, repaired, joints, doubts, kinds }
    }

    /// With these kinds of the first columns, where chosen.
    pub fn with_kinds(self, kinds: Vec<Option<ColumnKind>>) -> Self {
        Self { kinds, ..self }
    }

    /// Reads the next piece of the file; rows that it completes are added to `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<CsvRow>) -> Result<(), ImportError> {
        let text = self
            .encoding
            .decode(bytes, false, self.options.repair.guess_encoding)
            .map_err(at_begin)?;
        self.text(&text, out)
    }

    /// The end of the file.
    pub fn finish(&mut self, out: &mut Vec<CsvRow>) -> Result<(), ImportError> {
        let text = self
            .encoding
            .decode(b"", true, self.options.repair.guess_encoding)
            .map_err(at_begin)?;
        self.text(&text, out)?;
        if let Stage::Head(head) = &mut self.stage {
            let head = std::mem::take(head);
            self.begin(&head, true, out)?;
        }
        let ended = match &mut self.stage {
            Stage::Sample(records, _) | Stage::Rows { records, .. } => records.finish()?,
            Stage::Head(_) => false,
        };
        if ended {
            self.record(out)?;
        }
        if let Stage::Sample(_, sample) = &self.stage {
            if sample.first.is_none() {
                return Err(at_begin(Problem::EmptyFile));
            }
            self.settle(true, out)?;
        }
        if let Stage::Rows { records, .. } = &self.stage {
            if self.encoding.ends_within_unit() {
                if !self.options.repair.replace_damaged {
                    return Err(ImportError { line: records.line(), problem: Problem::OddEnd });
                }
                self.doubts.push(doubts::odd_end());
            }
            self.doubts.extend(doubts::blank_lines(records.blank_lines()));
            self.doubts.extend(doubts::lost_quotes(records.lost_quotes()));
            self.doubts.extend(doubts::padding(records.padding()));
            self.doubts.extend(doubts::joints(self.joints, self.options.repair.leave_out_marks));
        }
        let zone = self.options.notation.zone.as_ref();
        let columns = self.columns.iter().enumerate();
        self.doubts.extend(columns.flat_map(|(at, column)| doubts::noted(at, column, zone)));
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

    /// Guesses that may be wrong, for the person whose file it is.
    pub fn doubts(&self) -> &[String] {
        &self.doubts
    }

    fn text(&mut self, text: &[u8], out: &mut Vec<CsvRow>) -> Result<(), ImportError> {
        let Stage::Head(head) = &mut self.stage else {
            return self.read(text, out);
        };
        head.extend_from_slice(text);
        if head.len() < HEAD_BYTES {
            return Ok(());
        }
        let head = std::mem::take(head);
        self.begin(&head, false, out)
    }

    fn begin(
        &mut self,
        head: &[u8],
        is_whole: bool,
        out: &mut Vec<CsvRow>,
    ) -> Result<(), ImportError> {
        // Always the same bytes, whatever the sizes of the pieces.
        let seen = &head[..head.len().min(HEAD_BYTES)];
        let has_delimiter = self.options.delimiter.is_some();
        let begin = sniff::begin(seen, has_delimiter, is_whole).map_err(at_begin)?;
        self.doubts.extend(begin.resembled.map(doubts::format));
        let named = begin.delimiter.filter(|_| !has_delimiter);
        self.doubts.extend(named.and_then(|named| {
            let other = sniff::unlike(named, begin.records, is_whole)?;
            Some(doubts::unlike(named, other))
        }));
        let mut other = None;
        let delimiter = self.options.delimiter.or(begin.delimiter).unwrap_or_else(|| {
            let found = sniff::delimiter(begin.records, is_whole);
            self.doubts.extend(doubts::delimiter(&found));
            other = found.hidden;
            found.delimiter
        });
        self.doubts.extend(self.encoding.is_guess().then(doubts::encoding));
        let mut records = Records::new(delimiter, self.options.columns);
        records.skip_lines(begin.lines);
        records.set_other(other);
        self.stage = Stage::Sample(records, Sample::default());
        self.read(&head[seen.len() - begin.records.len()..], out)
    }

    fn read(&mut self, mut bytes: &[u8], out: &mut Vec<CsvRow>) -> Result<(), ImportError> {
        loop {
            let ended = match &mut self.stage {
                Stage::Sample(records, _) | Stage::Rows { records, .. } => {
                    records.advance(&mut bytes)?
                }
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
        if let Stage::Sample(records, _) | Stage::Rows { records, .. } = &self.stage {
            self.joints.see(records);
            if self.options.repair.leave_out_marks && joints::is_end_mark(records) {
                return Ok(());
            }
        }
        match &mut self.stage {
            Stage::Head(_) => Ok(()),
            Stage::Rows { records, quotes_say_text } => {
                let columns = &mut self.columns;
                let is_wide = self.encoding.is_wide();
                let rules = Rules { options: &self.options, is_wide, locales: self.locales };
                let (mut row, repaired) = values(records, &rules, columns, *quotes_say_text)?;
                trim(&mut row);
                self.repaired += u64::from(repaired);
                self.rows = counted(records, self.rows, &self.options)?;
                out.push(row);
                Ok(())
            }
            Stage::Sample(records, sample) => {
                let width = sample.first.as_ref().map_or(records.fields().len(), Vec::len);
                let is_wide = self.encoding.is_wide();
                let rules = Rules { options: &self.options, is_wide, locales: self.locales };
                let (fields, repaired) = texts(records, &rules, width)?;
                self.repaired += u64::from(repaired);
                if sample.first.is_none() {
                    if fields.len() == 1 {
                        records.count_blank_lines();
                    }
                    sample.seen.first(lengths(&fields));
                    sample.first_line = records.first_line();
                    sample.first = Some(fields);
                    return Ok(());
                }
                counted(records, sample.rows.len() as u64, &self.options)?;
                let is_enough = sample.seen.row(lengths(&fields));
                sample.rows.push(fields);
                if is_enough {
                    self.settle(false, out)?;
                }
                Ok(())
            }
        }
    }

    /// Enough rows have been seen (`is_whole`: all of them): names the columns, decides their kinds, turns rows to values.
    fn settle(&mut self, is_whole: bool, out: &mut Vec<CsvRow>) -> Result<(), ImportError> {
        let stage = std::mem::replace(&mut self.stage, Stage::Head(Vec::new()));
        let Stage::Sample(records, mut sample) = stage else {
            self.stage = stage;
            return Ok(());
        };
        let mut first = sample.first.take().unwrap_or_default();
        let has_names = !self.options.no_header;
        let seen = quotes::Sample { first: &first, rows: &sample.rows, has_names, is_whole };
        let quotes_say_text = seen.quotes_say_text(records.delimiter());
        if quotes_say_text {
            self.doubts.extend(seen.are_all_quoted().then(doubts::quotes));
        } else {
            let fields = sample.rows.iter_mut().flatten().chain(&mut first);
            fields.for_each(|field| field.is_text = false);
        }
        let (locales, doubt) = self.options.notation.settle(&sample.rows, records.delimiter());
        self.locales = locales;
        let names = self
            .names(&first, &sample.rows)
            .map_err(|problem| ImportError { line: sample.first_line, problem })?;
        self.doubts.extend(doubts::names(&header::shared(&names)));
        let seen = quotes::Sample { first: &first, rows: &sample.rows, has_names, is_whole };
        let has_quotes: Vec<bool> = (0..names.len()).map(|col| seen.has_quotes(col)).collect();
        self.doubts.extend(doubts::kinds(&self.kinds, names.len()));
        if !has_names {
            sample.rows.insert(0, first);
        }
        let guesses = guesses(&sample.rows, names.len(), &locales.inferred);
        self.doubt_texts(&names, &guesses, &has_quotes);
        let chosen = self.kinds.iter().copied().chain(std::iter::repeat(None));
        let column = |(((name, guess), has_quotes), chosen): (
            ((String, &Guess), bool),
            Option<ColumnKind>,
        )| CsvColumn {
            name: Arc::from(name),
            kind: chosen.unwrap_or_else(|| guess.kind(has_quotes, is_whole)),
            chosen: chosen.map(Into::into),
            noted: Noted { mix: Mix::of(has_quotes), ..Noted::default() },
        };
        let found = names.into_iter().zip(&guesses).zip(has_quotes).zip(chosen);
        self.columns = found.map(column).collect();
        let doubt = doubt.and_then(|doubt| self.of_numbers(doubt, &sample.rows));
        self.doubts.extend(doubt.as_ref().map(doubts::decimal_mark));
        self.rows = sample.rows.len() as u64;
        let rules = Rules { options: &self.options, is_wide: self.encoding.is_wide(), locales };
        out.extend(sample.rows.iter().map(|fields| row(fields, &mut self.columns, &rules)));
        self.stage = Stage::Rows { records, quotes_say_text };
        Ok(())
    }

    fn names(&mut self, first: &[Field], rows: &[Vec<Field>]) -> Result<Vec<String>, Problem> {
        if self.options.no_header {
            return Ok((0..first.len()).map(header::letters).collect());
        }
        let locale = self.locales.inferred;
        let below = guesses(rows, first.len(), &locale);
        let data = header::data_field(first, &below, &locale);
        if let Some(field) = data.filter(|_| !self.options.header) {
            return Err(Problem::NoHeader { field: field.to_owned() });
        }
        if let Some(at) = first.iter().position(|name| name.text.len() > NAME_BYTES) {
            return Err(Problem::NameTooLarge { column: at + 1, limit: NAME_BYTES });
        }
        if !self.options.header {
            let value = header::possible_value(first, &below, &locale);
            self.doubts.extend(value.map(doubts::header));
        }
        Ok(header::names(first))
    }
}

fn row(fields: &[Field], columns: &mut [CsvColumn], rules: &Rules<'_>) -> CsvRow {
    let pairs = fields.iter().zip(columns);
    let value = |(field, column): (&Field, _)| value(&field.text, field.is_text, column, rules);
    let mut row = pairs.map(value).collect();
    trim(&mut row);
    row
}

fn at_begin(problem: Problem) -> ImportError {
    ImportError { line: 1, problem }
}

/// The bytes of each text.
fn lengths(fields: &[Field]) -> impl Iterator<Item = usize> {
    fields.iter().map(|field| field.text.len())
}

fn guesses(rows: &[Vec<Field>], width: usize, locale: &Locale) -> Vec<Guess> {
    let mut guesses = vec![Guess::default(); width];
    for row in rows {
        guesses.iter_mut().zip(row).for_each(|(guess, field)| guess.see(field, locale));
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
