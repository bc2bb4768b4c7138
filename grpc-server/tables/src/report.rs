//! What a preview shows, and what a reading has read.
//!
//! Plain data. Invariant: doubts are sentences for the person whose file it is.

use ot_engine::Value;

use crate::{Format, TableColumn};

/// Rows that a preview has at most.
pub(crate) const PREVIEW_ROWS: usize = 20;
/// The doubt of a preview that ends within the first line.
pub(crate) const LONG_LINE: &str = "the first line is longer than a preview reads";

/// The begin of a file as a reading of it sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// The format, chosen or found.
    pub format: Format,
    /// The worksheets of a workbook.
    pub worksheets: Vec<String>,
    /// The columns.
    pub columns: Vec<TableColumn>,
    /// The first rows; long texts are cut.
    pub rows: Vec<Vec<Value>>,
    /// The number of all rows, where the format states it.
    pub row_count: Option<u64>,
    /// Guesses that may be wrong, as sentences.
    pub doubts: Vec<String>,
    /// Of CSV: the character between fields.
    pub delimiter: Option<u8>,
    /// The name of the encoding of a text.
    pub encoding: Option<String>,
    /// Of CSV: the decimal mark of its numbers.
    pub decimal: Option<char>,
    /// Whether the first row is read as names.
    pub has_header: bool,
    /// Whether a person should choose if the first row has names. CSV is read only with that choice.
    pub is_header_in_doubt: bool,
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The format, chosen or found.
    pub format: Format,
    /// The columns of the table.
    pub columns: Vec<TableColumn>,
    /// For each column the values that are texts beside it. In a column of any kind these are its texts, in the others
    /// values that do not fit the kind.
    pub misfits: Vec<u64>,
    /// The rows of the table.
    pub rows: u64,
    /// Guesses that may be wrong, and what was left out, as sentences.
    pub doubts: Vec<String>,
    /// Rows that were repaired.
    pub repaired_rows: u64,
    /// The bytes of the table.
    pub bytes_written: u64,
}

impl Preview {
    /// A preview that shows nothing yet.
    pub(crate) fn of(format: Format) -> Self {
        Self {
            format,
            worksheets: Vec::new(),
            columns: Vec::new(),
            rows: Vec::new(),
            row_count: None,
            doubts: Vec::new(),
            delimiter: None,
            encoding: None,
            decimal: None,
            has_header: false,
            is_header_in_doubt: false,
        }
    }
}
