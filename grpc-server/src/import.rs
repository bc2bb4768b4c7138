//! Reads CSV: the bytes of a file, in pieces of any size, become columns and rows of values.
//!
//! Not the call that brings the bytes, and not the tables: no network, no database, no clock.
//!
//! Invariant: [`CsvImport`] keeps the record that is being read and, until the kinds of the columns are known, the
//! first rows. So its memory does not grow with the file. After an error it is of no further use.

mod error;
mod header;
mod infer;
mod records;
mod sniff;
mod table;
#[cfg(test)]
mod tests;

pub use error::{ImportError, Problem};
pub use table::CsvImport;

use std::sync::Arc;

use ot_engine::{ColumnKind, Value};

/// How a file is to be read.
#[derive(Clone, Debug)]
pub struct CsvOptions {
    /// True when the first line is data: columns are then named A, B, C, ...
    pub no_header: bool,
    /// True when the first line is a header, even if it looks like data.
    pub header: bool,
    /// True: repair rows as `StartImportRequest.repair` describes.
    pub repair: bool,
    /// The character between fields; `None`: found from the first line.
    pub delimiter: Option<u8>,
    /// Bytes in one cell at most.
    pub cell_bytes: usize,
    /// Columns at most.
    pub columns: usize,
    /// Rows at most.
    pub rows: u64,
}

/// A column as the file shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvColumn {
    /// From the header; unique in the file.
    pub name: Arc<str>,
    /// From the first rows.
    pub kind: ColumnKind,
}

/// One row: a value for each column, empty ones at the end left out.
pub type CsvRow = Vec<Value>;
