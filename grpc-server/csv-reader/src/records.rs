//! Bytes to records: fields, whether they stand in quotes, and line numbers.
//!
//! RFC 4180, and what spreadsheets write: a line ends with `\n`, `\r\n` or `\r`; a quote inside a field without quotes is
//! content, as is what follows a closing quote. Fields are bytes here; `infer` decides their kind.
//!
//! Invariant: a record takes no more than its bound, and the result does not depend on the sizes of the pieces.

use super::{ImportError, Problem};

/// One record may take this many bytes; a quote that is never closed meets this limit.
pub(super) const RECORD_BYTES: usize = 8 * 1024 * 1024;
/// Where DOS files end: no content.
pub(super) const END_MARK: u8 = 0x1a;
/// What fills the last sector of a file.
const PADDING: [u8; 2] = [END_MARK, 0];

/// Where the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Before a record.
    Between,
    /// Before the first byte of a field.
    Before,
    /// In a field without quotes, or behind its closing quote.
    Plain,
    /// Between quotes.
    Quoted,
    /// Behind a quote between quotes: it closes the field, or the next byte is a quote, too.
    Quote,
    /// Behind a line of nothing but padding: it is a record if another line follows.
    Marked,
}

/// Fields with content behind a closing quote: their quotes are gone, their content is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LostQuotes {
    /// How many.
    pub(super) fields: u64,
    /// The line on which the record of the first one begins.
    pub(super) line: u64,
}

pub(super) struct Records {
    delimiter: u8,
    data: Vec<u8>,
    /// Where each field ends, and whether it begins with a quote.
    fields: Vec<(usize, bool)>,
    place: Place,
    is_quoted: bool,
    /// Where its quotes end in `data`.
    quoted_end: usize,
    /// Whether a quote of the record is content, or content follows a closing quote: RFC 4180 has neither.
    is_odd: bool,
    /// Whether the last byte was a `\r`: a `\n` behind it ends no line.
    after_return: bool,
    /// Whether a line without a byte is a record with one empty field.
    blank_lines_count: bool,
    /// How many lines without a byte were left out.
    blank_lines: u64,
    lost_quotes: LostQuotes,
    /// How many NUL characters at the end of the file were left out.
    padding: u64,
    /// Another delimiter that may be meant.
    other: Option<u8>,
    /// The line that the next byte belongs to.
    line: u64,
    /// The line on which the current record begins.
    first_line: u64,
    field_limit: usize,
}

impl LostQuotes {
    /// Counts a field with this byte as content, if it stands behind the closing quote.
    fn count(&mut self, place: Place, byte: u8, first_line: u64) {
        if place == Place::Quote && !PADDING.contains(&byte) {
            self.line = if self.fields == 0 { first_line } else { self.line };
            self.fields += 1;
        }
    }
}

impl Records {
    pub(super) fn new(delimiter: u8, field_limit: usize) -> Self {
        Self {
            delimiter,
            data: Vec::new(),
            fields: Vec::new(),
            place: Place::Between,
            is_quoted: false,
            quoted_end: 0,
            is_odd: false,
            after_return: false,
            blank_lines_count: false,
            blank_lines: 0,
            lost_quotes: LostQuotes::default(),
            padding: 0,
            other: None,
            line: 1,
            first_line: 1,
            field_limit,
        }
    }

    /// From here on a line without a byte is a record: in a file with one column it is an empty cell.
    pub(super) fn count_blank_lines(&mut self) {
        self.blank_lines_count = true;
    }

    /// Another delimiter divides most lines below the first one evenly.
    pub(super) fn set_other(&mut self, other: Option<u8>) {
        self.other = other;
    }

    /// The other delimiter that may be meant.
    pub(super) fn other(&self) -> Option<u8> {
        self.other
    }

    /// How many NUL characters at the end of the file were left out.
    pub(super) fn padding(&self) -> u64 {
        self.padding
    }

    /// How many lines without a byte were left out so far.
    pub(super) fn blank_lines(&self) -> u64 {
        self.blank_lines
    }

    /// The fields so far that have content behind a closing quote.
    pub(super) fn lost_quotes(&self) -> LostQuotes {
        self.lost_quotes
    }

    /// The line on which the current record begins.
    pub(super) fn first_line(&self) -> u64 {
        self.first_line
    }

    /// The line that the next byte belongs to.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Passes over lines that stand before the first record.
    pub(super) fn skip_lines(&mut self, lines: u64) {
        self.line += lines;
    }

    /// Reads up to the end of the next record. True: [`Records::fields`] has it. False: the input
    /// is used up.
    pub(super) fn advance(&mut self, input: &mut &[u8]) -> Result<bool, ImportError> {
        while let Some((&byte, rest)) = input.split_first() {
            if self.place == Place::Marked && !(byte == b'\n' && self.after_return) {
                self.place = Place::Between;
                return Ok(true);
            }
            if self.place == Place::Plain || self.place == Place::Quoted {
                let content = self.content(input);
                if content > 0 {
                    self.data.extend_from_slice(&input[..content]);
                    *input = &input[content..];
                    self.after_return = false;
                    self.check_size()?;
                    continue;
                }
            }
            *input = rest;
            if self.byte(byte)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The end of the file. True: the last line had no line end, [`Records::fields`] has it.
    pub(super) fn finish(&mut self) -> Result<bool, ImportError> {
        match self.place {
            Place::Between => return Ok(false),
            Place::Marked => {
                self.drop_padding(0);
                return Ok(false);
            }
            Place::Quoted => return Err(self.error(Problem::OpenQuote)),
            Place::Before | Place::Plain | Place::Quote => {}
        }
        if self.place == Place::Plain && self.drops_line() {
            self.place = Place::Between;
            return Ok(false);
        }
        self.end_field()?;
        self.place = Place::Between;
        Ok(true)
    }

    /// Takes the padding behind the last line and its content away; true where the line has nothing else.
    fn drops_line(&mut self) -> bool {
        let begin = self.fields.last().map_or(0, |(end, _)| *end);
        // What stands in quotes is content.
        let begin = if self.is_quoted { begin.max(self.quoted_end) } else { begin };
        let is_content = |byte: &u8| !PADDING.contains(byte);
        let last = self.data[begin..].iter().rposition(is_content);
        let end = last.map_or(begin, |at| begin + at + 1);
        let is_lone = end == 0 && self.fields.is_empty() && !self.is_quoted;
        self.drop_padding(end);
        is_lone
    }

    fn drop_padding(&mut self, end: usize) {
        self.padding += self.data.drain(end..).filter(|byte| *byte == 0).count() as u64;
    }

    /// The fields of the record that was read last.
    pub(super) fn fields(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        let start = |at: usize| if at == 0 { 0 } else { self.fields[at - 1].0 };
        (0..self.fields.len()).map(move |at| &self.data[start(at)..self.fields[at].0])
    }

    /// The last field of the record that was read last.
    pub(super) fn last_field(&self) -> &[u8] {
        let begin = self.fields.len().checked_sub(2).map_or(0, |at| self.fields[at].0);
        &self.data[begin..]
    }

    /// Whether a field stands in quotes.
    pub(super) fn is_quoted(&self, at: usize) -> bool {
        self.fields.get(at).is_some_and(|(_, is_quoted)| *is_quoted)
    }

    /// Whether the record has quotes where RFC 4180 has none, as one has that is read with a wrong delimiter.
    pub(super) fn is_odd(&self) -> bool {
        self.is_odd
    }

    /// The character between fields.
    pub(super) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// An error on the line where the record begins.
    pub(super) fn error(&self, problem: Problem) -> ImportError {
        ImportError { line: self.first_line, problem }
    }

    /// How many of the next bytes are nothing but content.
    fn content(&self, input: &[u8]) -> usize {
        let ends = |byte: &u8| match self.place {
            Place::Quoted => matches!(byte, b'"' | b'\r' | b'\n'),
            _ => *byte == self.delimiter || matches!(byte, b'"' | b'\r' | b'\n'),
        };
        input.iter().position(ends).unwrap_or(input.len())
    }

    /// Reads one byte; true at the end of a record.
    fn byte(&mut self, byte: u8) -> Result<bool, ImportError> {
        let is_second = byte == b'\n' && std::mem::take(&mut self.after_return);
        self.after_return = byte == b'\r';
        let ends_line = matches!(byte, b'\r' | b'\n') && !is_second;
        let line = self.line;
        self.line += u64::from(ends_line);
        match self.place {
            Place::Between | Place::Marked if is_second => {}
            Place::Between | Place::Marked => {
                self.data.clear();
                self.fields.clear();
                self.is_odd = false;
                self.first_line = line;
                if ends_line {
                    if self.blank_lines_count {
                        self.end_field()?;
                    } else {
                        self.blank_lines += 1;
                    }
                    return Ok(self.blank_lines_count);
                }
                self.begin_field(byte)?;
            }
            Place::Quoted if byte == b'"' => {
                self.quoted_end = self.data.len();
                self.place = Place::Quote;
            }
            Place::Quoted => self.data.push(byte),
            Place::Quote if byte == b'"' => {
                self.data.push(byte);
                self.place = Place::Quoted;
            }
            Place::Before | Place::Plain | Place::Quote if ends_line => {
                let is_mark = self.is_end_mark();
                self.end_field()?;
                self.place = if is_mark { Place::Marked } else { Place::Between };
                return Ok(!is_mark);
            }
            Place::Before => self.begin_field(byte)?,
            Place::Plain | Place::Quote if byte == self.delimiter => {
                self.end_field()?;
                self.place = Place::Before;
            }
            Place::Plain | Place::Quote => {
                self.is_odd |= byte == b'"' || self.place == Place::Quote;
                self.lost_quotes.count(self.place, byte, self.first_line);
                self.data.push(byte);
                self.place = Place::Plain;
            }
        }
        self.check_size()?;
        Ok(false)
    }

    /// Whether the line so far is nothing but padding, outside of quotes.
    fn is_end_mark(&self) -> bool {
        let is_lone = self.fields.is_empty() && !self.is_quoted;
        is_lone && !self.data.is_empty() && self.data.iter().all(|byte| PADDING.contains(byte))
    }

    fn begin_field(&mut self, byte: u8) -> Result<(), ImportError> {
        self.place = match byte {
            b'"' => {
                self.is_quoted = true;
                Place::Quoted
            }
            byte if byte == self.delimiter => {
                self.end_field()?;
                Place::Before
            }
            byte => {
                self.data.push(byte);
                Place::Plain
            }
        };
        Ok(())
    }

    fn end_field(&mut self) -> Result<(), ImportError> {
        self.fields.push((self.data.len(), std::mem::take(&mut self.is_quoted)));
        if self.fields.len() > self.field_limit {
            return Err(self.error(Problem::TooManyColumns { limit: self.field_limit }));
        }
        Ok(())
    }

    fn check_size(&self) -> Result<(), ImportError> {
        if self.data.len() > RECORD_BYTES {
            return Err(self.error(Problem::RowTooLarge { limit: RECORD_BYTES }));
        }
        Ok(())
    }
}
