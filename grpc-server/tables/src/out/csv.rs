//! Files of CSV and TSV, as exports of sheets are.
//!
//! Not their lines: see the crate `csv-reader`. The first rows wait until the quotes are known that show which fields are texts.
//! Invariant: as many rows wait as an import takes for its sample.

use csv_reader::{CsvForm, Quoting, Sampled, WrittenFor, are_texts, write_names, write_row};
use ot_engine::Value;

use super::saved::{OutColumn, SavedFor, WriteError, cells};
use super::sink::Sink;
use crate::column::is_text;

/// Bytes that are written at once.
const PIECE: usize = 64 * 1024;

/// A file of CSV.
pub(super) struct CsvRows<'a> {
    sink: Sink<'a>,
    form: CsvForm,
    columns: Vec<OutColumn>,
    buffer: Vec<u8>,
    /// Known behind the sample.
    quoting: Option<Quoting>,
    sampled: Sampled,
    sample: Vec<Vec<Value>>,
}

impl<'a> CsvRows<'a> {
    pub(super) fn new(
        delimiter: u8,
        saved_for: SavedFor,
        columns: &[OutColumn],
        sink: Sink<'a>,
    ) -> Result<Self, WriteError> {
        let written_for = match saved_for {
            SavedFor::Programs => WrittenFor::Programs,
            SavedFor::Spreadsheets => WrittenFor::Spreadsheets,
        };
        let sampled = Sampled::new(&names(columns));
        let mut this = Self {
            sink,
            form: CsvForm { written_for, delimiter },
            columns: columns.to_vec(),
            buffer: Vec::new(),
            quoting: None,
            sampled,
            sample: Vec::new(),
        };
        // A file for spreadsheets needs no quotes of its own.
        if written_for == WrittenFor::Spreadsheets {
            this.begin(false)?;
        }
        Ok(this)
    }

    pub(super) fn push(&mut self, row: &[Value]) -> Result<(), WriteError> {
        let width = self.columns.len();
        if let Some(quoting) = &self.quoting {
            write_row(&mut self.buffer, cells(row, width), self.form, quoting);
            return self.pass_on();
        }
        let is_last = self.sampled.row(cells(row, width));
        self.sample.push(row.iter().take(width).cloned().collect());
        if is_last { self.begin(true) } else { Ok(()) }
    }

    pub(super) fn finish(mut self) -> Result<Vec<String>, WriteError> {
        if self.quoting.is_none() {
            self.begin(false)?;
        }
        self.sink.take(&mut self.buffer)?;
        self.sink.end()?;
        Ok(Vec::new())
    }

    /// Writes the sample. `with_more`: rows may follow it.
    fn begin(&mut self, with_more: bool) -> Result<(), WriteError> {
        let (width, sample) = (self.columns.len(), std::mem::take(&mut self.sample));
        let seen: Vec<Vec<&Value>> = sample.iter().map(|row| cells(row, width).collect()).collect();
        // The rows that follow are unknown: a column that may have other values than texts is quoted as if it had.
        let later: Vec<bool> = are_texts(width, &seen)
            .into_iter()
            .zip(&self.columns)
            .map(|(seems_text, it)| with_more && seems_text && !(it.is_exact && is_text(it.kind)))
            .collect();
        let names = names(&self.columns);
        let quoting = Quoting::of(&names, &seen, &later);
        write_names(&mut self.buffer, names.into_iter(), self.form, &quoting);
        for row in seen {
            write_row(&mut self.buffer, row.into_iter(), self.form, &quoting);
            if self.buffer.len() >= PIECE {
                self.sink.take(&mut self.buffer)?;
            }
        }
        self.quoting = Some(quoting);
        self.pass_on()
    }

    fn pass_on(&mut self) -> Result<(), WriteError> {
        if self.buffer.len() >= PIECE { self.sink.take(&mut self.buffer) } else { Ok(()) }
    }
}

fn names(columns: &[OutColumn]) -> Vec<&str> {
    columns.iter().map(|column| &*column.name).collect()
}
