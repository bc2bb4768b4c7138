//! Bytes to records: csv-core with buffers that grow up to a bound, and line numbers.
//!
//! Fields are bytes here; `infer` decides their kind. Invariant: a record takes no more than its bound, and blank
//! lines are skipped.

use super::{ImportError, Problem};

/// One record may take this many bytes; a quote that is never closed meets this limit.
pub(super) const RECORD_BYTES: usize = 8 * 1024 * 1024;
const FIRST_RECORD_BYTES: usize = 16 * 1024;
const FIRST_FIELDS: usize = 64;

pub(super) struct Records {
    reader: csv_core::Reader,
    data: Vec<u8>,
    ends: Vec<usize>,
    data_len: usize,
    fields: usize,
    /// True between a record's first byte and its end.
    inside: bool,
    /// The line that the next byte belongs to.
    line: u64,
    /// The line on which the current record begins.
    first_line: u64,
    field_limit: usize,
}

impl Records {
    pub(super) fn new(delimiter: u8, field_limit: usize) -> Self {
        Self {
            reader: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            data: vec![0; FIRST_RECORD_BYTES],
            ends: vec![0; FIRST_FIELDS],
            data_len: 0,
            fields: 0,
            inside: false,
            line: 1,
            first_line: 1,
            field_limit,
        }
    }

    /// Reads up to the end of the next record. True: [`Records::fields`] has it. False: the input
    /// is used up.
    pub(super) fn advance(&mut self, input: &mut &[u8]) -> Result<bool, ImportError> {
        if !self.inside && !self.begin(input) {
            return Ok(false);
        }
        loop {
            let (data, ends) = (&mut self.data[self.data_len..], &mut self.ends[self.fields..]);
            let (result, read, written, ended) = self.reader.read_record(input, data, ends);
            self.line += newlines(&input[..read]);
            *input = &input[read..];
            self.data_len += written;
            self.fields += ended;
            match result {
                csv_core::ReadRecordResult::Record => {
                    self.inside = false;
                    return if self.fields > self.field_limit {
                        Err(self.error(Problem::TooManyColumns { limit: self.field_limit }))
                    } else {
                        Ok(true)
                    };
                }
                csv_core::ReadRecordResult::OutputFull => self.grow_data()?,
                csv_core::ReadRecordResult::OutputEndsFull => self.grow_ends()?,
                csv_core::ReadRecordResult::InputEmpty | csv_core::ReadRecordResult::End => {
                    return Ok(false);
                }
            }
        }
    }

    /// The end of the file. True: the last line had no line end, [`Records::fields`] has it.
    pub(super) fn finish(&mut self) -> Result<bool, ImportError> {
        if !self.inside {
            return Ok(false);
        }
        // A line end closes every record but one that stands between quotes, where it is content.
        let line = self.line;
        let ended = self.advance(&mut b"\n".as_slice())?;
        self.line = line;
        if ended { Ok(true) } else { Err(self.error(Problem::OpenQuote)) }
    }

    /// The fields of the record that was read last.
    pub(super) fn fields(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        let start = |at: usize| if at == 0 { 0 } else { self.ends[at - 1] };
        (0..self.fields).map(move |at| &self.data[start(at)..self.ends[at]])
    }

    /// How many bytes the record's fields have.
    pub(super) fn bytes(&self) -> usize {
        self.data_len
    }

    /// An error on the line where the record begins.
    pub(super) fn error(&self, problem: Problem) -> ImportError {
        ImportError { line: self.first_line, problem }
    }

    /// Skips line ends before a record, so that its line number is that of its first byte (csv-core
    /// reports a record at `\r` and would count the `\n` to the next one).
    fn begin(&mut self, input: &mut &[u8]) -> bool {
        let blank = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.line += newlines(&input[..blank]);
        *input = &input[blank..];
        if input.is_empty() {
            return false;
        }
        (self.data_len, self.fields, self.first_line, self.inside) = (0, 0, self.line, true);
        true
    }

    fn grow_data(&mut self) -> Result<(), ImportError> {
        if self.data.len() >= RECORD_BYTES {
            return Err(self.error(Problem::RowTooLarge { limit: RECORD_BYTES }));
        }
        self.data.resize(self.data.len() * 2, 0);
        Ok(())
    }

    fn grow_ends(&mut self) -> Result<(), ImportError> {
        if self.fields > self.field_limit {
            return Err(self.error(Problem::TooManyColumns { limit: self.field_limit }));
        }
        self.ends.resize(self.ends.len() * 2, 0);
        Ok(())
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}
